//! An expression as it was read: names are not looked up yet.

use crate::constant::Constant;

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
    /// `has`
    Has,
    /// `add`
    Add,
    /// `sub`
    Subtract,
    /// `mul`
    Multiply,
    /// `div`: of integers, an integer.
    Divide,
    /// `divby`: never rounded.
    DivideBy,
    /// `mod`
    Modulo,
}

impl Operator {
    pub(crate) const COMPARING: [Self; 7] =
        [Self::Equal, Self::NotEqual, Self::Greater, Self::GreaterOrEqual, Self::Less, Self::LessOrEqual, Self::Has];
    pub(crate) const ADDING: [Self; 2] = [Self::Add, Self::Subtract];
    pub(crate) const MULTIPLYING: [Self; 4] = [Self::Multiply, Self::DivideBy, Self::Divide, Self::Modulo];

    /// As written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
            Self::Has => "has",
            Self::Add => "add",
            Self::Subtract => "sub",
            Self::Multiply => "mul",
            Self::Divide => "div",
            Self::DivideBy => "divby",
            Self::Modulo => "mod",
        }
    }

    /// The operator that holds of the operands the other way round.
    pub(crate) fn mirrored(self) -> Self {
        match self {
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            other => other,
        }
    }
}

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal $most:literal,)*) => {
        /// A function.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Function {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Function {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As written.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The least and the most arguments it takes.
            pub fn arity(self) -> (usize, usize) {
                match self { $(Self::$variant => ($least, $most),)* }
            }
        }
    };
}

functions! {
    Contains "contains" 2 2,
    StartsWith "startswith" 2 2,
    EndsWith "endswith" 2 2,
    Length "length" 1 1,
    IndexOf "indexof" 2 2,
    Substring "substring" 2 3,
    ToLower "tolower" 1 1,
    ToUpper "toupper" 1 1,
    Trim "trim" 1 1,
    Concat "concat" 2 2,
    Year "year" 1 1,
    Month "month" 1 1,
    Day "day" 1 1,
    Hour "hour" 1 1,
    Minute "minute" 1 1,
    Second "second" 1 1,
    FractionalSeconds "fractionalseconds" 1 1,
    TotalSeconds "totalseconds" 1 1,
    TotalOffsetMinutes "totaloffsetminutes" 1 1,
    Date "date" 1 1,
    Time "time" 1 1,
    Now "now" 0 0,
    MaxDateTime "maxdatetime" 0 0,
    MinDateTime "mindatetime" 0 0,
    Round "round" 1 1,
    Floor "floor" 1 1,
    Ceiling "ceiling" 1 1,
}

impl Function {
    /// The function of this name, whatever its case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|function| function.name().eq_ignore_ascii_case(name))
    }
}

/// Where a path starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// The object that the filter is about, named by nothing or by `$it`.
    It,
    /// The range variable of a lambda around it.
    Variable(String),
}

/// A part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A property or relation.
    Member(String),
    /// `microsoft.graph.{type}`, without the namespace.
    Cast(String),
    /// `$count`
    Count,
}

/// A path to a value: `owners/$count`, `status/errorCode`, `microsoft.graph.user/displayName`, a range variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPath {
    /// Where it starts.
    pub root: Root,
    /// Where it goes.
    pub steps: Vec<Step>,
}

/// `path/any(x:…)` or `path/all(x:…)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Lambda {
    /// The collection.
    pub source: MemberPath,
    /// Whether all must meet the condition, not just one.
    pub all: bool,
    /// The range variable and the condition; `any()` has neither.
    pub condition: Option<(String, Box<Expr>)>,
}

/// What `in` looks in.
#[derive(Debug, Clone, PartialEq)]
pub enum Choices {
    /// `('a','b')`
    Listed(Vec<Constant>),
    /// A collection of the object.
    Collection(MemberPath),
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A value.
    Constant(Constant),
    /// A property, or the number of things in a collection.
    Path(MemberPath),
    /// `any`, `all`
    Lambda(Lambda),
    /// All hold; at least two.
    And(Vec<Expr>),
    /// One holds; at least two.
    Or(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// `-x`
    Negative(Box<Expr>),
    /// `a eq b`, `a add b`
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `a in (…)`
    In(Box<Expr>, Choices),
    /// `contains(a,b)`
    Call(Function, Vec<Expr>),
    /// `isof(path,'type')`, `isof('type')` of the object itself.
    IsOf(MemberPath, String),
    /// `cast(a,Edm.String)`
    Cast(Box<Expr>, String),
}
