//! `geo_*( )`: places on the Earth, taken as a ball; lines between places are the shortest ones on it.

mod cells;
mod clip;
mod edit;
mod geohash;
mod measure;
mod shapes;
mod sphere;
mod wkt;

use super::{Run, at};
use crate::{Value, value::as_real};

pub(crate) use measure::{point_in_polygon, point_near_line, point_near_polygon};
use sphere::Place;

pub(super) fn run(name: &str) -> Option<Run> {
    if !name.starts_with("geo_") {
        return None;
    }
    cells::run(name)
        .or_else(|| geohash::run(name))
        .or_else(|| measure::run(name))
        .or_else(|| edit::run(name))
        .or_else(|| wkt::run(name))
        .or_else(|| clip::run(name))
}

/// The place that two arguments say, longitude first.
fn place(args: &[Value], from: usize) -> Option<Place> {
    Place::new(as_real(at(args, from))?, as_real(at(args, from + 1))?)
}
