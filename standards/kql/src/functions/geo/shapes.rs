//! Shapes as GeoJSON writes them.

use std::sync::Arc;

use super::sphere::Place;
use crate::{Value, value::as_real};

/// A ring without its last place, which is its first.
pub(super) type Ring = Vec<Place>;

/// Rings: the first around it, the others around what is cut out.
pub(super) type Polygon = Vec<Ring>;

pub(super) fn bag<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::bag(pairs.map(|(name, value)| (Arc::from(name), value)))
}

pub(super) fn items(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Array(items) => Some(items),
        _ => None,
    }
}

/// Longitude and latitude.
pub(super) fn pair(value: &Value) -> Option<(f64, f64)> {
    let items = items(value)?;
    Some((as_real(items.first()?)?, as_real(items.get(1)?)?))
}

fn place(value: &Value) -> Option<Place> {
    let (longitude, latitude) = pair(value)?;
    Place::new(longitude, latitude)
}

fn line(value: &Value) -> Option<Vec<Place>> {
    let mut places = items(value)?.iter().map(place).collect::<Option<Vec<_>>>()?;
    let count = places.len();
    places.dedup();
    (count >= 2 && places.len() >= 2).then_some(places)
}

fn ring(value: &Value) -> Option<Ring> {
    let mut places = items(value)?.iter().map(place).collect::<Option<Ring>>()?;
    if places.first() == places.last() {
        places.pop();
    }
    let count = places.len();
    places.dedup();
    (count == places.len() && count >= 3).then_some(places)
}

fn rings(value: &Value) -> Option<Polygon> {
    let rings = items(value)?.iter().map(ring).collect::<Option<Polygon>>()?;
    (!rings.is_empty()).then_some(rings)
}

fn kind(shape: &Value) -> Option<String> {
    Some(shape.member("type").as_str()?.to_owned())
}

/// The lines of a line or of several.
pub(super) fn lines_of(shape: &Value) -> Option<Vec<Vec<Place>>> {
    let coordinates = shape.member("coordinates");
    match kind(shape)?.as_str() {
        "LineString" => Some(vec![line(&coordinates)?]),
        "MultiLineString" => items(&coordinates)?.iter().map(line).collect(),
        _ => None,
    }
}

/// The polygons of a polygon or of several.
pub(super) fn polygons_of(shape: &Value) -> Option<Vec<Polygon>> {
    let coordinates = shape.member("coordinates");
    match kind(shape)?.as_str() {
        "Polygon" => Some(vec![rings(&coordinates)?]),
        "MultiPolygon" => {
            let polygons = items(&coordinates)?.iter().map(rings).collect::<Option<Vec<_>>>()?;
            (!polygons.is_empty()).then_some(polygons)
        }
        _ => None,
    }
}

pub(super) fn coordinates(place: Place) -> Value {
    let (longitude, latitude) = place.degrees();
    Value::array(vec![Value::Real(longitude), Value::Real(latitude)])
}

pub(super) fn shape(kind: &str, coordinates: Value) -> Value {
    bag([("type", kind.into()), ("coordinates", coordinates)])
}

pub(super) fn point(place: Place) -> Value {
    shape("Point", coordinates(place))
}

pub(super) fn closed(ring: &[Place]) -> Value {
    Value::array(ring.iter().chain(ring.first()).map(|place| coordinates(*place)).collect())
}

pub(super) fn polygon(rings: &[Ring]) -> Value {
    shape("Polygon", Value::array(rings.iter().map(|ring| closed(ring)).collect()))
}

pub(super) fn line_string(line: &[Place]) -> Value {
    shape("LineString", Value::array(line.iter().map(|place| coordinates(*place)).collect()))
}
