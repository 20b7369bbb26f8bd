//! What shapes share, and what they are together.

mod plane;

use super::{
    Run, at, edit,
    shapes::{self, Polygon, bag, coordinates, lines_of, polygons_of},
    sphere::Place,
};
use crate::Value;
use plane::{Chart, Drawing, Line, Piece};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "geo_intersection_2polygons" => |args| {
            let shapes = polygons_of(at(args, 0)).zip(polygons_of(at(args, 1)));
            shapes.and_then(|(a, b)| common_polygons(&a, &b)).map_or(Value::Null, collected)
        },
        "geo_intersects_2polygons" => |args| {
            let shapes = polygons_of(at(args, 0)).zip(polygons_of(at(args, 1)));
            shapes.and_then(|(a, b)| common_polygons(&a, &b)).map(|common| !common.is_empty()).into()
        },
        "geo_intersection_line_with_polygon" => |args| {
            let shapes = lines_of(at(args, 0)).zip(polygons_of(at(args, 1)));
            shapes.and_then(|(a, b)| common_lines(&a, &Other::Polygons(&b))).map_or(Value::Null, collected)
        },
        "geo_intersects_line_with_polygon" => |args| {
            let shapes = lines_of(at(args, 0)).zip(polygons_of(at(args, 1)));
            shapes.and_then(|(a, b)| common_lines(&a, &Other::Polygons(&b))).map(|common| !common.is_empty()).into()
        },
        "geo_intersection_2lines" => |args| {
            let shapes = lines_of(at(args, 0)).zip(lines_of(at(args, 1)));
            shapes.and_then(|(a, b)| common_lines(&a, &Other::Lines(&b))).map_or(Value::Null, collected)
        },
        "geo_intersects_2lines" => |args| {
            let shapes = lines_of(at(args, 0)).zip(lines_of(at(args, 1)));
            shapes.and_then(|(a, b)| common_lines(&a, &Other::Lines(&b))).map(|common| !common.is_empty()).into()
        },
        "geo_union_polygons_array" => |args| {
            let polygons = array(at(args, 0), polygons_of);
            polygons.and_then(|polygons| united(&polygons)).map_or(Value::Null, |all| polygons_value(&all))
        },
        "geo_union_lines_array" => |args| {
            let lines = array(at(args, 0), lines_of);
            lines.and_then(|lines| united_lines(&lines)).map_or(Value::Null, collected)
        },
        "geo_simplify_polygons_array" => |args| {
            let Some(most) = edit::tolerance(args) else { return Value::Null };
            let polygons = array(at(args, 0), polygons_of);
            let simple = polygons.and_then(|polygons| edit::simplified_polygons(&polygons, most));
            simple.and_then(|polygons| united(&polygons)).map_or(Value::Null, |all| polygons_value(&all))
        },
        _ => return None,
    })
}

fn array<T>(value: &Value, read: impl Fn(&Value) -> Option<Vec<T>>) -> Option<Vec<T>> {
    let shapes = shapes::items(value)?.iter().map(read).collect::<Option<Vec<_>>>()?;
    Some(shapes.into_iter().flatten().collect())
}

fn polygons_value(polygons: &[Polygon]) -> Value {
    match polygons {
        [one] => shapes::polygon(one),
        several => {
            let rings = |polygon: &Polygon| Value::array(polygon.iter().map(|ring| shapes::closed(ring)).collect());
            shapes::shape("MultiPolygon", Value::array(several.iter().map(rings).collect()))
        }
    }
}

/// What is shared: points, lines and areas.
#[derive(Default)]
struct Shared {
    points: Vec<Place>,
    lines: Vec<Vec<Place>>,
    polygons: Vec<Polygon>,
}

impl Shared {
    fn is_empty(&self) -> bool {
        self.points.is_empty() && self.lines.is_empty() && self.polygons.is_empty()
    }
}

/// One shape where one is enough; else a collection of what there is.
fn collected(shared: Shared) -> Value {
    let line = |line: &Vec<Place>| Value::array(line.iter().map(|place| coordinates(*place)).collect());
    let mut all: Vec<Value> = Vec::new();
    match shared.points.as_slice() {
        [] => {}
        [one] => all.push(shapes::point(*one)),
        several => {
            all.push(shapes::shape("MultiPoint", Value::array(several.iter().map(|p| coordinates(*p)).collect())));
        }
    }
    match shared.lines.as_slice() {
        [] => {}
        [one] => all.push(shapes::line_string(one)),
        several => all.push(shapes::shape("MultiLineString", Value::array(several.iter().map(line).collect()))),
    }
    if !shared.polygons.is_empty() {
        all.push(polygons_value(&shared.polygons));
    }
    match all.as_slice() {
        [one] => one.clone(),
        _ => bag([("type", "GeometryCollection".into()), ("geometries", Value::array(all))]),
    }
}

/// All edges of polygons, on a map.
fn outline(chart: &Chart, polygons: &[Polygon]) -> Option<Vec<Vec<Line>>> {
    let edges = |polygon: &Polygon| {
        let ring = |ring: &Vec<Place>| {
            let points = ring.iter().map(|place| chart.draw(*place)).collect::<Option<Vec<_>>>()?;
            Some(points.iter().copied().zip(points.iter().copied().cycle().skip(1)).collect::<Vec<Line>>())
        };
        Some(polygon.iter().map(ring).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
    };
    polygons.iter().map(edges).collect()
}

fn chart<'p>(places: impl Iterator<Item = &'p Place>) -> Chart {
    Chart::around(places.copied())
}

