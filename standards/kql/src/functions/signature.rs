//! One line for each function in `signatures.txt`: kind, name, how a result is called, overloads. The facts are those of
//! Microsoft's language service (`@kusto/language-service-next` 12.4.1, MIT).

use std::{collections::HashMap, sync::LazyLock};

use crate::Type;

/// What an argument must be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Takes {
    Types(Vec<Type>),
    Scalar,
    Integer,
    RealOrDecimal,
    StringOrDynamic,
    StringOrArray,
    IntegerOrArray,
    Array,
    Bag,
    Number,
    NumberOrBool,
    Summable,
    Orderable,
    NotRealOrBool,
    NotDynamic,
    Table,
    TypeLiteral,
}

#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) takes: Takes,
    pub(crate) optional: bool,
    pub(crate) repeats: bool,
}

/// What the result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gives {
    Type(Type),
    Argument(usize),
    /// The type that `typeof( )` as the last argument names.
    Literal,
    /// The first argument's, and long for int.
    Promoted,
    Common,
    Widest,
    /// Decided by the binder.
    Custom,
}

/// How the result is called where it is given no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    None,
    First,
    Only,
    /// This, `_`, the first argument's name.
    Prefix(&'static str),
    NameAndFirst,
    Fixed(&'static str),
    Column,
}

#[derive(Debug, Clone)]
pub(crate) struct Overload {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) gives: Gives,
}

#[derive(Debug, Clone)]
pub(crate) struct Signature {
    pub(crate) name: &'static str,
    pub(crate) aggregate: bool,
    pub(crate) naming: Naming,
    pub(crate) overloads: Vec<Overload>,
}

type Named = HashMap<&'static str, Signature>;

/// The functions over values, and the aggregates.
static ALL: LazyLock<(Named, Named)> = LazyLock::new(|| {
    let all = include_str!("signatures.txt").lines().filter_map(read);
    let (aggregates, scalars) = all.map(|signature| (signature.name, signature)).partition(|(_, s)| s.aggregate);
    (scalars, aggregates)
});

/// The function of this name; aggregates and others are kept apart.
pub(crate) fn find(name: &str, aggregate: bool) -> Option<&'static Signature> {
    if aggregate { ALL.1.get(name) } else { ALL.0.get(name) }
}

/// All names.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ALL.0.keys().chain(ALL.1.keys()).copied()
}

fn read(line: &'static str) -> Option<Signature> {
    let mut words = line.splitn(4, ' ');
    let aggregate = words.next()? == "aggregate";
    let name = words.next()?;
    let naming = naming(words.next()?)?;
    let overloads = words.next()?.split(" ; ").map(overload).collect::<Option<_>>()?;
    Some(Signature { name, aggregate, naming, overloads })
}

fn naming(word: &'static str) -> Option<Naming> {
    Some(match word {
        "-" => Naming::None,
        "first" => Naming::First,
        "only" => Naming::Only,
        "name+first" => Naming::NameAndFirst,
        "column" => Naming::Column,
        _ => match word.split_once(':')? {
            ("prefix", prefix) => Naming::Prefix(prefix),
            (_, fixed) => Naming::Fixed(fixed),
        },
    })
}

fn overload(text: &str) -> Option<Overload> {
    let (parameters, gives) = text.strip_prefix('(')?.rsplit_once(") ")?;
    let parameters = if parameters.is_empty() {
        Vec::new()
    } else {
        parameters.split(", ").map(parameter).collect::<Option<_>>()?
    };
    Some(Overload { parameters, gives: returned(gives)? })
}

fn returned(word: &str) -> Option<Gives> {
    Some(match word {
        "custom" => Gives::Custom,
        "arg0" | "literal0" => Gives::Argument(0),
        "arg1" | "literal1" => Gives::Argument(1),
        "arg2" => Gives::Argument(2),
        "literalN" => Gives::Literal,
        "promoted" => Gives::Promoted,
        "array" => Gives::Type(Type::Dynamic),
        "common" => Gives::Common,
        "widest" => Gives::Widest,
        name => Gives::Type(Type::named(name)?),
    })
}

