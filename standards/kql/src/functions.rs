//! The functions that the language has: what they take, what they give, how their result is called.

mod signature;

pub(crate) use signature::{Gives, Naming, Parameter, Signature, Takes, find, names};

use crate::Value;

/// A function over values.
pub(crate) type Run = fn(&[Value]) -> Value;

/// The regular expression of a pattern, if it is one of a bearable size.
pub(crate) fn regex(pattern: &str) -> Option<regex::Regex> {
    regex::RegexBuilder::new(pattern).size_limit(1 << 20).dfa_size_limit(1 << 20).build().ok()
}

/// What runs the function of this name, if anything does.
pub(crate) fn run(_name: &str) -> Option<Run> {
    None
}