/// The area of all polygons together.
pub(super) fn united(polygons: &[Polygon]) -> Option<Vec<Polygon>> {
    let chart = chart(polygons.iter().flatten().flatten());
    let outlines = outline(&chart, polygons)?;
    let drawing = Drawing::new(outlines.iter().flatten().copied())?;
    let inside = |point| outlines.iter().any(|outline| plane::within(point, outline));
    let rings = drawing.bounded(inside);
    Some(placed(&chart, rings))
}

/// Rings on the map as polygons on the ball.
fn placed(chart: &Chart, rings: Vec<Vec<plane::Point>>) -> Vec<Polygon> {
    let polygons = plane::grouped(rings).into_iter();
    polygons.map(|rings| rings.iter().map(|ring| ring.iter().map(|p| chart.place(*p)).collect()).collect()).collect()
}

fn common_polygons(a: &[Polygon], b: &[Polygon]) -> Option<Shared> {
    let chart = chart(a.iter().chain(b).flatten().flatten());
    let (first, second) = (outline(&chart, a)?, outline(&chart, b)?);
    let drawing = Drawing::new(first.iter().chain(&second).flatten().copied())?;
    let in_first = |point| first.iter().any(|outline| plane::within(point, outline));
    let in_second = |point| second.iter().any(|outline| plane::within(point, outline));
    let rings = drawing.bounded(|point| in_first(point) && in_second(point));
    let on = |outlines: &[Vec<Line>], point| outlines.iter().flatten().any(|line| plane::touches(point, *line));
    let lines = drawing.pieces().filter(|piece| {
        let middle = piece.middle();
        let bounds = rings.iter().any(|ring| plane::on_ring(middle, ring));
        !bounds && on(&first, middle) && on(&second, middle)
    });
    let lines = plane::chained(lines.collect());
    let points = drawing.points().filter(|point| {
        let known = rings.iter().flatten().chain(lines.iter().flatten()).any(|other| plane::same(*point, *other));
        !known && on(&first, *point) && on(&second, *point)
    });
    let points = points.map(|point| chart.place(point)).collect();
    let lines = lines.iter().map(|line| line.iter().map(|point| chart.place(*point)).collect()).collect();
    Some(Shared { points, lines, polygons: placed(&chart, rings) })
}

enum Other<'o> {
    Lines(&'o [Vec<Place>]),
    Polygons(&'o [Polygon]),
}

fn drawn(chart: &Chart, lines: &[Vec<Place>]) -> Option<Vec<Line>> {
    let mut found = Vec::new();
    for line in lines {
        let points = line.iter().map(|place| chart.draw(*place)).collect::<Option<Vec<_>>>()?;
        found.extend(points.iter().copied().zip(points.iter().copied().skip(1)));
    }
    Some(found)
}

/// What lines share with others, or with polygons.
fn common_lines(lines: &[Vec<Place>], other: &Other<'_>) -> Option<Shared> {
    let places: Vec<Place> = match other {
        Other::Lines(others) => lines.iter().chain(*others).flatten().copied().collect(),
        Other::Polygons(polygons) => {
            lines.iter().flatten().chain(polygons.iter().flatten().flatten()).copied().collect()
        }
    };
    let chart = chart(places.iter());
    let first = drawn(&chart, lines)?;
    let outlines = match other {
        Other::Lines(others) => vec![drawn(&chart, others)?],
        Other::Polygons(polygons) => outline(&chart, polygons)?,
    };
    let areas = matches!(other, Other::Polygons(_));
    let drawing = Drawing::new(first.iter().chain(outlines.iter().flatten()).copied())?;
    let held = |point| {
        let touched = outlines.iter().flatten().any(|line| plane::touches(point, *line));
        touched || (areas && outlines.iter().any(|outline| plane::within(point, outline)))
    };
    let on_first = |point| first.iter().any(|line| plane::touches(point, *line));
    let pieces = drawing.pieces().filter(|piece| on_first(piece.middle()) && held(piece.middle()));
    let chains = plane::chained(pieces.collect());
    let points = drawing.points().filter(|point| {
        let known = chains.iter().flatten().any(|other| plane::same(*point, *other));
        !known && on_first(*point) && held(*point)
    });
    let points = points.map(|point| chart.place(point)).collect();
    let lines = chains.iter().map(|line| line.iter().map(|point| chart.place(*point)).collect()).collect();
    Some(Shared { points, lines, polygons: Vec::new() })
}

fn united_lines(lines: &[Vec<Place>]) -> Option<Shared> {
    let chart = chart(lines.iter().flatten());
    let drawing = Drawing::new(drawn(&chart, lines)?.into_iter())?;
    let chains = plane::chained(drawing.pieces().collect::<Vec<Piece>>());
    let lines = chains.iter().map(|line| line.iter().map(|point| chart.place(*point)).collect()).collect();
    Some(Shared { lines, ..Shared::default() })
}
