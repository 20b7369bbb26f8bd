//! A map on which the shortest ways are straight lines, and what lines on it bound.

use super::super::sphere::Place;

pub(super) type Point = (f64, f64);
pub(super) type Line = (Point, Point);

/// How near, on the map, points are the same.
const NEAR: f64 = 1e-12;

/// Lines, and points where they meet, beyond which a drawing is refused: each is compared with each.
const MOST: usize = 2_000;
const MOST_POINTS: usize = 8_000;

/// A half of the ball seen from its middle: shortest ways are straight.
pub(super) struct Chart {
    middle: Place,
    east: Place,
    north: Place,
}

impl Chart {
    pub(super) fn around(places: impl Iterator<Item = Place>) -> Self {
        let nowhere = Place { x: 0.0, y: 0.0, z: 0.0 };
        let sum = places.fold(nowhere, Place::plus);
        let middle = if sum.norm() > 0.0 { sum.unit() } else { Place { x: 1.0, ..nowhere } };
        let pole = if middle.z.abs() < 0.9 { Place { z: 1.0, ..nowhere } } else { Place { x: 1.0, ..nowhere } };
        let east = pole.cross(middle).unit();
        Self { middle, east, north: middle.cross(east) }
    }

    /// Where a place is on the map; none beyond its border.
    pub(super) fn draw(&self, place: Place) -> Option<Point> {
        let depth = place.dot(self.middle);
        (depth > 0.01).then(|| (place.dot(self.east) / depth, place.dot(self.north) / depth))
    }

    pub(super) fn place(&self, (x, y): Point) -> Place {
        self.middle.plus(self.east.scaled(x)).plus(self.north.scaled(y)).unit()
    }
}

pub(super) fn same(a: Point, b: Point) -> bool {
    (a.0 - b.0).abs() < NEAR && (a.1 - b.1).abs() < NEAR
}

fn minus(a: Point, b: Point) -> Point {
    (a.0 - b.0, a.1 - b.1)
}

fn cross(a: Point, b: Point) -> f64 {
    a.0 * b.1 - a.1 * b.0
}

fn dot(a: Point, b: Point) -> f64 {
    a.0 * b.0 + a.1 * b.1
}

/// Whether a point is on a line.
pub(super) fn touches(point: Point, (a, b): Line) -> bool {
    let (along, to) = (minus(b, a), minus(point, a));
    let length = dot(along, along).sqrt();
    let part = dot(along, to) / (length * length);
    let off = cross(along, to).abs() / length;
    off < NEAR && part * length > -NEAR && part * length < length + NEAR
}

pub(super) fn on_ring(point: Point, ring: &[Point]) -> bool {
    let mut sides = ring.iter().copied().zip(ring.iter().copied().cycle().skip(1));
    sides.any(|side| touches(point, side))
}

/// Whether a point is within an outline: a way out of it crosses an odd number of lines.
pub(super) fn within(point: Point, outline: &[Line]) -> bool {
    let crosses = |(a, b): &&Line| {
        let above = |p: &Point| p.1 > point.1;
        above(a) != above(b) && point.0 < (b.0 - a.0) * (point.1 - a.1) / (b.1 - a.1) + a.0
    };
    outline.iter().filter(crosses).count() % 2 == 1
}

/// A line between two points, by their numbers, with nothing on it in between.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    from: Point,
    to: Point,
}

impl Piece {
    pub(super) fn middle(&self) -> Point {
        ((self.from.0 + self.to.0) / 2.0, (self.from.1 + self.to.1) / 2.0)
    }
}

/// Lines cut wherever they meet.
pub(super) struct Drawing {
    points: Vec<Point>,
    pieces: Vec<(usize, usize)>,
}

