//! Parts of a plan of the language as plans of the columnar engine.

mod combine;
mod compare;
mod group;
mod scalar;

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use datafusion::{
    common::Column as Name,
    datasource::provider_as_source,
    error::{DataFusionError, Result},
    functions_aggregate::expr_fn,
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, ScalarUDF, SortExpr, lit},
};
use signet_kql::{
    Evaluator, ExternalData, RunError, SharedTables, Value,
    plan::{Order, Rel, RelOp, Scalar},
};

use super::{repr::Repr, scan::Parts};
use crate::{
    TimeSpan, external,
    unfold::{self, Step},
};

/// Where an unfolded value stands, by its path within the column.
type Paths = Arc<BTreeMap<Vec<Step>, (String, Repr)>>;

/// A column of what is lowered so far.
#[derive(Clone)]
struct Col {
    expr: Expr,
    repr: Repr,
    paths: Option<Paths>,
}

/// Rows, in no order but that which is still to be brought about.
struct Lowered {
    plan: LogicalPlanBuilder,
    columns: Vec<Col>,
    order: Vec<SortExpr>,
}

/// A part of a plan for the columnar engine, and how its columns are to be read.
pub(super) struct Whole {
    pub(super) plan: LogicalPlan,
    /// None where a column is left out.
    pub(super) reprs: Vec<Option<Repr>>,
}

/// Why a part is not lowered.
pub(super) enum Not {
    /// The row evaluator has it.
    Understood,
    /// It fails.
    Failed(RunError),
}

impl From<DataFusionError> for Not {
    fn from(error: DataFusionError) -> Self {
        Self::Failed(super::failure(error))
    }
}

pub(super) use group::cell;

type Low<T> = std::result::Result<T, Not>;

pub(super) struct Lowering<'x> {
    tables: &'x HashMap<String, Arc<Parts>>,
    window: TimeSpan,
    shared: SharedTables<'x>,
    now: i64,
    evaluator: Evaluator,
    names: Cell<usize>,
    functions: RefCell<HashMap<String, Arc<ScalarUDF>>>,
}

impl<'x> Lowering<'x> {
    pub(super) fn new(
        tables: &'x HashMap<String, Arc<Parts>>,
        window: TimeSpan,
        shared: SharedTables<'x>,
        now: i64,
    ) -> Self {
        Self {
            tables,
            window,
            shared,
            now,
            evaluator: Evaluator::new(now, 64 << 20),
            names: Cell::new(0),
            functions: RefCell::default(),
        }
    }

    /// All of a part of a plan, but for columns that nobody needs.
    pub(super) fn whole(&self, rel: &Rel, needed: Option<&[bool]>) -> Low<Whole> {
        let lowered = self.ordered(self.rel(rel)?)?;
        let (mut exprs, mut reprs) = (Vec::new(), Vec::new());
        for (place, col) in lowered.columns.into_iter().enumerate() {
            if needed.is_some_and(|needed| needed.get(place) == Some(&false)) {
                reprs.push(None);
                continue;
            }
            reprs.push(Some(col.repr));
            exprs.push(col.expr.alias(self.name()));
        }
        if exprs.is_empty() {
            exprs.push(lit(1_i64).alias(self.name()));
        }
        Ok(Whole { plan: lowered.plan.project(exprs)?.build()?, reprs })
    }

    fn name(&self) -> String {
        let number = self.names.get();
        self.names.set(number + 1);
        format!("c{number}")
    }

    fn rel(&self, rel: &Rel) -> Low<Lowered> {
        match &rel.op {
            RelOp::Scan(table, arguments) if arguments.is_empty() => self.scan(table, self.window),
            RelOp::Scan(table, arguments) if table == ExternalData::TABLE => {
                let data = ExternalData::of(arguments, &rel.columns).map_err(|_| Not::Understood)?;
                self.scan(&external::name(&data), TimeSpan::ALWAYS)
            }
            RelOp::Filter(input, condition) => {
                let mut lowered = self.rel(input)?;
                let condition = self.condition(condition, &lowered.columns)?;
                lowered.plan = lowered.plan.filter(condition)?;
                Ok(lowered)
            }
            RelOp::Project(input, scalars) => {
                let lowered = self.rel(input)?;
                self.project(lowered, scalars)
            }
            RelOp::Summarize { input, by, aggregates } => {
                let lowered = self.rel(input)?;
                self.summarize(lowered, by, aggregates)
            }
            RelOp::Sort(input, orders) => {
                let lowered = self.rel(input)?;
                self.sort(lowered, orders)
            }
            RelOp::Top(input, count, orders) => {
                let lowered = self.sort(self.rel(input)?, orders)?;
                self.take(lowered, count)
            }
            RelOp::Take(input, count) => self.take(self.rel(input)?, count),
            RelOp::Count(input) => {
                let lowered = self.rel(input)?;
                let name = self.name();
                let count = expr_fn::count(lit(1_i64)).alias(&name);
                let plan = lowered.plan.aggregate(Vec::<Expr>::new(), vec![count])?;
                Ok(Lowered { plan, columns: vec![Col::named(name, Repr::Long)], order: Vec::new() })
            }
            RelOp::Union(inputs) => self.union(inputs, &rel.columns),
            RelOp::Join { left, right, kind, on, kept } => {
                let (left, right) = (self.rel(left)?, self.rel(right)?);
                self.join(left, right, *kind, on, kept)
            }
            _ => Err(Not::Understood),
        }
    }

