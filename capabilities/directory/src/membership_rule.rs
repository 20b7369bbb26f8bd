//! The rule of a dynamic group: which people belong to it.
//!
//! `user.department -eq "Sales" -and (user.jobTitle -startsWith "VP" -or user.otherMails -any (_ -contains "sales"))`:
//! comparisons of a person's properties, joined by `-and`, `-or` and `-not`, with or without hyphens, without regard
//! to case. A rule is pure: it is read once and evaluated on [`Facts`].

mod evaluate;
mod parse;
mod property;
mod token;

pub use evaluate::Facts;

use property::Property;
use regex::Regex;
use signet_kernel::{ObjectId, Timestamp};

/// The longest rule, in characters.
pub const LONGEST_RULE: usize = 3072;

/// Where a rule is wrong, and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the rule is wrong at character {position}: {wrong}")]
pub struct RuleError {
    /// The first character has the position 1.
    pub position: usize,
    /// What is wrong there.
    pub wrong: Wrong,
}

/// What is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Longer than [`LONGEST_RULE`].
    #[error("a rule has at most {LONGEST_RULE} characters")]
    TooLong,
    /// Nested too deep.
    #[error("parentheses are nested too deep")]
    TooDeep,
    /// A string does not end.
    #[error("this string has no closing quote")]
    OpenString,
    /// A character that starts nothing.
    #[error("'{0}' means nothing here")]
    Character(char),
    /// Something else was expected.
    #[error("{0} is expected here")]
    Expected(&'static str),
    /// There is no such property.
    #[error("there is no property '{0}'; properties are written as user.department")]
    Property(String),
    /// There is no such operator.
    #[error("'{0}' is no operator; use -eq, -ne, -startsWith, -contains, -match, -in, -any and their like")]
    Operator(String),
    /// The operator does not apply to values of this type.
    #[error("this operator does not apply to this property")]
    DoesNotApply,
    /// The value is of another type than the property.
    #[error("the value is of another type than the property")]
    Value,
    /// Not a regular expression.
    #[error("this is no regular expression that can be matched in bounded time")]
    Pattern,
}

/// A rule, understood.
#[derive(Debug, Clone)]
pub struct MembershipRule(Node);

impl MembershipRule {
    /// Reads a rule.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        parse::rule(text).map(Self)
    }

    /// Whether somebody belongs.
    pub fn matches(&self, facts: &Facts<'_>) -> bool {
        evaluate::holds(&self.0, facts)
    }
}

#[derive(Debug, Clone)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    /// A property of the person.
    Compare(&'static Property, Test),
    /// Some or all items of a collection of texts.
    Items(&'static Property, Quantifier, Vec<Alternative>),
    /// Whether the person is a direct member of one of these groups.
    MemberOf(Vec<ObjectId>),
    /// Whether the person reports to this one.
    ReportsTo(ObjectId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    Any,
    All,
}

/// A conjunction of tests on one item.
type Alternative = Vec<Test>;

#[derive(Debug, Clone)]
struct Test {
    /// `-ne` is `-eq`, negated.
    negated: bool,
    operator: Operator,
}

#[derive(Debug, Clone)]
enum Operator {
    Equals(Value),
    In(Vec<Value>),
    StartsWith(String),
    Contains(String),
    Matches(Regex),
    NotAfter(Moment),
    NotBefore(Moment),
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Null,
    Bool(bool),
    /// In lower case.
    Text(String),
    Moment(Moment),
}

/// A moment, or one that moves with the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    At(Timestamp),
    /// So many days from now.
    Days(i64),
}

#[cfg(test)]
mod tests;
