//! OData v4 as Microsoft Graph speaks it: paths, query options, filters, references. Text in, values out.
//!
//! Start with [`Path::parse`], [`QueryOptions::parse`] and [`Filter::parse`]. Absent: `$expand`, `$orderby`,
//! `$search`, lambda operators and functions beyond `startswith`; whoever reads options refuses what it cannot do.

mod escape;
mod filter;
mod path;
mod query;
mod reference;

pub use filter::{Comparison, Filter, FilterError, Literal};
pub use path::{Key, Path, PathError, Segment};
pub use query::{QueryError, QueryOptions};
pub use reference::{object_reference, type_name};
