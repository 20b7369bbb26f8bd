//! Points of the unit ball.

/// Metres from the middle of the Earth.
pub(super) const RADIUS: f64 = 6_371_010.0;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) z: f64,
}

impl Place {
    /// In degrees; none beyond the poles or once around.
    pub(super) fn new(longitude: f64, latitude: f64) -> Option<Self> {
        let within = longitude.abs() <= 180.0 && latitude.abs() <= 90.0;
        within.then(|| {
            let (sin, cos) = latitude.to_radians().sin_cos();
            let (sin_along, cos_along) = longitude.to_radians().sin_cos();
            Self { x: cos * cos_along, y: cos * sin_along, z: sin }
        })
    }

    /// Longitude and latitude in degrees.
    pub(super) fn degrees(self) -> (f64, f64) {
        (self.y.atan2(self.x).to_degrees(), self.z.atan2(self.x.hypot(self.y)).to_degrees())
    }

    pub(super) fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    pub(super) fn cross(self, other: Self) -> Self {
        Self {
            x: self.y * other.z - self.z * other.y,
            y: self.z * other.x - self.x * other.z,
            z: self.x * other.y - self.y * other.x,
        }
    }

    pub(super) fn scaled(self, by: f64) -> Self {
        Self { x: self.x * by, y: self.y * by, z: self.z * by }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self { x: self.x + other.x, y: self.y + other.y, z: self.z + other.z }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        self.plus(other.scaled(-1.0))
    }

    pub(super) fn norm(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// On the ball again.
    pub(super) fn unit(self) -> Self {
        let norm = self.norm();
        if norm > 0.0 { self.scaled(1.0 / norm) } else { self }
    }

    /// The angle between two places, in radians.
    pub(super) fn angle(self, other: Self) -> f64 {
        self.cross(other).norm().atan2(self.dot(other))
    }

    pub(super) fn metres(self, other: Self) -> f64 {
        self.angle(other) * RADIUS
    }

    /// So far along the way to another: 0 is here, 1 is there.
    pub(super) fn towards(self, other: Self, part: f64) -> Self {
        let angle = self.angle(other);
        if angle == 0.0 {
            return self;
        }
        let (a, b) = (((1.0 - part) * angle).sin(), (part * angle).sin());
        self.scaled(a).plus(other.scaled(b)).unit()
    }

    /// The nearest place on the way from `a` to `b`.
    pub(super) fn nearest_on(self, a: Self, b: Self) -> Self {
        let normal = a.cross(b);
        if normal.norm() < 1e-18 {
            return a;
        }
        let normal = normal.unit();
        let foot = self.minus(normal.scaled(self.dot(normal))).unit();
        let between = a.cross(foot).dot(normal) >= 0.0 && foot.cross(b).dot(normal) >= 0.0;
        match between {
            true => foot,
            false if self.angle(a) <= self.angle(b) => a,
            false => b,
        }
    }
}

/// Whether two ways cross at one place between their ends, and where.
pub(super) fn crossing(a: Place, b: Place, c: Place, d: Place) -> Option<Place> {
    let (first, second) = (a.cross(b), c.cross(d));
    let side = |normal: Place, place: Place| normal.dot(place);
    let apart = |x: f64, y: f64| (x > 0.0 && y < 0.0) || (x < 0.0 && y > 0.0);
    if !apart(side(first, c), side(first, d)) || !apart(side(second, a), side(second, b)) {
        return None;
    }
    let place = first.cross(second).unit();
    let middle = a.plus(b);
    let place = if place.dot(middle) < 0.0 { place.scaled(-1.0) } else { place };
    (place.dot(c.plus(d)) > 0.0).then_some(place)
}

/// The area of a ring on the unit ball, positive where it turns left.
pub(super) fn signed_area(ring: &[Place]) -> f64 {
    let Some(first) = ring.first() else { return 0.0 };
    let triangle = |pair: &[Place]| match pair {
        [b, c] => {
            let volume = first.dot(b.cross(*c));
            2.0 * volume.atan2(1.0 + first.dot(*b) + b.dot(*c) + c.dot(*first))
        }
        _ => 0.0,
    };
    ring.windows(2).map(triangle).sum()
}

/// Whether a place is in the smaller part that a ring bounds.
pub(super) fn in_ring(place: Place, ring: &[Place]) -> bool {
    let turn = |pair: (&Place, &Place)| {
        let (a, b) = pair;
        place.dot(a.cross(*b)).atan2(a.dot(*b) - place.dot(*a) * place.dot(*b))
    };
    let turned: f64 = ring.iter().zip(ring.iter().cycle().skip(1)).map(turn).sum();
    turned * signed_area(ring).signum() > std::f64::consts::PI
}
