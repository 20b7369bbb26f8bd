//! Names looked up and types compared, before any object is read.

mod compare;

use super::FilterError;
use super::expr::{Choices, Expr, Function, Lambda, MemberPath, Operator, Root, Step};
use super::plan::{Load, Plan, PlanStep};
use super::predicate::Relation;
use crate::constant::Constant;
use crate::path::cast as type_of_cast;
use crate::shape::{Edm, Kind, Shape};

pub(super) const TYPE: &str = "@odata.type";

/// What an expression yields.
#[derive(Clone, Copy)]
pub(super) enum Type<'s> {
    Null,
    One(Kind<'s>),
    Many(Kind<'s>),
}

pub(super) type Typed<'s> = (Plan, Type<'s>);

const BOOLEAN: Type<'static> = Type::One(Kind::Primitive(Edm::Boolean));

pub(super) struct Checker<'s> {
    shape: &'s dyn Shape,
    variables: Vec<(&'s str, Kind<'s>)>,
    /// The members of the object that are read.
    pub(super) members: Vec<String>,
    pub(super) relations: Vec<Relation>,
}

impl<'s> Checker<'s> {
    pub(super) fn new(shape: &'s dyn Shape) -> Self {
        Self { shape, variables: Vec::new(), members: Vec::new(), relations: Vec::new() }
    }

    /// An expression that has to be a condition.
    pub(super) fn condition(&mut self, expr: &'s Expr) -> Result<Plan, FilterError> {
        match self.typed(expr)? {
            (plan, Type::Null | Type::One(Kind::Primitive(Edm::Boolean) | Kind::Untyped)) => Ok(plan),
            _ => Err(FilterError::Type { part: expr.to_string(), expected: "true or false" }),
        }
    }

    /// An expression that has to be a single value.
    pub(super) fn single(&mut self, expr: &'s Expr) -> Result<Plan, FilterError> {
        let (plan, kind) = self.typed(expr)?;
        expect(expr, kind, |_| true, "a single value")?;
        Ok(plan)
    }

    fn conditions(&mut self, parts: &'s [Expr]) -> Result<Vec<Plan>, FilterError> {
        parts.iter().map(|part| self.condition(part)).collect()
    }

    pub(super) fn typed(&mut self, expr: &'s Expr) -> Result<Typed<'s>, FilterError> {
        Ok(match expr {
            Expr::Constant(constant) => (Plan::Constant(constant.clone()), of_constant(constant)),
            Expr::Path(path) => self.value(path)?,
            Expr::Lambda(lambda) => (self.lambda(lambda)?, BOOLEAN),
            Expr::And(parts) => (Plan::And(self.conditions(parts)?), BOOLEAN),
            Expr::Or(parts) => (Plan::Or(self.conditions(parts)?), BOOLEAN),
            Expr::Not(inner) => (Plan::Not(Box::new(self.condition(inner)?)), BOOLEAN),
            Expr::Negative(inner) => {
                let (plan, kind) = self.typed(inner)?;
                let fits = |edm: Edm| edm.is_numeric() || edm == Edm::Duration;
                expect(inner, kind, fits, "a number or a duration")?;
                (Plan::Negative(Box::new(plan)), kind)
            }
            Expr::Binary(operator, left, right) => self.binary(*operator, left, right)?,
            Expr::In(item, choices) => (self.membership(item, choices)?, BOOLEAN),
            Expr::Call(function, arguments) => self.call(*function, arguments)?,
            Expr::IsOf(path, name) => (self.is_of(path, name)?, BOOLEAN),
            Expr::Cast(inner, name) => {
                let edm = Edm::named(name).ok_or_else(|| FilterError::UnknownType(name.clone()))?;
                let (plan, kind) = self.typed(inner)?;
                expect(inner, kind, |_| true, "a single value")?;
                (Plan::Convert(Box::new(plan), edm), Type::One(Kind::Primitive(edm)))
            }
        })
    }

    fn binary(&mut self, operator: Operator, left: &'s Expr, right: &'s Expr) -> Result<Typed<'s>, FilterError> {
        let (l, r) = (self.typed(left)?, self.typed(right)?);
        if Operator::COMPARING.contains(&operator) {
            let (l, r) = compare::comparable(operator, (left, l), (right, r))?;
            return Ok((Plan::Compare(operator, Box::new(l), Box::new(r)), BOOLEAN));
        }
        let kind = compare::calculated(operator, (left, l.1), (right, r.1))?;
        Ok((Plan::Calculate(operator, Box::new(l.0), Box::new(r.0)), kind))
    }