    fn scan(&self, table: &str, window: TimeSpan) -> Low<Lowered> {
        let parts = self.tables.get(table).ok_or(Not::Understood)?;
        let plan = LogicalPlanBuilder::scan(self.name(), provider_as_source(parts.clone()), None)?;
        let mut exprs = Vec::new();
        let mut names = HashMap::new();
        for (qualifier, field) in plan.schema().iter() {
            let name = self.name();
            exprs.push(Expr::Column(Name::from((qualifier, field))).alias(&name));
            names.insert(field.name().clone(), name);
        }
        let mut paths: HashMap<&str, BTreeMap<Vec<Step>, (String, Repr)>> = HashMap::new();
        for unfolded in parts.unfolded() {
            let (Some((column, steps)), Some(name)) = (unfold::steps(&unfolded.name), names.get(&unfolded.name)) else {
                continue;
            };
            let repr = match unfolded.ty {
                crate::UnfoldedType::Text | crate::UnfoldedType::Nothing => Repr::AnyText,
                crate::UnfoldedType::Long => Repr::Long,
                crate::UnfoldedType::Bool => Repr::Bool,
            };
            paths.entry(column).or_default().insert(steps, (name.clone(), repr));
        }
        let paths: HashMap<&str, Paths> = paths.into_iter().map(|(column, paths)| (column, Arc::new(paths))).collect();
        let columns = parts.columns().filter_map(|(column, repr)| {
            let name = names.get(column)?;
            Some(Col { paths: paths.get(column.as_str()).cloned(), ..Col::named(name.clone(), repr) })
        });
        let columns = columns.collect();
        let mut plan = plan.project(exprs)?;
        if let Some(name) = names.get("TimeGenerated")
            && window != TimeSpan::ALWAYS
        {
            plan = plan.filter(compare::within(window, name))?;
        }
        Ok(Lowered { plan, columns, order: Vec::new() })
    }

    fn project(&self, lowered: Lowered, scalars: &[Scalar]) -> Low<Lowered> {
        let mut exprs: BTreeMap<String, Expr> = BTreeMap::new();
        let mut columns = Vec::new();
        let keep = |expr: &Expr, exprs: &mut BTreeMap<String, Expr>| {
            if let Expr::Column(name) = expr {
                exprs.insert(name.name.clone(), expr.clone());
            }
        };
        for scalar in scalars {
            let col = self.scalar(scalar, &lowered.columns)?;
            for (name, _) in col.paths.iter().flat_map(|paths| paths.values()) {
                keep(&Expr::Column(Name::new_unqualified(name)), &mut exprs);
            }
            if matches!(col.expr, Expr::Column(_) | Expr::Literal(..)) {
                keep(&col.expr, &mut exprs);
                columns.push(col);
                continue;
            }
            let name = self.name();
            exprs.insert(name.clone(), col.expr.alias(&name));
            columns.push(Col { paths: None, ..Col::named(name, col.repr) });
        }
        for key in &lowered.order {
            keep(&key.expr, &mut exprs);
        }
        if exprs.is_empty() {
            let name = self.name();
            exprs.insert(name.clone(), lit(1_i64).alias(name));
        }
        let plan = lowered.plan.project(exprs.into_values().collect::<Vec<_>>())?;
        Ok(Lowered { plan, columns, order: lowered.order })
    }

    /// Notes the order; it is brought about when it matters.
    fn sort(&self, mut lowered: Lowered, orders: &[Order]) -> Low<Lowered> {
        let mut exprs: BTreeMap<String, Expr> = BTreeMap::new();
        for (qualifier, field) in lowered.plan.schema().iter() {
            exprs.insert(field.name().clone(), Expr::Column(Name::from((qualifier, field))));
        }
        let mut keys = Vec::new();
        for order in orders {
            let key = self.scalar(&order.key, &lowered.columns)?;
            if !matches!(key.repr, Repr::Bool | Repr::Long | Repr::Span | Repr::Micros | Repr::Ticks | Repr::Text) {
                return Err(Not::Understood);
            }
            let name = self.name();
            exprs.insert(name.clone(), self.filled(&key).alias(&name));
            keys.push(Expr::Column(Name::new_unqualified(name)).sort(order.ascending, order.nulls_first));
        }
        lowered.plan = lowered.plan.project(exprs.into_values().collect::<Vec<_>>())?;
        lowered.order = keys;
        Ok(lowered)
    }

    fn ordered(&self, mut lowered: Lowered) -> Low<Lowered> {
        if !lowered.order.is_empty() {
            lowered.plan = lowered.plan.sort(lowered.order.clone())?;
        }
        Ok(lowered)
    }

    fn take(&self, mut lowered: Lowered, count: &Scalar) -> Low<Lowered> {
        let count = match self.constant(count)? {
            Some(Value::Long(count)) => usize::try_from(count).unwrap_or(0),
            _ => return Err(Not::Understood),
        };
        lowered.plan = match lowered.order.is_empty() {
            true => lowered.plan.limit(0, Some(count))?,
            false => lowered.plan.sort_with_limit(lowered.order.clone(), Some(count))?,
        };
        Ok(lowered)
    }
}

impl Col {
    fn named(name: String, repr: Repr) -> Self {
        Self { expr: Expr::Column(Name::new_unqualified(name)), repr, paths: None }
    }
}

/// What the builder gives, or why it does not.
fn built(plan: Result<LogicalPlanBuilder>) -> Low<LogicalPlanBuilder> {
    Ok(plan?)
}