impl Drawing {
    pub(super) fn new(lines: impl Iterator<Item = Line>) -> Option<Self> {
        let lines: Vec<Line> = lines.filter(|(a, b)| !same(*a, *b)).collect();
        if lines.len() > MOST {
            return None;
        }
        let mut drawing = Self { points: Vec::new(), pieces: Vec::new() };
        let mut known = std::collections::HashSet::new();
        for line in &lines {
            let mut cuts = vec![line.0, line.1];
            for other in &lines {
                cuts.extend([other.0, other.1].into_iter().filter(|end| touches(*end, *line)));
                cuts.extend(meeting(*line, *other));
            }
            let along = minus(line.1, line.0);
            cuts.sort_by(|a, b| dot(minus(*a, line.0), along).total_cmp(&dot(minus(*b, line.0), along)));
            if cuts.len() > MOST_POINTS || drawing.points.len() > MOST_POINTS {
                return None;
            }
            let numbers: Vec<usize> = cuts.into_iter().map(|point| drawing.number(point)).collect();
            for pair in numbers.windows(2) {
                if let [from, to] = pair
                    && from != to
                    && known.insert((*from.min(to), *from.max(to)))
                {
                    drawing.pieces.push((*from, *to));
                }
            }
        }
        Some(drawing)
    }

    fn number(&mut self, point: Point) -> usize {
        let known = self.points.iter().position(|known| same(*known, point));
        known.unwrap_or_else(|| {
            self.points.push(point);
            self.points.len() - 1
        })
    }

    fn point(&self, number: usize) -> Point {
        self.points.get(number).copied().unwrap_or((0.0, 0.0))
    }

    pub(super) fn points(&self) -> impl Iterator<Item = Point> {
        self.points.iter().copied()
    }

    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece> {
        self.pieces.iter().map(|(from, to)| Piece { from: self.point(*from), to: self.point(*to) })
    }

    /// The rings around where this holds: with it on their left.
    pub(super) fn bounded(&self, holds: impl Fn(Point) -> bool) -> Vec<Vec<Point>> {
        let mut open: Vec<(usize, usize)> = Vec::new();
        for (from, to) in &self.pieces {
            let (a, b) = (self.point(*from), self.point(*to));
            let along = minus(b, a);
            let middle = ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0);
            let aside = |by: f64| (middle.0 - along.1 * by, middle.1 + along.0 * by);
            match (holds(aside(1e-6)), holds(aside(-1e-6))) {
                (true, false) => open.push((*from, *to)),
                (false, true) => open.push((*to, *from)),
                _ => {}
            }
        }
        let mut rings = Vec::new();
        while let Some((first, next)) = open.pop() {
            let (mut ring, mut from, mut here) = (vec![first], first, next);
            while here != first {
                ring.push(here);
                let Some(next) = self.sharpest_left(from, here, &open) else { break };
                (from, here) = open.swap_remove(next);
            }
            if ring.len() >= 3 {
                rings.push(ring.into_iter().map(|number| self.point(number)).collect());
            }
        }
        rings
    }

    /// Of the pieces that go on from a point the one that turns most to the left: so that rings that touch stay apart.
    fn sharpest_left(&self, from: usize, here: usize, open: &[(usize, usize)]) -> Option<usize> {
        let back = minus(self.point(from), self.point(here));
        let turn = |to: usize| {
            let on = minus(self.point(to), self.point(here));
            let angle = cross(on, back).atan2(dot(on, back));
            angle.rem_euclid(std::f64::consts::TAU)
        };
        let going = open.iter().enumerate().filter(|(_, (start, _))| *start == here);
        going.min_by(|(_, a), (_, b)| turn(a.1).total_cmp(&turn(b.1))).map(|(index, _)| index)
    }
}

/// Where two lines cross between their ends.
fn meeting((a, b): Line, (c, d): Line) -> Option<Point> {
    let (r, s) = (minus(b, a), minus(d, c));
    let across = cross(r, s);
    if across.abs() < 1e-300 {
        return None;
    }
    let (t, u) = (cross(minus(c, a), s) / across, cross(minus(c, a), r) / across);
    let inside = |part: f64| (0.0..=1.0).contains(&part);
    (inside(t) && inside(u)).then_some((a.0 + t * r.0, a.1 + t * r.1))
}

