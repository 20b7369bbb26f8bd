//! Which objects of a list are wanted, and in what order: `$filter`, `$search` and `$orderby`, read once and asked of
//! each row. What an expression names is looked for in the stored body, where it lies; only what is derived, complex or
//! at the far end of a relation costs a view.

use crate::body_check::bad;
use crate::catalog::{DirectoryType, Scope};
use crate::entity::{Call, JsonMap};
use crate::request::Request;
use crate::shape::ScopeShape;
use crate::view::{Naming, named, type_annotation, whole};
use serde_json::Value;
use signet_kernel::{Failure, Fault, Timestamp};
use signet_odata::{
    Constraint, EvaluationError, Fields, FilterError, Node, OrderBy, Predicate, QueryOptions, Relation, Row as Facts,
    Search, Shape, SortKey, Undeclared,
};
use signet_store::{Liveness, Row};
use std::collections::BTreeSet;

/// Far ends of one relation of one object that an expression looks into.
const MOST_FAR_ENDS: usize = 1_000;

/// What a list is asked for, besides its place.
pub(crate) struct Selection {
    predicate: Option<Predicate>,
    order: Option<OrderBy>,
    search: Option<(Search, Vec<String>)>,
    members: Vec<String>,
    relations: Vec<Relation>,
    now: Timestamp,
}

impl Selection {
    /// What the options ask of objects of a scope.
    pub(crate) fn of(request: &Request, scope: &Scope, options: &QueryOptions) -> Result<Self, Failure> {
        let asks = options.filter.is_some() || options.order_by.is_some() || options.search.is_some();
        if !asks {
            return Self::read(request, &Undeclared, Vec::new(), options);
        }
        let shape = ScopeShape::new(scope, &request.everything);
        Self::read(request, &shape, searched(scope), options)
    }

    /// What the options ask of objects of which nothing is declared.
    pub(crate) fn undeclared(request: &Request, options: &QueryOptions) -> Result<Self, Failure> {
        Self::read(request, &Undeclared, vec!["displayName".to_owned(), "description".to_owned()], options)
    }

    fn read(
        request: &Request,
        shape: &dyn Shape,
        searched: Vec<String>,
        options: &QueryOptions,
    ) -> Result<Self, Failure> {
        let predicate = options.filter.as_deref().map(|text| Predicate::parse(text, shape)).transpose();
        let predicate = predicate.map_err(|error| refused("$filter", "filter", &error))?;
        let order = options.order_by.as_deref().map(|text| OrderBy::parse(text, shape)).transpose();
        let order = order.map_err(|error| refused("$orderby", "orderby", &error))?;
        let search = options.search.as_deref().map(Search::parse).transpose();
        let search = search.map_err(|error| {
            Failure::new(Fault::Input, "Request_UnsupportedQuery", format!("Invalid search clause: {error}."))
                .with_target("$search")
        })?;
        if let Some(name) = search.iter().flat_map(Search::properties).find(|name| shape.property(name).is_none()) {
            return Err(bad("$search", format!("There is no property '{name}' here; `$search` cannot name it.")));
        }
        let mut members = BTreeSet::new();
        members.extend(predicate.iter().flat_map(Predicate::members).cloned());
        members.extend(order.iter().flat_map(OrderBy::members).cloned());
        members.extend(search.iter().flat_map(Search::properties).map(str::to_owned));
        if search.is_some() {
            members.extend(searched.iter().cloned());
        }
        let mut relations: Vec<Relation> = Vec::new();
        let asked = predicate.iter().flat_map(Predicate::relations).chain(order.iter().flat_map(OrderBy::relations));
        for relation in asked {
            match relations.iter_mut().find(|known| known.name == relation.name) {
                Some(known) => known.objects |= relation.objects,
                None => relations.push(relation.clone()),
            }
        }
        let search = search.map(|search| (search, searched));
        let now = request.call.store.context().now();
        Ok(Self { predicate, order, search, members: members.into_iter().collect(), relations, now })
    }

    /// Whether it wants every object, in any order.
    pub(crate) fn is_everything(&self) -> bool {
        self.wants_all() && self.order.is_none()
    }

    /// Whether it wants every object, be it in an order.
    pub(crate) fn wants_all(&self) -> bool {
        self.predicate.is_none() && self.search.is_none()
    }

    pub(crate) fn order(&self) -> Option<&OrderBy> {
        self.order.as_ref()
    }

    /// What an index may narrow by.
    pub(crate) fn constraints(&self) -> Vec<Constraint> {
        self.predicate.as_ref().map_or_else(Vec::new, Predicate::constraints)
    }

    /// Whether an object that looks like this is wanted, and where it stands. Without an order, all stand at their id.
    pub(crate) fn judge(&self, facts: &dyn Facts, id: &str) -> Result<Option<Option<SortKey>>, Failure> {
        if let Some(predicate) = &self.predicate
            && !predicate.matches(facts, self.now).map_err(|error| without_value("$filter", id, error))?
        {
            return Ok(None);
        }
        if let Some((search, searched)) = &self.search {
            let names: Vec<&str> = searched.iter().map(String::as_str).collect();
            if !search.matches(facts, &names) {
                return Ok(None);
            }
        }
        let key = self.order.as_ref().map(|order| order.key(facts, id, self.now)).transpose();
        Ok(Some(key.map_err(|error| without_value("$orderby", id, error))?))
    }

