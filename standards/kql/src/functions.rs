//! The functions that the language has: what they take, what they give, how their result is called, what runs them.

mod agents;
mod arrays;
mod bags;
mod codes;
pub(crate) mod geo;
mod growth;
mod hashes;
mod network;
mod numbers;
mod pairs;
mod patterns;
mod readers;
mod series;
mod signature;
pub(crate) mod sketches;
mod statistics;
mod texts;
mod times;
mod units;
mod urls;
mod zones;

pub(crate) use patterns::{cached_regex, regex};
pub(crate) use signature::{Gives, Naming, Signature, Takes, find, names};

use crate::{Value, value::as_long};

/// A function over values.
pub(crate) type Run = fn(&[Value]) -> Value;

/// What runs the function of this name, if anything does.
pub(crate) fn run(name: &str) -> Option<Run> {
    let families = [
        texts::run,
        patterns::run,
        times::run,
        numbers::run,
        arrays::run,
        bags::run,
        network::run,
        urls::run,
        codes::run,
        hashes::run,
        readers::run,
        pairs::run,
        sketches::run,
        agents::run,
        series::run,
        statistics::run,
        units::run,
        zones::run,
        geo::run,
    ];
    families.iter().find_map(|family| family(name))
}

/// The argument at this place; null where it is not given.
fn at(args: &[Value], index: usize) -> &Value {
    args.get(index).unwrap_or(&Value::Null)
}

/// The argument as a text.
fn text(args: &[Value], index: usize) -> String {
    at(args, index).to_text()
}

fn whole(args: &[Value], index: usize) -> Option<i64> {
    args.get(index).and_then(as_long)
}

fn count(number: usize) -> Value {
    Value::Long(i64::try_from(number).unwrap_or(i64::MAX))
}