    fn membership(&mut self, item: &'s Expr, choices: &'s Choices) -> Result<Plan, FilterError> {
        let (plan, kind) = self.typed(item)?;
        match choices {
            Choices::Listed(list) => {
                let checked = list.iter().map(|constant| compare::choice(item, kind, constant));
                Ok(Plan::In(Box::new(plan), checked.collect::<Result<_, _>>()?))
            }
            Choices::Collection(path) => {
                let (load, items) = self.collection(path)?;
                let items = (Plan::Constant(Constant::Null), Type::One(items));
                let (plan, _) = compare::comparable(Operator::Equal, (item, (plan, kind)), (item, items))?;
                Ok(Plan::InCollection(Box::new(plan), load))
            }
        }
    }

    fn lambda(&mut self, lambda: &'s Lambda) -> Result<Plan, FilterError> {
        let (source, kind) = self.collection(&lambda.source)?;
        if let (Some((_, _)), Some(relation)) = (&lambda.condition, self.relation_of(&lambda.source)) {
            relation.objects = true;
        }
        let condition = match &lambda.condition {
            None => None,
            Some((variable, condition)) => {
                self.variables.push((variable, kind));
                let plan = self.condition(condition)?;
                self.variables.pop();
                Some(Box::new(plan))
            }
        };
        Ok(Plan::Any { source, all: lambda.all, condition })
    }