fn area(ring: &[Point]) -> f64 {
    ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| cross(*a, *b)).sum::<f64>() / 2.0
}

/// Rings that turn left, each with those that turn right within it.
pub(super) fn grouped(rings: Vec<Vec<Point>>) -> Vec<Vec<Vec<Point>>> {
    let (outer, holes): (Vec<_>, Vec<_>) = rings.into_iter().partition(|ring| area(ring) > 0.0);
    let mut polygons: Vec<Vec<Vec<Point>>> = outer.into_iter().map(|ring| vec![ring]).collect();
    for hole in holes {
        let Some(first) = hole.first().copied() else { continue };
        let holds = |polygon: &&mut Vec<Vec<Point>>| {
            polygon.first().is_some_and(|outer| {
                let sides: Vec<Line> = outer.iter().copied().zip(outer.iter().copied().cycle().skip(1)).collect();
                within(first, &sides)
            })
        };
        if let Some(polygon) = polygons.iter_mut().find(holds) {
            polygon.push(hole);
        }
    }
    polygons
}

/// Pieces put end to end, as far as no more than two meet.
pub(super) fn chained(mut pieces: Vec<Piece>) -> Vec<Vec<Point>> {
    let ends: Vec<Point> = pieces.iter().flat_map(|piece| [piece.from, piece.to]).collect();
    let through = |point: Point| ends.iter().filter(|end| same(**end, point)).count() == 2;
    let mut lines = Vec::new();
    while !pieces.is_empty() {
        let first = pieces.remove(0);
        let mut line = std::collections::VecDeque::from([first.from, first.to]);
        loop {
            let end = |point: Option<&Point>| point.copied().filter(|point| through(*point));
            let (front, back) = (end(line.front()), end(line.back()));
            let joins = |point: Option<Point>, piece: &Piece| {
                point.is_some_and(|point| same(piece.from, point) || same(piece.to, point))
            };
            if let Some(place) = pieces.iter().position(|piece| joins(back, piece)) {
                let piece = pieces.remove(place);
                line.push_back(if back.is_some_and(|back| same(piece.from, back)) { piece.to } else { piece.from });
            } else if let Some(place) = pieces.iter().position(|piece| joins(front, piece)) {
                let piece = pieces.remove(place);
                line.push_front(if front.is_some_and(|front| same(piece.from, front)) { piece.to } else { piece.from });
            } else {
                break;
            }
        }
        lines.push(line.into());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> Vec<Line> {
        let corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)];
        (0..4).map(|index| (corners[index], corners[(index + 1) % 4])).collect()
    }

    fn rings(a: &[Line], b: &[Line], holds: impl Fn(bool, bool) -> bool) -> Vec<Vec<Point>> {
        let drawing = Drawing::new(a.iter().chain(b).copied()).expect("it is small");
        drawing.bounded(|point| holds(within(point, a), within(point, b)))
    }

    #[test]
    fn squares_that_overlap_touch_and_hold_one_another() {
        let (a, b) = (square(0.0, 0.0, 2.0), square(1.0, 1.0, 2.0));
        let areas = |rings: Vec<Vec<Point>>| rings.iter().map(|ring| area(ring)).collect::<Vec<_>>();
        assert_eq!(areas(rings(&a, &b, |a, b| a && b)), [1.0]);
        assert_eq!(areas(rings(&a, &b, |a, b| a || b)), [7.0]);
        assert_eq!(areas(rings(&a, &square(2.0, 0.0, 2.0), |a, b| a || b)), [8.0]);
        assert_eq!(areas(rings(&a, &square(2.0, 2.0, 1.0), |a, b| a && b)), Vec::<f64>::new());
        let mut around = areas(rings(&a, &square(0.5, 0.5, 1.0), |a, b| a && !b));
        around.sort_by(f64::total_cmp);
        assert_eq!(around, [-1.0, 4.0]);
    }
}
