//! Cells of H3 and of S2.

use h3o::{CellIndex, LatLng, Resolution};
use s2::{cell::Cell, cellid::CellID, point::Point, r3::vector::Vector};

use super::{
    Run, at, place,
    shapes::{self, polygons_of},
    sphere::{Place, crossing},
};
use crate::{
    Value,
    value::{as_long, as_real, to_text},
};

/// Cells that one call may give.
const MOST: usize = 65_536;

/// How often a cell is held against an edge, at most.
const LOOKS: f64 = 2e7;

pub(super) fn run(name: &str) -> Option<Run> {
    h3(name).or_else(|| s2_cells(name))
}

fn level(args: &[Value], index: usize, default: i64, most: i64) -> Option<u8> {
    let level = if args.len() > index { as_long(at(args, index))? } else { default };
    (0..=most).contains(&level).then(|| u8::try_from(level).ok()).flatten()
}

fn h3(name: &str) -> Option<Run> {
    Some(match name {
        "geo_point_to_h3cell" => |args| {
            let resolution = level(args, 2, 6, 15).and_then(|level| Resolution::try_from(level).ok());
            let point = place(args, 0).and_then(|place| h3_point(place).ok());
            match point.zip(resolution) {
                Some((point, resolution)) => point.to_cell(resolution).to_string().into(),
                None => Value::text(""),
            }
        },
        "geo_h3cell_to_central_point" => |args| match h3_cell(args) {
            Some(cell) => {
                let middle = LatLng::from(cell);
                shapes::shape("Point", degrees(middle))
            }
            None => Value::Null,
        },
        "geo_h3cell_to_polygon" => |args| match h3_cell(args) {
            Some(cell) => {
                let boundary = cell.boundary();
                let mut corners: Vec<Value> = boundary.iter().map(|corner| degrees(*corner)).collect();
                corners.extend(corners.first().cloned());
                shapes::shape("Polygon", Value::array(vec![Value::array(corners)]))
            }
            None => Value::Null,
        },
        "geo_h3cell_level" => |args| h3_cell(args).map(|cell| i64::from(u8::from(cell.resolution()))).into(),
        "geo_h3cell_parent" => |args| {
            let Some(cell) = h3_cell(args) else { return Value::text("") };
            let own = i64::from(u8::from(cell.resolution()));
            let wanted = level(args, 1, own - 1, own).and_then(|level| Resolution::try_from(level).ok());
            wanted.and_then(|wanted| cell.parent(wanted)).map(|parent| parent.to_string()).into()
        },
        "geo_h3cell_children" => |args| {
            let Some(cell) = h3_cell(args) else { return Value::Null };
            let own = i64::from(u8::from(cell.resolution()));
            let wanted = level(args, 1, own + 1, 15).and_then(|level| Resolution::try_from(level).ok());
            let Some(wanted) = wanted.filter(|wanted| i64::from(u8::from(*wanted)) >= own) else { return Value::Null };
            if usize::try_from(cell.children_count(wanted)).is_ok_and(|count| count <= MOST) {
                texts(cell.children(wanted))
            } else {
                Value::Null
            }
        },
        "geo_h3cell_neighbors" => |args| match h3_cell(args) {
            Some(cell) => texts(rings(cell, 1).into_iter().skip(1).flatten()),
            None => Value::Null,
        },
        "geo_h3cell_rings" => |args| {
            let (Some(cell), Some(most)) = (h3_cell(args), level(args, 1, 1, 140)) else { return Value::Null };
            Value::array(rings(cell, u32::from(most)).into_iter().map(|ring| texts(ring.into_iter())).collect())
        },
        "geo_polygon_to_h3cells" => polygon_to_h3,
        _ => return None,
    })
}

/// The cell, those next to it, those next to these, and so on.
fn rings(cell: CellIndex, most: u32) -> Vec<Vec<CellIndex>> {
    let walked: Option<Vec<(CellIndex, u32)>> = cell.grid_disk_distances_fast(most).collect();
    let found = walked.unwrap_or_else(|| cell.grid_disk_distances_safe(most).collect());
    let mut rings = vec![Vec::new(); usize::try_from(most).unwrap_or(0) + 1];
    for (other, ring) in found {
        if let Some(ring) = usize::try_from(ring).ok().and_then(|ring| rings.get_mut(ring)) {
            ring.push(other);
        }
    }
    rings
}

fn texts(cells: impl Iterator<Item = CellIndex>) -> Value {
    Value::array(cells.map(|cell| cell.to_string().into()).collect())
}

fn h3_cell(args: &[Value]) -> Option<CellIndex> {
    to_text(at(args, 0)).parse().ok()
}

fn h3_point(place: Place) -> Result<LatLng, h3o::error::InvalidLatLng> {
    let (longitude, latitude) = place.degrees();
    LatLng::new(latitude, longitude)
}

fn degrees(point: LatLng) -> Value {
    Value::array(vec![Value::Real(point.lng()), Value::Real(point.lat())])
}

