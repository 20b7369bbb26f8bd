//! Columns by their names.

use super::Row;
use crate::{
    Type,
    plan::{Rel, RelOp, Scalar},
};

impl Row<'_> {
    pub(super) fn none() -> Row<'static> {
        Row { columns: &[], open: false, outer: None, id: 0 }
    }

    pub(super) fn find(&self, name: &str) -> Option<(usize, Type)> {
        let index = self.columns.iter().position(|column| column.name == name)?;
        self.columns.get(index).map(|column| (index, column.ty))
    }
}

impl Rel {
    pub(super) fn column(&self, name: &str) -> Option<(usize, Type)> {
        let index = self.columns.iter().position(|column| column.name == name)?;
        self.columns.get(index).map(|column| (index, column.ty))
    }

    /// Each column as it is.
    pub(super) fn all(&self) -> Vec<Scalar> {
        self.columns.iter().enumerate().map(|(index, column)| Scalar::column(index, column.ty)).collect()
    }

    pub(super) fn then(self, op: impl FnOnce(Box<Rel>) -> RelOp) -> Rel {
        let (columns, open) = (self.columns.clone(), self.open);
        Rel { op: op(Box::new(self)), columns, open }
    }
}