fn parameter(text: &str) -> Option<Parameter> {
    let repeats = text.ends_with(['+', '*']);
    let optional = text.ends_with(['?', '*']);
    let text = text.trim_end_matches(['+', '*', '?']);
    let word = text.split('@').next()?;
    let takes = match word {
        "any" | "scalar" | "common" | "common_scalar" | "arg0" | "arg1" | "arg2" | "not_bool" => Takes::Scalar,
        "table" => Takes::Table,
        "integer" => Takes::Integer,
        "real_or_decimal" => Takes::RealOrDecimal,
        "string_or_dynamic" => Takes::StringOrDynamic,
        "string_or_array" => Takes::StringOrArray,
        "integer_or_array" => Takes::IntegerOrArray,
        "array" => Takes::Array,
        "bag" => Takes::Bag,
        "number" | "common_number" => Takes::Number,
        "number_or_bool" => Takes::NumberOrBool,
        "summable" | "common_summable" => Takes::Summable,
        "orderable" | "common_orderable" => Takes::Orderable,
        "not_real_or_bool" => Takes::NotRealOrBool,
        "not_dynamic" => Takes::NotDynamic,
        "type" => Takes::TypeLiteral,
        names => Takes::Types(names.split('|').map(Type::named).collect::<Option<_>>()?),
    };
    Some(Parameter { takes, optional, repeats })
}

impl Overload {
    fn takes_count(&self, count: usize) -> bool {
        let least = self.parameters.iter().filter(|parameter| !parameter.optional).count();
        let repeats = self.parameters.iter().any(|parameter| parameter.repeats);
        count >= least && (repeats || count <= self.parameters.len())
    }

    /// What the argument at this place can be: of its own parameter, or of one that repeats before it.
    pub(crate) fn candidates(&self, index: usize) -> impl Iterator<Item = &Parameter> {
        let own = self.parameters.get(index);
        let repeated = self.parameters.iter().take(index + 1).filter(|parameter| parameter.repeats);
        let after = self.parameters.last().filter(|_| self.parameters.iter().any(|parameter| parameter.repeats));
        own.into_iter().chain(repeated).chain(after)
    }

    /// What the argument at this place must be.
    pub(crate) fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or_else(|| self.parameters.last().filter(|last| last.repeats))
    }
}

impl Signature {
    /// The overloads that take so many arguments.
    pub(crate) fn taking(&self, count: usize) -> impl Iterator<Item = &Overload> {
        self.overloads.iter().filter(move |overload| overload.takes_count(count))
    }

    /// How many arguments it takes, in words.
    pub(crate) fn counts(&self) -> String {
        let least = self.overloads.iter().map(|o| o.parameters.iter().filter(|p| !p.optional).count()).min();
        let most = self.overloads.iter().map(|o| o.parameters.len()).max().unwrap_or(0);
        let open = self.overloads.iter().any(|o| o.parameters.iter().any(|p| p.repeats));
        let least = least.unwrap_or(0);
        let plural = if least == 1 && most == 1 { "" } else { "s" };
        match (open, least == most) {
            (true, _) => format!("{least} or more arguments"),
            (false, true) => format!("{least} argument{plural}"),
            (false, false) => format!("{least} to {most} arguments"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read() {
        assert_eq!(ALL.0.len() + ALL.1.len(), include_str!("signatures.txt").lines().count());
    }

    #[test]
    fn names_and_counts() {
        let bin = find("bin", false).expect("bin");
        assert_eq!((bin.naming, bin.overloads.len(), bin.counts()), (Naming::First, 4, "2 arguments".to_owned()));
        assert!(bin.taking(1).next().is_none());
        assert_eq!(find("make_set", true).map(|f| f.naming), Some(Naming::Prefix("set")));
        assert!(find("make_set", false).is_none());
    }
}
