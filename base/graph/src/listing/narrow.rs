//! What keys and indexes make of a filter: fewer rows to look at, never other ones.

use crate::catalog::{DirectoryType, Scope};
use crate::declaration::PropertyType;
use crate::listing::source::Source;
use crate::lookup::{index_key, key_spaces};
use signet_kernel::{Failure, ObjectId};
use signet_odata::{Condition, Constant, Constraint};
use signet_store::{IndexKey, IndexRange, Liveness, TenantStore};
use std::ops::Bound;

/// Values of one property that are looked up one by one.
const MOST_VALUES: usize = 50;
/// Objects of a stretch of an index that are looked up one by one. Where there are more, a page is soon full of them in
/// any order.
const MOST_IDS: usize = 4_000;

/// The rows in which everything is that meets all constraints.
pub(crate) async fn narrowed(
    store: &TenantStore,
    scope: &Scope,
    kinds: Vec<&'static str>,
    state: Liveness,
    constraints: &[Constraint],
) -> Result<Source, Failure> {
    for (name, _, values) in constraints.iter().filter_map(choices) {
        if let Some(ids) = by_key(store, scope, name, values).await? {
            return Ok(Source::known(ids));
        }
    }
    // The index says nothing of deleted objects.
    if state == Liveness::Deleted {
        return Ok(Source::Stored { kinds, state, index: None });
    }
    for (name, item, values) in constraints.iter().filter_map(choices) {
        if let Some((kinds, field, keys)) = by_index(scope, &kinds, (name, item), values) {
            return Ok(Source::Stored { kinds, state, index: Some((field, keys)) });
        }
    }
    for constraint in constraints {
        let [name] = constraint.path.as_slice() else { continue };
        let Some((kinds, known)) = indexed(scope, &kinds, (name, constraint.item)) else { continue };
        let Some(range) = range(known, &constraint.condition) else { continue };
        if let Some(ids) = store.ids_in_range(&kinds, range, MOST_IDS).await? {
            return Ok(Source::known(ids));
        }
    }
    Ok(Source::Stored { kinds, state, index: None })
}

/// The property, whether an item of it is meant, and the values of which it must have one.
fn choices(constraint: &Constraint) -> Option<(&str, bool, &[Constant])> {
    match (constraint.path.as_slice(), &constraint.condition) {
        ([name], Condition::OneOf(values)) if values.len() <= MOST_VALUES => Some((name, constraint.item, values)),
        _ => None,
    }
}

/// The objects that have one of the values, if the property is a key.
async fn by_key(
    store: &TenantStore,
    scope: &Scope,
    name: &str,
    values: &[Constant],
) -> Result<Option<Vec<ObjectId>>, Failure> {
    if name == "id" && !scope.is_named() {
        let texts = values.iter().filter_map(Constant::as_text);
        return Ok(Some(texts.filter_map(|text| text.parse().ok()).collect()));
    }
    let is_key = |one: &DirectoryType| one.declaration.alternate_keys.iter().any(|(key, _)| *key == name);
    if scope.types.iter().any(|one| one.property(name).is_some() && !is_key(one)) {
        return Ok(None);
    }
    let spaces = key_spaces(scope, name);
    if spaces.is_empty() {
        return Ok(None);
    }
    let mut ids = Vec::new();
    for value in values {
        let Some(text) = value.as_text() else { return Ok(None) };
        for (space, kind) in &spaces {
            let Some(key) = index_key(*kind, text) else { continue };
            ids.extend(store.find_key_anywhere(space, &key).await?);
        }
    }
    Ok(Some(ids))
}

type Indexed = (Vec<&'static str>, &'static str, Vec<IndexKey>);

/// The kinds that have the property, and the keys under which their index has the values: if it has them for all.
fn by_index(scope: &Scope, kinds: &[&'static str], named: (&str, bool), values: &[Constant]) -> Option<Indexed> {
    let (kinds, (field, kind)) = indexed(scope, kinds, named)?;
    let keys = values.iter().map(|value| value_key(kind, value)).collect::<Option<Vec<_>>>()?;
    Some((kinds, field, keys.into_iter().flatten().collect()))
}

/// The kinds that have the property, its field and type: if it is indexed, and alike in all of them.
fn indexed(
    scope: &Scope,
    kinds: &[&'static str],
    (name, item): (&str, bool),
) -> Option<(Vec<&'static str>, (&'static str, PropertyType))> {
    let having =
        |kind: &&'static str| scope.of_kind(kind).and_then(|one| one.property(name)).map(|known| (*kind, known));
    let found: Vec<_> = kinds.iter().filter_map(having).collect();
    let (_, first) = found.first()?;
    let (field, kind) = (first.index?, first.kind);
    let many = matches!(kind, PropertyType::Strings | PropertyType::Guids);
    if many != item || found.iter().any(|(_, known)| known.index != Some(field) || known.kind != kind) {
        return None;
    }
    Some((found.into_iter().map(|(kind, _)| kind).collect(), (field, kind)))
}

/// The stretch of the index in which everything is that meets the condition.
fn range((field, kind): (&'static str, PropertyType), condition: &Condition) -> Option<IndexRange> {
    // WHY: a sigma is folded by what follows it, so what starts a text may be folded in another way than the text.
    let plain = |text: &str| !text.is_empty() && !text.contains('\u{3a3}');
    let texts = matches!(kind, PropertyType::String(_) | PropertyType::Strings);
    match condition {
        Condition::Prefix(text) if texts && plain(text) => {
            let first = IndexKey::text(text);
            Some(IndexRange { field, to: Some(first.clone().last_with_this_start()), from: Some(first) })
        }
        Condition::Range(from, to) if !texts => Some(IndexRange { field, from: end(kind, from)?, to: end(kind, to)? }),
        _ => None,
    }
}

/// One end of a range, taken as included; nothing if it cannot be told.
fn end(kind: PropertyType, bound: &Bound<Constant>) -> Option<Option<IndexKey>> {
    match bound {
        Bound::Unbounded => Some(None),
        Bound::Included(value) | Bound::Excluded(value) => value_key(kind, value)?.map(Some),
    }
}

/// How the index has a value: not at all, where none of the property's type is like it; none if that cannot be told.
fn value_key(kind: PropertyType, value: &Constant) -> Option<Option<IndexKey>> {
    match (kind, value) {
        (PropertyType::String(_) | PropertyType::Strings, value) => {
            value.as_text().map(|text| Some(IndexKey::text(text)))
        }
        (PropertyType::Guid | PropertyType::Guids, value) => {
            value.as_text().map(|text| index_key(PropertyType::Guid, text))
        }
        (PropertyType::Boolean, Constant::Boolean(value)) => Some(Some(IndexKey::bool(*value))),
        (PropertyType::Int32, Constant::Integer(value)) => Some(Some(IndexKey::integer(*value))),
        (PropertyType::DateTime, Constant::Moment(value)) => Some(Some(IndexKey::time(*value))),
        _ => None,
    }
}
