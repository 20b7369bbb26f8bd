//! What a query comes to once every name is resolved: a tree that one who answers it otherwise can read.
//!
//! Start with [`Rel`]. A scalar reads the columns of its relation's input by their places.

pub(crate) mod depth;
mod graph;
pub(crate) mod needed;
mod rel;
mod scalar;

pub use graph::{Graph, Hop, Match, Walk};
pub use rel::{
    Apply, Expand, JoinKind, Nested, NestedLevel, Order, Origin, Parse, Plugin, Rel, RelOp, Series, StepOf, StepOutput,
    Steps,
};
pub use scalar::{Aggregate, Called, Each, Kind, Random, Scalar};

use std::collections::{BTreeMap, BTreeSet};

use crate::{Column, ExternalData, ExternalError, KqlError};

/// A bound query: its columns, and how to get them.
#[derive(Debug)]
pub struct Plan {
    pub(crate) root: Rel,
    /// Tables that are read more than once, or within values.
    pub(crate) shared: Vec<Rel>,
    pub(crate) unsupported: Option<KqlError>,
    pub(crate) needs_rows: bool,
}

impl Plan {
    /// The columns of the answer.
    pub fn columns(&self) -> &[Column] {
        &self.root.columns
    }

    /// The tables and functions of the caller that are read.
    pub fn tables(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        self.shared.iter().chain([&self.root]).for_each(|rel| depth::tables(rel, &mut found));
        found
    }

    /// Of each table of the caller, whether anybody looks at each of its columns.
    pub fn looked_at(&self) -> BTreeMap<&str, Vec<bool>> {
        let mut needed = needed::Needed::default();
        let mut found = BTreeMap::new();
        for rel in self.shared.iter().chain([&self.root]) {
            needed.note(rel);
            needed.of_tables(rel, &mut found);
        }
        found
    }

    /// What is read from outside, each once.
    pub fn external_data(&self) -> Result<Vec<ExternalData>, ExternalError> {
        let mut found = Vec::new();
        self.shared.iter().chain([&self.root]).for_each(|rel| depth::external_data(rel, &mut found));
        let mut read: Vec<ExternalData> = Vec::new();
        for (arguments, columns) in found {
            let one = ExternalData::of(arguments, columns)?;
            if !read.contains(&one) {
                read.push(one);
            }
        }
        Ok(read)
    }

    /// Whether this cannot be run only because columns depend on rows: [`crate::Script::bind_over`] finds them.
    pub fn needs_rows(&self) -> bool {
        self.needs_rows
    }

    /// The first part that cannot be run, if there is one: something that Signet does not do, or a literal that is no
    /// value of its type.
    pub fn unsupported(&self) -> Option<&KqlError> {
        self.unsupported.as_ref()
    }
}
