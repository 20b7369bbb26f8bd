//! The columns that an operator puts out.

use super::Bound;
use crate::{Column, KqlError, Span, error::Problem, plan::Scalar};

/// How a column came by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// Written, or a column itself.
    Explicit,
    /// From the expression.
    Implied,
    /// One of several that an expression gives.
    Several,
}

/// An output before it has its final name.
pub(super) struct Output {
    pub(super) name: Option<String>,
    pub(super) given: Given,
    pub(super) scalar: Scalar,
    pub(super) span: Span,
}

#[derive(Default)]
pub(super) struct Outputs {
    pub(super) columns: Vec<Column>,
    pub(super) scalars: Vec<Scalar>,
    firm: Vec<bool>,
    unnamed: usize,
    /// `extend`: so many columns were there before and may be replaced.
    replaceable: usize,
}

impl Outputs {
    /// Columns that later ones of the same name replace.
    pub(super) fn extending(columns: &[Column], scalars: Vec<Scalar>) -> Self {
        Self {
            columns: columns.to_vec(),
            scalars,
            firm: vec![false; columns.len()],
            unnamed: 0,
            replaceable: columns.len(),
        }
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    pub(super) fn unique(&self, base: &str) -> String {
        if self.find(base).is_none() {
            return base.to_owned();
        }
        (1..).map(|n| format!("{base}{n}")).find(|name| self.find(name).is_none()).unwrap_or_default()
    }

    pub(super) fn push(&mut self, output: Output) -> Bound<()> {
        let Some(name) = output.name else {
            self.unnamed += 1;
            let name = self.unique(&format!("Column{}", self.unnamed));
            self.append(name, output.scalar, false);
            return Ok(());
        };
        let firm = output.given == Given::Explicit;
        match self.find(&name) {
            None => self.append(name, output.scalar, firm),
            Some(place) if self.firm.get(place) == Some(&true) && output.given != Given::Several => {
                return Err(KqlError::new(Problem::DuplicateColumn(name), output.span));
            }
            Some(place) if self.replaceable > 0 => self.replace(place, output.scalar, firm),
            Some(_) => self.append(self.unique(&name), output.scalar, firm),
        }
        Ok(())
    }

    fn append(&mut self, name: String, scalar: Scalar, firm: bool) {
        self.columns.push(Column::new(name, scalar.ty));
        self.scalars.push(scalar);
        self.firm.push(firm);
    }

    fn replace(&mut self, place: usize, scalar: Scalar, firm: bool) {
        if let Some(column) = self.columns.get_mut(place) {
            column.ty = scalar.ty;
        }
        if let Some(old) = self.scalars.get_mut(place) {
            *old = scalar;
        }
        if let Some(old) = self.firm.get_mut(place) {
            *old = firm;
        }
    }
}