    /// The same for a stored object of a type; `readable` if the caller may see more than its name.
    pub(crate) async fn judge_stored(
        &self,
        call: &Call,
        one: &DirectoryType,
        row: &Row,
        readable: bool,
        everything: &Scope,
    ) -> Result<Option<Option<SortKey>>, Failure> {
        if self.is_everything() {
            return Ok(Some(None));
        }
        if readable && self.relations.is_empty() && self.members.iter().all(|name| lies_in_row(one, name)) {
            return self.judge_body(one, row);
        }
        let mut view = if readable { whole(call, one, row, Naming::Always).await? } else { named(one, row)? };
        for relation in self.relations.iter().filter(|_| readable) {
            let ends = far_ends(call, one, row, relation, everything).await?;
            view.insert(relation.name.clone(), ends);
        }
        self.judge(&view, &row.id.to_string())
    }

    /// The same without a view.
    fn judge_body(&self, one: &DirectoryType, row: &Row) -> Result<Option<Option<SortKey>>, Failure> {
        let mut facts = Fields::scan(&self.members, &row.body);
        let asks = |name: &str| self.members.iter().any(|member| member == name);
        let id = row.id.to_string();
        let created = if asks("createdDateTime") { row.created.to_string() } else { String::new() };
        let deleted = row.deleted.filter(|_| asks("deletedDateTime")).map(|deletion| deletion.at.to_string());
        let annotation = if asks("@odata.type") { type_annotation(one) } else { Value::Null };
        for name in &self.members {
            let held = match name.as_str() {
                "id" => Node::Text(&id),
                "createdDateTime" if matches!(facts.member(name), Node::Null) => Node::Text(&created),
                "deletedDateTime" => deleted.as_deref().map_or(Node::Null, Node::Text),
                "@odata.type" => Node::Value(&annotation),
                name if one.declaration.incompatible.contains(&name) => Node::Null,
                _ => continue,
            };
            facts.set(name, held);
        }
        self.judge(&facts, &id)
    }
}

/// Whether the row itself says what a member is.
fn lies_in_row(one: &DirectoryType, name: &str) -> bool {
    one.declaration.incompatible.contains(&name) || one.property(name).is_none_or(|property| property.lies_in_body())
}

/// What a search looks through when it names no property.
fn searched(scope: &Scope) -> Vec<String> {
    let mut names: Vec<&'static str> = Vec::new();
    for one in &scope.types {
        let mut own: Vec<&'static str> =
            one.properties.iter().filter(|known| known.searched).map(|known| known.name).collect();
        if own.is_empty() {
            own = ["displayName", "description"].into_iter().filter(|name| one.property(name).is_some()).collect();
        }
        own.retain(|name| !names.contains(name));
        names.extend(own);
    }
    names.into_iter().map(str::to_owned).collect()
}

/// The far ends of a relation, or as many nothings, where only their number is asked for.
async fn far_ends(
    call: &Call,
    one: &DirectoryType,
    row: &Row,
    asked: &Relation,
    everything: &Scope,
) -> Result<Value, Failure> {
    let Some(relation) = one.relation(&asked.name) else {
        return Ok(Value::Array(Vec::new()));
    };
    let ends = relation.ends(call, row.id).await?;
    if ends.len() > MOST_FAR_ENDS {
        let message = format!(
            "'{}' of {} leads to more than {MOST_FAR_ENDS} objects; an expression cannot look at so many.",
            asked.name, row.id
        );
        return Err(Failure::new(Fault::Input, "Request_UnsupportedQuery", message).with_target("$filter"));
    }
    if !asked.objects && !relation.single() {
        return Ok(Value::Array(vec![Value::Null; ends.len()]));
    }
    let mut views = Vec::with_capacity(ends.len());
    for row in call.store.read_rows(&ends).await? {
        if let Some((one, row)) = crate::lookup::in_scope(everything, row, Liveness::Live) {
            let readable = call.caller.holds_any(one.declaration.access.read) && one.entity.visible(call, &row);
            let view: JsonMap =
                if readable { whole(call, &one, &row, Naming::Always).await? } else { named(&one, &row)? };
            views.push(Value::Object(view));
        }
    }
    Ok(if relation.single() { views.pop().unwrap_or(Value::Null) } else { Value::Array(views) })
}

fn refused(option: &str, clause: &str, error: &FilterError) -> Failure {
    let code = match error {
        FilterError::UnknownProperty(_) => "Request_BadRequest",
        _ => "Request_UnsupportedQuery",
    };
    Failure::new(Fault::Input, code, format!("Invalid {clause} clause: {error}.")).with_target(option)
}

fn without_value(option: &str, id: &str, error: EvaluationError) -> Failure {
    let message = format!("The expression in `{option}` has no value for the object {id}: {error}.");
    Failure::new(Fault::Input, "Request_UnsupportedQuery", message).with_target(option)
}
