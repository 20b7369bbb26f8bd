//! How far, how long, how large, where about, within what.

use super::{
    Run, at, place,
    shapes::{self, Polygon, lines_of, polygons_of},
    sphere::{Place, RADIUS, in_ring, signed_area},
};
use crate::{Value, value::as_real};

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "geo_distance_2points" => |args| place(args, 0).zip(place(args, 2)).map(|(a, b)| a.metres(b)).into(),
        "geo_azimuth" => |args| place(args, 0).zip(place(args, 2)).and_then(|(a, b)| azimuth(a, b)).into(),
        "geo_angle" => |args| {
            let (Some(a), Some(b), Some(c)) = (place(args, 0), place(args, 2), place(args, 4)) else {
                return Value::Null;
            };
            match (azimuth(b, a), azimuth(b, c)) {
                (Some(first), Some(second)) => {
                    let turn = (second - first).rem_euclid(std::f64::consts::TAU);
                    Value::Real(turn.min(std::f64::consts::TAU - turn))
                }
                _ => Value::Null,
            }
        },
        "geo_point_in_circle" => |args| {
            let radius = as_real(at(args, 4)).filter(|radius| *radius >= 0.0);
            let places = place(args, 0).zip(place(args, 2));
            places.zip(radius).map(|((a, b), radius)| a.metres(b) <= radius).into()
        },
        "geo_point_in_polygon" => |args| {
            let inside = place(args, 0).zip(polygons_of(at(args, 2)));
            inside.map(|(place, polygons)| in_polygons(place, &polygons)).into()
        },
        "geo_distance_point_to_line" => |args| near_line(args).map(|(place, nearest)| place.metres(nearest)).into(),
        "geo_closest_point_on_line" => {
            |args| near_line(args).map_or(Value::Null, |(_, nearest)| shapes::point(nearest))
        }
        "geo_distance_point_to_polygon" => {
            |args| near_polygon(args).map(|(place, nearest)| place.metres(nearest)).into()
        }
        "geo_closest_point_on_polygon" => {
            |args| near_polygon(args).map_or(Value::Null, |(_, nearest)| shapes::point(nearest))
        }
        "geo_line_length" => {
            |args| lines_of(at(args, 0)).map(|lines| lines.iter().map(|line| length(line)).sum::<f64>()).into()
        }
        "geo_line_centroid" => |args| {
            let sum =
                |lines: Vec<Vec<Place>>| lines.iter().map(|line| line_middle(line)).fold(NOWHERE, Place::plus).unit();
            lines_of(at(args, 0)).map(sum).map_or(Value::Null, shapes::point)
        },
        "geo_line_interpolate_point" => |args| match (single_line(args), as_real(at(args, 1))) {
            (Some(line), Some(part)) if (0.0..=1.0).contains(&part) => shapes::point(along(&line, part)),
            _ => Value::Null,
        },
        "geo_line_locate_point" => |args| match (single_line(args), place(args, 1)) {
            (Some(line), Some(place)) => Value::Real(located(&line, place)),
            _ => Value::Null,
        },
        "geo_polygon_perimeter" => |args| {
            let around = |ring: &Vec<Place>| length(ring) + ends(ring).map_or(0.0, |(first, last)| last.metres(first));
            let sum = |polygons: Vec<Polygon>| polygons.iter().flatten().map(around).sum::<f64>();
            whole(args).map(sum).into()
        },
        "geo_polygon_area" => |args| whole(args).map(|polygons| area(&polygons)).into(),
        "geo_polygon_centroid" => |args| whole(args).map_or(Value::Null, |polygons| shapes::point(middle(&polygons))),
        _ => return None,
    })
}

/// The polygons of the first argument; what several have in common counts once.
fn whole(args: &[Value]) -> Option<Vec<Polygon>> {
    let polygons = polygons_of(at(args, 0))?;
    if polygons.len() == 1 { Some(polygons) } else { super::clip::united(&polygons) }
}

const NOWHERE: Place = Place { x: 0.0, y: 0.0, z: 0.0 };

/// The direction to another place, clockwise from north, in radians.
fn azimuth(from: Place, to: Place) -> Option<f64> {
    let apart = from.angle(to);
    if apart == 0.0 || apart > std::f64::consts::PI - 1e-12 {
        return None;
    }
    let ((along, up), (other, there)) = (from.degrees(), to.degrees());
    let (turn, up, there) = ((other - along).to_radians(), up.to_radians(), there.to_radians());
    let direction = (turn.sin() * there.cos()).atan2(up.cos() * there.sin() - up.sin() * there.cos() * turn.cos());
    Some(direction.rem_euclid(std::f64::consts::TAU))
}

pub(super) fn in_polygons(place: Place, polygons: &[Polygon]) -> bool {
    let inside = |polygon: &Polygon| match polygon.split_first() {
        Some((outer, holes)) => in_ring(place, outer) && !holes.iter().any(|hole| in_ring(place, hole)),
        None => false,
    };
    polygons.iter().any(inside)
}

/// Whether a place is in a polygon; none where either is no such thing.
pub(crate) fn point_in_polygon(longitude: f64, latitude: f64, polygon: &Value) -> Option<bool> {
    Some(in_polygons(Place::new(longitude, latitude)?, &polygons_of(polygon)?))
}

