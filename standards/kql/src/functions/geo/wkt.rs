//! `geo_from_wkt( )`: shapes as well-known text writes them.

use super::{
    Run, at,
    shapes::{bag, shape},
};
use crate::Value;

pub(super) fn run(name: &str) -> Option<Run> {
    (name == "geo_from_wkt").then_some(|args| {
        let text = at(args, 0).to_text();
        let mut reader = Reader { rest: text.trim() };
        let found = reader.shape(0);
        found.filter(|_| reader.rest.trim().is_empty()).unwrap_or_default()
    })
}

struct Reader<'t> {
    rest: &'t str,
}

const MAX_LEVELS: usize = 16;

const KINDS: [(&str, &str, usize); 6] = [
    ("POINT", "Point", 0),
    ("LINESTRING", "LineString", 1),
    ("POLYGON", "Polygon", 2),
    ("MULTIPOINT", "MultiPoint", 1),
    ("MULTILINESTRING", "MultiLineString", 2),
    ("MULTIPOLYGON", "MultiPolygon", 3),
];

impl Reader<'_> {
    fn eat(&mut self, mark: char) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(mark) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> String {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        self.rest = after;
        word.to_ascii_uppercase()
    }

    fn shape(&mut self, level: usize) -> Option<Value> {
        let word = self.word();
        if word == "GEOMETRYCOLLECTION" && level < MAX_LEVELS && self.eat('(') {
            let mut shapes = vec![self.shape(level + 1)?];
            while self.eat(',') {
                shapes.push(self.shape(level + 1)?);
            }
            let collection = [("type", "GeometryCollection".into()), ("geometries", Value::array(shapes))];
            return self.eat(')').then(|| bag(collection));
        }
        let (_, kind, depth) = KINDS.iter().find(|(known, ..)| *known == word)?;
        let coordinates = if *depth == 0 { self.bracketed_pair()? } else { self.list(*depth)? };
        Some(shape(kind, coordinates))
    }

    fn bracketed_pair(&mut self) -> Option<Value> {
        let found = if self.eat('(') { Some(self.pair()?) } else { None };
        found.filter(|_| self.eat(')'))
    }

    /// Lists within lists of pairs.
    fn list(&mut self, depth: usize) -> Option<Value> {
        if !self.eat('(') {
            return None;
        }
        let mut items = Vec::new();
        loop {
            let bracketed = self.rest.trim_start().starts_with('(');
            items.push(match (depth, bracketed) {
                (1, true) => self.bracketed_pair()?,
                (1, false) => self.pair()?,
                _ => self.list(depth - 1)?,
            });
            if !self.eat(',') {
                return self.eat(')').then(|| Value::array(items));
            }
        }
    }

    fn pair(&mut self) -> Option<Value> {
        Some(Value::array(vec![self.number()?, self.number()?]))
    }

    fn number(&mut self) -> Option<Value> {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(end)?;
        self.rest = after;
        match number.parse::<i64>() {
            Ok(whole) => Some(Value::Long(whole)),
            Err(_) => number.parse().ok().map(Value::Real),
        }
    }
}
