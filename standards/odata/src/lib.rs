//! OData v4 as Microsoft Graph speaks it: paths, query options, filters, references. Text in, values out.
//!
//! Start with [`Path::parse`] and [`QueryOptions::parse`]. A `$filter` becomes a [`Predicate`], checked against a
//! [`Shape`] before any object is read; the predicate then decides about [`Row`]s: parsed JSON, or [`Fields`] scanned
//! out of JSON that was not. [`Predicate::constraints`] says by what an index may narrow first. [`OrderBy`] puts rows in
//! order, [`Search`] looks for [`words`], [`project`] leaves what `$select` names.
//!
//! Words: an *expression* is what was written; a *shape* is what objects have; a *row* is one object.
//!
//! Invariants: nothing panics, whatever it is given; every expression and every evaluation is bounded; texts compare
//! as [`fold`] says, everywhere; the current time is a parameter.
//!
//! Absent: `$apply`, `$compute`, parameter aliases, geography, `matchesPattern`, `case`, sets and objects as literals.
//! Decimals are computed in double precision.

mod constant;
mod escape;
mod expand;
mod filter;
mod order;
mod path;
mod query;
mod reference;
mod row;
mod scalar;
mod scan;
mod search;
mod select;
mod shape;
mod temporal;
mod text;
mod words;

pub use constant::Constant;
pub use expand::Expand;
pub use filter::{
    Choices, Condition, Constraint, EvaluationError, Expr, FilterError, Function, Lambda, MemberPath, Operator,
    Predicate, Relation, Root, Step,
};
pub use order::{OrderBy, SortKey};
pub use path::{Key, Path, PathError, Segment};
pub use query::{QueryError, QueryOptions};
pub use reference::{object_reference, type_name};
pub use row::{Fields, Node, Row};
pub use scan::RawJson;
pub use search::{Search, SearchError};
pub use select::project;
pub use shape::{Edm, Kind, Property, Shape, Undeclared};
pub use text::fold;
pub use words::{search_terms, words};