/// The cells whose middle is in the polygon.
fn polygon_to_h3(args: &[Value]) -> Value {
    let resolution = level(args, 1, 6, 15).and_then(|level| Resolution::try_from(level).ok());
    let (Some(polygons), Some(resolution)) = (polygons_of(at(args, 0)), resolution) else { return Value::Null };
    let mut found: Vec<CellIndex> = Vec::new();
    let mut known = std::collections::HashSet::new();
    for polygon in &polygons {
        let corners: Vec<Place> = polygon.iter().flatten().copied().collect();
        let middle = corners.iter().copied().fold(Place { x: 0.0, y: 0.0, z: 0.0 }, Place::plus).unit();
        let Ok(point) = h3_point(middle) else { return Value::Null };
        let far = corners.iter().map(|corner| corner.metres(middle)).fold(0.0, f64::max);
        let rings = (far / (resolution.edge_length_m() * 1.2)).ceil() + 2.0;
        if rings > 150.0 || 3.0 * rings * rings * corners.len() as f64 > LOOKS {
            return Value::Null;
        }
        let rings = crate::value::as_long_exact(rings).and_then(|rings| u32::try_from(rings).ok()).unwrap_or(1);
        for cell in point.to_cell(resolution).grid_disk_safe(rings) {
            let center = LatLng::from(cell);
            let inside = Place::new(center.lng(), center.lat())
                .is_some_and(|center| super::measure::in_polygons(center, std::slice::from_ref(polygon)));
            if inside && known.insert(cell) {
                found.push(cell);
            }
        }
    }
    texts(found.into_iter())
}

fn s2_cells(name: &str) -> Option<Run> {
    Some(match name {
        "geo_point_to_s2cell" => |args| match (place(args, 0), level(args, 2, 11, 30)) {
            (Some(place), Some(level)) => CellID::from(s2_point(place)).parent(u64::from(level)).to_token().into(),
            _ => Value::text(""),
        },
        "geo_s2cell_to_central_point" => |args| match s2_cell(args) {
            Some(cell) => shapes::point(from_s2(Cell::from(cell).center())),
            None => Value::Null,
        },
        "geo_s2cell_to_polygon" => |args| match s2_cell(args) {
            Some(cell) => shapes::polygon(&[Cell::from(cell).vertices().map(from_s2).to_vec()]),
            None => Value::Null,
        },
        "geo_s2cell_neighbors" => |args| match s2_cell(args) {
            Some(cell) => {
                let around = cell.all_neighbors(cell.level()).into_iter();
                Value::array(around.map(|cell| cell.to_token().into()).collect())
            }
            None => Value::Null,
        },
        "geo_polygon_to_s2cells" => |args| match (polygons_of(at(args, 0)), level(args, 1, 11, 30)) {
            (Some(polygons), Some(level)) => {
                let edges: Vec<(Place, Place)> = polygons
                    .iter()
                    .flatten()
                    .flat_map(|ring| ring.iter().copied().zip(ring.iter().copied().cycle().skip(1)))
                    .collect();
                let touches = |cell: &Cell| {
                    let corners = cell.vertices().map(from_s2);
                    corners.iter().any(|corner| super::measure::in_polygons(*corner, &polygons)) || meets(cell, &edges)
                };
                covering(u64::from(level), edges.len(), touches)
            }
            _ => Value::Null,
        },
        "geo_line_to_s2cells" => |args| match (shapes::lines_of(at(args, 0)), level(args, 1, 11, 30)) {
            (Some(lines), Some(level)) if as_real(at(args, 2)).unwrap_or(0.0) == 0.0 => {
                let edges: Vec<(Place, Place)> =
                    lines.iter().flat_map(|line| line.iter().copied().zip(line.iter().copied().skip(1))).collect();
                covering(u64::from(level), edges.len(), |cell| meets(cell, &edges))
            }
            _ => Value::Null,
        },
        _ => return None,
    })
}

fn s2_cell(args: &[Value]) -> Option<CellID> {
    let token = to_text(at(args, 0));
    let hex = !token.is_empty() && token.len() <= 16 && token.bytes().all(|c| c.is_ascii_hexdigit());
    Some(CellID::from_token(&token)).filter(|cell| hex && cell.is_valid())
}

fn s2_point(place: Place) -> Point {
    Point(Vector { x: place.x, y: place.y, z: place.z })
}

fn from_s2(point: Point) -> Place {
    Place { x: point.0.x, y: point.0.y, z: point.0.z }.unit()
}

/// Radians within which a corner is on an edge.
const TOUCHING: f64 = 1e-14;

/// Whether an edge ends in a cell, or crosses or touches its border.
fn meets(cell: &Cell, edges: &[(Place, Place)]) -> bool {
    let corners = cell.vertices().map(from_s2);
    edges.iter().any(|(a, b)| {
        let mut sides = corners.iter().zip(corners.iter().cycle().skip(1));
        cell.contains_point(&s2_point(*a))
            || cell.contains_point(&s2_point(*b))
            || sides.any(|(c, d)| crossing(*a, *b, *c, *d).is_some())
            || corners.iter().any(|corner| corner.angle(corner.nearest_on(*a, *b)) < TOUCHING)
    })
}

/// The cells of a level for which this holds; it must hold for each cell that one of them is in.
fn covering(level: u64, edges: usize, touches: impl Fn(&Cell) -> bool) -> Value {
    let mut found = Vec::new();
    let mut left = LOOKS;
    let mut open: Vec<CellID> = (0..6).rev().map(CellID::from_face).collect();
    while let Some(cell) = open.pop() {
        if !touches(&Cell::from(cell)) {
            continue;
        }
        if cell.level() == level {
            found.push(cell.to_token().into());
        } else {
            open.extend(cell.children().into_iter().rev());
        }
        left -= 4.0 * edges as f64;
        if found.len() > MOST || left < 0.0 {
            return Value::Null;
        }
    }
    Value::array(found)
}