/// Whether a place is no more than so many metres from a line.
pub(crate) fn point_near_line(longitude: f64, latitude: f64, line: &Value, most: f64) -> Option<bool> {
    let place = Place::new(longitude, latitude)?;
    Some(place.metres(nearest(place, edges_of_lines(&lines_of(line)?))?) <= most)
}

/// Whether a place is no more than so many metres from a polygon.
pub(crate) fn point_near_polygon(longitude: f64, latitude: f64, polygon: &Value, most: f64) -> Option<bool> {
    let place = Place::new(longitude, latitude)?;
    let polygons = polygons_of(polygon)?;
    if in_polygons(place, &polygons) {
        return Some(true);
    }
    Some(place.metres(nearest(place, edges_of_polygons(&polygons))?) <= most)
}

fn edges_of_lines(lines: &[Vec<Place>]) -> impl Iterator<Item = (Place, Place)> {
    lines.iter().flat_map(|line| line.iter().copied().zip(line.iter().copied().skip(1)))
}

fn edges_of_polygons(polygons: &[Polygon]) -> impl Iterator<Item = (Place, Place)> {
    polygons.iter().flatten().flat_map(|ring| ring.iter().copied().zip(ring.iter().copied().cycle().skip(1)))
}

/// The nearest place on any of these.
fn nearest(place: Place, edges: impl Iterator<Item = (Place, Place)>) -> Option<Place> {
    edges.map(|(a, b)| place.nearest_on(a, b)).reduce(|a, b| if place.angle(b) < place.angle(a) { b } else { a })
}

fn near_line(args: &[Value]) -> Option<(Place, Place)> {
    let place = place(args, 0)?;
    Some((place, nearest(place, edges_of_lines(&lines_of(at(args, 2))?))?))
}

fn near_polygon(args: &[Value]) -> Option<(Place, Place)> {
    let place = place(args, 0)?;
    let polygons = polygons_of(at(args, 2))?;
    if in_polygons(place, &polygons) {
        return Some((place, place));
    }
    Some((place, nearest(place, edges_of_polygons(&polygons))?))
}

fn ends(line: &[Place]) -> Option<(Place, Place)> {
    line.first().copied().zip(line.last().copied())
}

fn length(line: &[Place]) -> f64 {
    line.iter().zip(line.iter().skip(1)).map(|(a, b)| a.metres(*b)).sum()
}

/// The sum of all places of a line, each as often as it is long there.
fn line_middle(line: &[Place]) -> Place {
    let edge = |(a, b): (&Place, &Place)| {
        let sum = a.plus(*b);
        let across = a.minus(*b).norm() / sum.norm();
        sum.scaled(across)
    };
    line.iter().zip(line.iter().skip(1)).map(edge).fold(NOWHERE, Place::plus)
}

fn single_line(args: &[Value]) -> Option<Vec<Place>> {
    let mut lines = lines_of(at(args, 0))?;
    if lines.len() == 1 { lines.pop() } else { None }
}

/// The place after this part of a line.
fn along(line: &[Place], part: f64) -> Place {
    let mut left = length(line) * part;
    for (a, b) in line.iter().zip(line.iter().skip(1)) {
        let edge = a.metres(*b);
        if left <= edge {
            return a.towards(*b, if edge > 0.0 { left / edge } else { 0.0 });
        }
        left -= edge;
    }
    line.last().copied().unwrap_or(NOWHERE)
}

/// After which part of a line it is nearest to a place.
fn located(line: &[Place], place: Place) -> f64 {
    let (mut before, mut best) = (0.0, (f64::INFINITY, 0.0));
    for (a, b) in line.iter().zip(line.iter().skip(1)) {
        let foot = place.nearest_on(*a, *b);
        if place.angle(foot) < best.0 {
            best = (place.angle(foot), before + a.metres(foot));
        }
        before += a.metres(*b);
    }
    best.1 / before
}

/// In square metres.
fn area(polygons: &[Polygon]) -> f64 {
    let one = |polygon: &Polygon| match polygon.split_first() {
        Some((outer, holes)) => {
            signed_area(outer).abs() - holes.iter().map(|hole| signed_area(hole).abs()).sum::<f64>()
        }
        None => 0.0,
    };
    polygons.iter().map(one).sum::<f64>() * RADIUS * RADIUS
}

/// The sum of all places of a polygon, on the ball.
fn middle(polygons: &[Polygon]) -> Place {
    let mut sum = NOWHERE;
    for polygon in polygons {
        for (index, ring) in polygon.iter().enumerate() {
            let whole = ring_sum(ring).scaled(signed_area(ring).signum());
            sum = if index == 0 { sum.plus(whole) } else { sum.minus(whole) };
        }
    }
    sum.unit()
}

/// The sum of the places within a ring: for each edge its length times its normal, halved.
fn ring_sum(ring: &[Place]) -> Place {
    let edge = |(a, b): (&Place, &Place)| a.cross(*b).unit().scaled(a.angle(*b) / 2.0);
    ring.iter().zip(ring.iter().cycle().skip(1)).map(edge).fold(NOWHERE, Place::plus)
}
