//! Lines and polygons with more points, or with fewer.

use super::{
    Run, at,
    shapes::{self, lines_of, pair, polygons_of},
    sphere::{Place, RADIUS},
};
use crate::{Value, value::as_real};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "geo_point_buffer" => point_buffer,
        "geo_line_densify" => |args| densified(args, |shape| lines_of(shape).is_some()),
        "geo_polygon_densify" => |args| densified(args, |shape| polygons_of(shape).is_some()),
        "geo_line_simplify" => |args| {
            let (Some(lines), Some(most)) = (lines_of(at(args, 0)), tolerance(args)) else { return Value::Null };
            let simple = lines.iter().map(|line| simplified(line, most)).collect::<Option<Vec<_>>>();
            match simple.as_deref() {
                Some([one]) => shapes::line_string(one),
                Some(several) => {
                    let line = |line: &Vec<Place>| Value::array(line.iter().map(|p| shapes::coordinates(*p)).collect());
                    shapes::shape("MultiLineString", Value::array(several.iter().map(line).collect()))
                }
                None => Value::Null,
            }
        },
        "geo_polygon_simplify" => |args| {
            let (Some(polygons), Some(most)) = (polygons_of(at(args, 0)), tolerance(args)) else { return Value::Null };
            match simplified_polygons(&polygons, most).as_deref() {
                Some([one]) => shapes::polygon(one),
                Some(several) => {
                    let one =
                        |rings: &shapes::Polygon| Value::array(rings.iter().map(|ring| shapes::closed(ring)).collect());
                    shapes::shape("MultiPolygon", Value::array(several.iter().map(one).collect()))
                }
                None => Value::Null,
            }
        },
        _ => return None,
    })
}

/// The places so many metres away, with no edge further inside than allowed.
fn point_buffer(args: &[Value]) -> Value {
    let (Some(place), Some(radius)) = (super::place(args, 0), as_real(at(args, 2))) else { return Value::Null };
    let most = as_real(at(args, 3)).unwrap_or((radius * 0.05).max(10.0));
    if !(radius > 0.0 && radius <= RADIUS && most >= 0.1) {
        return Value::Null;
    }
    let corners = (std::f64::consts::PI / (1.0 - (most / radius).min(0.3)).acos()).ceil().clamp(8.0, 4_096.0);
    let aside = if place.x.abs() < 0.9 { Place { x: 1.0, y: 0.0, z: 0.0 } } else { Place { x: 0.0, y: 1.0, z: 0.0 } };
    let east = place.cross(aside).unit();
    let north = place.cross(east);
    let (sin, cos) = (radius / RADIUS).sin_cos();
    let count = crate::value::as_long_exact(corners).unwrap_or(8);
    let corner = |index: i64| {
        let (up, along) = (std::f64::consts::TAU * index as f64 / count as f64).sin_cos();
        place.scaled(cos).plus(east.scaled(along * sin)).plus(north.scaled(up * sin)).unit()
    };
    shapes::polygon(&[(0..count).map(corner).collect()])
}

pub(super) fn tolerance(args: &[Value]) -> Option<f64> {
    if args.len() < 2 { Some(10.0) } else { as_real(at(args, 1)).filter(|most| (0.1..=10_000.0).contains(most)) }
}

/// The points without which a line is no further from itself than so many metres (Douglas and Peucker).
fn simplified(line: &[Place], most: f64) -> Option<Vec<Place>> {
    let (first, last) = line.first().zip(line.last())?;
    if first != last && first.metres(*last) <= most {
        return None;
    }
    let mut kept = vec![*first];
    reduce(line, most, &mut kept);
    Some(kept)
}

/// Appends what is kept after the first point.
fn reduce(line: &[Place], most: f64, kept: &mut Vec<Place>) {
    let Some((first, last)) = line.first().zip(line.last()) else { return };
    let off = |(index, place): (usize, &Place)| (index, place.metres(place.nearest_on(*first, *last)));
    let inner = line.iter().enumerate().skip(1).take(line.len().saturating_sub(2));
    match inner.map(off).reduce(|a, b| if b.1 > a.1 { b } else { a }) {
        Some((index, off)) if off > most => {
            reduce(line.get(..=index).unwrap_or_default(), most, kept);
            reduce(line.get(index..).unwrap_or_default(), most, kept);
        }
        _ => kept.push(*last),
    }
}

/// Polygons with fewer points; none where one of them is too small to be left.
pub(super) fn simplified_polygons(polygons: &[shapes::Polygon], most: f64) -> Option<Vec<shapes::Polygon>> {
    let simple = |polygon: &shapes::Polygon| polygon.iter().map(|ring| simplified_ring(ring, most)).collect();
    polygons.iter().map(simple).collect()
}

fn simplified_ring(ring: &[Place], most: f64) -> Option<Vec<Place>> {
    let first = ring.first()?;
    let far = |(index, place): (usize, &Place)| (index, place.metres(*first));
    let (middle, _) = ring.iter().enumerate().map(far).reduce(|a, b| if b.1 > a.1 { b } else { a })?;
    let back: Vec<Place> = ring.iter().skip(middle).chain([first]).copied().collect();
    let mut kept = vec![*first];
    reduce(ring.get(..=middle)?, most, &mut kept);
    reduce(&back, most, &mut kept);
    kept.pop();
    (kept.len() >= 3).then_some(kept)
}

/// Where along an edge it is looked how far the line on the map and the way on the ball are apart, and by how much that
/// may be less than the most: as S2 tells when to cut an edge.
const LOOKED_AT: f64 = 0.312_156_910_822_483_12;
const SHARE: f64 = 0.838_299_925_698_885_1;
const MOST_POINTS: usize = 10_000;

/// A shape with its edges cut, on the map, until each is near enough to the way on the ball.
fn densified(args: &[Value], valid: impl Fn(&Value) -> bool) -> Value {
    let shape = at(args, 0);
    let Some(most) = tolerance(args).filter(|_| valid(shape)) else { return Value::Null };
    let Some(cut) = densified_within(&shape.member("coordinates"), most / RADIUS * SHARE) else { return Value::Null };
    shapes::shape(&shape.member("type").to_text(), cut)
}

fn densified_within(value: &Value, most: f64) -> Option<Value> {
    let items = shapes::items(value)?;
    if items.first().and_then(pair).is_none() {
        return items.iter().map(|item| densified_within(item, most)).collect::<Option<Vec<_>>>().map(Value::array);
    }
    let points = items.iter().map(pair).collect::<Option<Vec<_>>>()?;
    let mut out = vec![*points.first()?];
    for (from, to) in points.iter().zip(points.iter().skip(1)) {
        cut(*from, *to, most, &mut out)?;
    }
    Some(Value::array(out.into_iter().map(|(x, y)| Value::array(vec![Value::Real(x), Value::Real(y)])).collect()))
}

fn cut(from: (f64, f64), to: (f64, f64), most: f64, out: &mut Vec<(f64, f64)>) -> Option<()> {
    let between = |part: f64| (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
    let (a, b) = (Place::new(from.0, from.1)?, Place::new(to.0, to.1)?);
    let apart = |part: f64| {
        let (x, y) = between(part);
        Place::new(x, y).map_or(0.0, |place| place.angle(a.towards(b, part)))
    };
    if out.len() >= MOST_POINTS {
        return None;
    }
    if apart(LOOKED_AT).max(apart(1.0 - LOOKED_AT)) <= most {
        out.push(to);
        return Some(());
    }
    cut(from, between(0.5), most, out)?;
    cut(between(0.5), to, most, out)
}
