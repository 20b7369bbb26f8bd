//! Geohashes: the world halved again and again.

use super::{Run, at, shapes::shape};
use crate::{
    Value,
    value::{as_long, as_real},
};

const DIGITS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

pub(super) fn run(name: &str) -> Option<Run> {
    Some(match name {
        "geo_point_to_geohash" => |args| {
            let accuracy = if args.len() > 2 { as_long(at(args, 2)) } else { Some(5) };
            let accuracy = accuracy.and_then(|accuracy| usize::try_from(accuracy).ok());
            let point = as_real(at(args, 0)).zip(as_real(at(args, 1)));
            let within = |(longitude, latitude): &(f64, f64)| longitude.abs() <= 180.0 && latitude.abs() <= 90.0;
            match (point.filter(within), accuracy.filter(|accuracy| (1..=18).contains(accuracy))) {
                (Some((longitude, latitude)), Some(accuracy)) => encoded(longitude, latitude, accuracy).into(),
                _ => Value::text(""),
            }
        },
        "geo_geohash_to_central_point" => |args| match decoded(&at(args, 0).to_text()) {
            Some([west, south, east, north]) => shape("Point", pair((west + east) / 2.0, (south + north) / 2.0)),
            None => Value::Null,
        },
        "geo_geohash_to_polygon" => |args| match decoded(&at(args, 0).to_text()) {
            Some([west, south, east, north]) => {
                let corners = [(west, south), (east, south), (east, north), (west, north), (west, south)];
                shape("Polygon", Value::array(vec![Value::array(corners.map(|(x, y)| pair(x, y)).to_vec())]))
            }
            None => Value::Null,
        },
        "geo_geohash_neighbors" => |args| {
            let hash = at(args, 0).to_text();
            let Some([west, south, east, north]) = decoded(&hash) else { return Value::Null };
            let (width, height) = (east - west, north - south);
            let order = [(-1, -1), (-1, 1), (1, -1), (0, 1), (-1, 0), (1, 1), (1, 0), (0, -1)];
            let neighbour = |(x, y): (i32, i32)| {
                let longitude = (west + east) / 2.0 + f64::from(x) * width;
                let latitude = (south + north) / 2.0 + f64::from(y) * height;
                let around = if longitude > 180.0 { longitude - 360.0 } else { longitude };
                let around = if around < -180.0 { around + 360.0 } else { around };
                (latitude.abs() <= 90.0).then(|| Value::from(encoded(around, latitude, hash.len())))
            };
            Value::array(order.into_iter().filter_map(neighbour).collect())
        },
        _ => return None,
    })
}

fn pair(longitude: f64, latitude: f64) -> Value {
    Value::array(vec![Value::Real(longitude), Value::Real(latitude)])
}

fn encoded(longitude: f64, latitude: f64, accuracy: usize) -> String {
    let (mut along, mut up) = ((-180.0, 180.0), (-90.0, 90.0));
    let mut hash = String::new();
    let mut even = true;
    for _ in 0..accuracy {
        let mut digit = 0;
        for _ in 0..5 {
            let (range, value) = if even { (&mut along, longitude) } else { (&mut up, latitude) };
            let middle: f64 = (range.0 + range.1) / 2.0;
            let upper = value >= middle;
            *range = if upper { (middle, range.1) } else { (range.0, middle) };
            digit = digit * 2 + usize::from(upper);
            even = !even;
        }
        hash.extend(DIGITS.get(digit).map(|digit| char::from(*digit)));
    }
    hash
}

/// West, south, east and north.
fn decoded(hash: &str) -> Option<[f64; 4]> {
    if hash.is_empty() || hash.len() > 18 {
        return None;
    }
    let (mut along, mut up) = ((-180.0, 180.0), (-90.0, 90.0));
    let mut even = true;
    for byte in hash.bytes() {
        let digit = DIGITS.iter().position(|known| *known == byte.to_ascii_lowercase())?;
        for bit in (0..5).rev() {
            let range = if even { &mut along } else { &mut up };
            let middle: f64 = (range.0 + range.1) / 2.0;
            *range = if digit >> bit & 1 == 1 { (middle, range.1) } else { (range.0, middle) };
            even = !even;
        }
    }
    Some([along.0, up.0, along.1, up.1])
}