    fn call(&mut self, function: Function, arguments: &'s [Expr]) -> Result<Typed<'s>, FilterError> {
        let mut plans = Vec::new();
        let mut result = compare::result_of(function);
        for (at, argument) in arguments.iter().enumerate() {
            let (plan, kind) = self.typed(argument)?;
            let (fits, expected) = compare::parameter(function, at);
            expect(argument, kind, fits, expected)?;
            if matches!(function, Function::Round | Function::Floor | Function::Ceiling) {
                result = kind;
            }
            plans.push(compare::argument(function, plan));
        }
        Ok((Plan::Call(function, plans), result))
    }

    fn is_of(&mut self, path: &'s MemberPath, name: &'s str) -> Result<Plan, FilterError> {
        let (load, kind) = self.load(path)?;
        if let Some(edm) = Edm::named(name) {
            return Ok(Plan::IsPrimitive(load, edm));
        }
        let name = type_of_cast(name).ok_or_else(|| FilterError::UnknownType(name.to_owned()))?;
        let Type::One(Kind::Structured(shape)) = kind else { return Ok(Plan::IsType(load, vec![name.to_owned()])) };
        self.typed_object(load.steps.is_empty());
        let accepted = shape.cast(name).ok_or_else(|| FilterError::UnknownType(name.to_owned()))?;
        Ok(Plan::IsType(load, accepted_types(accepted, name)))
    }

    /// Notes that the type of the object itself is asked for.
    fn typed_object(&mut self, itself: bool) {
        if itself && !self.members.iter().any(|member| member == TYPE) {
            self.members.push(TYPE.to_owned());
        }
    }

    fn value(&mut self, path: &'s MemberPath) -> Result<Typed<'s>, FilterError> {
        if path.steps.last() == Some(&Step::Count) {
            let (load, _) = self.collection(path)?;
            return Ok((Plan::Count(load), Type::One(Kind::Primitive(Edm::Integer))));
        }
        let (load, kind) = self.load(path)?;
        Ok((Plan::Load(load), kind))
    }

    fn collection(&mut self, path: &'s MemberPath) -> Result<(Load, Kind<'s>), FilterError> {
        match self.load(path)? {
            (load, Type::Many(kind)) => Ok((load, kind)),
            (load, Type::One(Kind::Untyped)) => Ok((load, Kind::Untyped)),
            _ => Err(FilterError::Type { part: path.to_string(), expected: "a collection" }),
        }
    }

    fn relation_of(&mut self, path: &MemberPath) -> Option<&mut Relation> {
        let Some(Step::Member(first)) = path.steps.iter().find(|step| matches!(step, Step::Member(_))) else {
            return None;
        };
        let itself = path.root == Root::It;
        self.relations.iter_mut().find(|relation| itself && relation.name.eq_ignore_ascii_case(first))
    }

    fn load(&mut self, path: &'s MemberPath) -> Result<(Load, Type<'s>), FilterError> {
        let (variable, mut kind) = match &path.root {
            Root::It => (None, Kind::Structured(self.shape)),
            Root::Variable(name) => {
                let found = self.variables.iter().rposition(|(known, _)| known == name);
                let kind = found.and_then(|at| self.variables.get(at)).map(|(_, kind)| *kind);
                (found, kind.ok_or_else(|| FilterError::UnknownProperty(name.clone()))?)
            }
        };
        let (mut steps, mut many) = (Vec::new(), false);
        for step in &path.steps {
            let part = || path.to_string();
            if many && !matches!(step, Step::Count) {
                return Err(FilterError::Type { part: part(), expected: "`any` or `all` to look into a collection" });
            }
            match (step, kind) {
                (Step::Count, _) => {}
                (Step::Member(name), Kind::Structured(shape)) => {
                    let property = shape.property(name).ok_or_else(|| FilterError::UnknownProperty(part()))?;
                    if !property.filterable {
                        return Err(FilterError::NotFilterable(part()));
                    }
                    let itself = variable.is_none() && !steps.iter().any(|step| matches!(step, PlanStep::Member(_)));
                    self.note(itself, property.name, property.relation, path);
                    steps.push(PlanStep::Member(property.name.to_owned()));
                    (kind, many) = (property.kind, property.collection);
                }
                (Step::Member(name), Kind::Untyped) => steps.push(PlanStep::Member(name.clone())),
                (Step::Cast(name), Kind::Structured(shape)) => {
                    let cast = shape.cast(name).ok_or_else(|| FilterError::UnknownType(name.clone()))?;
                    self.typed_object(variable.is_none() && steps.is_empty());
                    steps.push(PlanStep::Cast(accepted_types(cast, name)));
                    kind = Kind::Structured(cast);
                }
                (Step::Cast(name), Kind::Untyped) => steps.push(PlanStep::Cast(vec![name.clone()])),
                (_, Kind::Primitive(_)) => return Err(FilterError::UnknownProperty(part())),
            }
        }
        let edm = if let Kind::Primitive(edm) = kind { Some(edm) } else { None };
        Ok((Load { variable, steps, edm }, if many { Type::Many(kind) } else { Type::One(kind) }))
    }

    /// Notes that a member of the object is read.
    fn note(&mut self, itself: bool, name: &str, relation: bool, path: &MemberPath) {
        if !itself {
            return;
        }
        if !self.members.iter().any(|member| member == name) {
            self.members.push(name.to_owned());
        }
        let objects = path.steps.iter().filter(|step| !matches!(step, Step::Count)).count() > 1;
        match self.relations.iter_mut().find(|known| known.name == name) {
            Some(known) => known.objects |= objects,
            None if relation => self.relations.push(Relation { name: name.to_owned(), objects }),
            None => {}
        }
    }
}

fn accepted_types(shape: &dyn Shape, name: &str) -> Vec<String> {
    let names: Vec<String> = shape.type_names().into_iter().map(str::to_owned).collect();
    if names.is_empty() { vec![name.to_owned()] } else { names }
}

fn of_constant(constant: &Constant) -> Type<'static> {
    Type::One(Kind::Primitive(match constant {
        Constant::Null => return Type::Null,
        Constant::Boolean(_) => Edm::Boolean,
        Constant::Integer(_) => Edm::Integer,
        Constant::Number(_) => Edm::Number,
        Constant::Text(_) => Edm::String,
        Constant::Guid(_) => Edm::Guid,
        Constant::Date(_) => Edm::Date,
        Constant::Moment(_) => Edm::Moment,
        Constant::TimeOfDay(_) => Edm::TimeOfDay,
        Constant::Duration(_) => Edm::Duration,
        Constant::Binary(_) => Edm::Binary,
        Constant::Enumeration { .. } => Edm::Enumeration,
    }))
}

/// Refuses an expression that yields none of what fits.
fn expect(expr: &Expr, kind: Type<'_>, fits: impl Fn(Edm) -> bool, expected: &'static str) -> Result<(), FilterError> {
    match kind {
        Type::Null | Type::One(Kind::Untyped) => Ok(()),
        Type::One(Kind::Primitive(edm)) if fits(edm) => Ok(()),
        _ => Err(FilterError::Type { part: expr.to_string(), expected }),
    }
}
