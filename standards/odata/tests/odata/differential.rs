//! Made-up cases, through the text of the query and through scanned JSON, against the naive meaning.

use crate::generated::{filter, object, order};
use crate::naive;
use crate::shapes::Thing;
use proptest::prelude::*;
use serde_json::Value;
use signet_kernel::Timestamp;
use signet_odata::{Condition, Constant, Constraint, Expr, Fields, OrderBy, Predicate, SortKey};
use std::cmp::Ordering;
use std::ops::Bound;

fn cases() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(3_000), failure_persistence: None, ..ProptestConfig::default() }
}

/// The ids of the objects that match, page by page; each page starts after what the last one's token says.
fn pages(objects: &[(String, String)], predicate: &Predicate, order: &OrderBy, size: usize) -> Result<Vec<String>, ()> {
    let now = Timestamp::default();
    let mut keys: Vec<SortKey> = Vec::new();
    for (id, body) in objects {
        if predicate.matches(&Fields::scan(predicate.members(), body.as_bytes()), now).map_err(|_| ())? {
            keys.push(order.key(&Fields::scan(order.members(), body.as_bytes()), id, now).map_err(|_| ())?);
        }
    }
    let (mut ids, mut token): (Vec<String>, Option<Vec<String>>) = (Vec::new(), None);
    loop {
        let after = token.as_ref().map(|parts| order.key_of(parts).unwrap());
        let mut rest: Vec<&SortKey> =
            keys.iter().filter(|key| after.as_ref().is_none_or(|after| *key > after)).collect();
        rest.sort();
        rest.truncate(size);
        let Some(last) = rest.last() else { return Ok(ids) };
        token = Some(last.parts());
        ids.extend(rest.iter().map(|key| key.id().to_owned()));
    }
}

fn naive_ids(objects: &[(String, Value)], filter: &Expr, order: &[(&str, bool)]) -> Result<Vec<String>, ()> {
    let mut found = Vec::new();
    for (id, object) in objects {
        if naive::holds(filter, object)? {
            found.push((id, object));
        }
    }
    found.sort_by(|(left_id, left), (right_id, right)| {
        for (name, descending) in order {
            let (l, r) = (&left[*name], &right[*name]);
            let order = naive::order(l, r).unwrap_or_else(|| r.is_null().cmp(&l.is_null()));
            if order != Ordering::Equal {
                return if *descending { order.reverse() } else { order };
            }
        }
        left_id.cmp(right_id)
    });
    Ok(found.into_iter().map(|(id, _)| id.clone()).collect())
}

/// Whether an object meets a constraint, as an index over its values would say.
fn meets(object: &Value, constraint: &Constraint) -> bool {
    let mut values = vec![object.clone()];
    for name in &constraint.path {
        values = values
            .into_iter()
            .flat_map(|value| if let Value::Array(items) = value { items } else { vec![value] })
            .map(|value| value[name.as_str()].clone())
            .collect();
    }
    let mut values: Vec<Value> =
        values.into_iter().flat_map(|v| if let Value::Array(items) = v { items } else { vec![v] }).collect();
    values.retain(|value| !value.is_null());
    assert!(constraint.item || values.len() <= 1, "{constraint:?}");
    let constant = |constant: &Constant| match constant {
        Constant::Boolean(truth) => Value::from(*truth),
        Constant::Integer(number) => Value::from(*number),
        Constant::Moment(moment) => Value::from(moment.to_string()),
        other => Value::from(other.as_text().unwrap()),
    };
    let compared = |value: &Value, other: &Constant| naive::order(value, &constant(other)).unwrap();
    values.iter().any(|value| match &constraint.condition {
        Condition::OneOf(choices) => choices.iter().any(|choice| compared(value, choice) == Ordering::Equal),
        Condition::Prefix(prefix) => value.as_str().unwrap().to_lowercase().starts_with(&prefix.to_lowercase()),
        Condition::Range(from, to) => {
            let above = match from {
                Bound::Included(from) => compared(value, from) != Ordering::Less,
                Bound::Excluded(from) => compared(value, from) == Ordering::Greater,
                Bound::Unbounded => true,
            };
            above
                && match to {
                    Bound::Included(to) => compared(value, to) != Ordering::Greater,
                    Bound::Excluded(to) => compared(value, to) == Ordering::Less,
                    Bound::Unbounded => true,
                }
        }
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn filters_orders_and_pages_mean_what_the_naive_evaluator_says(
        objects in prop::collection::vec(object(), 0..8), filter in filter(), order in order(), size in 1_usize..4,
    ) {
        let text = filter.to_string();
        let parsed = Expr::parse(&text);
        prop_assert_eq!(parsed.as_ref(), Ok(&filter), "{}", text);
        let predicate = Predicate::new(filter.clone(), &Thing).unwrap_or_else(|error| panic!("{text}: {error}"));
        let keys: Vec<String> = order.iter().map(|(name, desc)| format!("{name} {}", if *desc { "desc" } else { "asc" })).collect();
        let order_by = OrderBy::parse(&keys.join(", "), &Thing).unwrap();
        let named: Vec<(String, Value)> = objects.into_iter().enumerate().map(|(at, o)| (format!("{at}"), o)).collect();
        let bodies: Vec<(String, String)> = named.iter().map(|(id, object)| (id.clone(), object.to_string())).collect();
        prop_assert_eq!(pages(&bodies, &predicate, &order_by, size), naive_ids(&named, &filter, &order), "{}", text);
    }

    #[test]
    fn whatever_matches_meets_every_constraint(objects in prop::collection::vec(object(), 1..8), filter in filter()) {
        let predicate = Predicate::new(filter, &Thing).unwrap();
        for object in &objects {
            if predicate.matches(object, Timestamp::default()) == Ok(true) {
                for constraint in predicate.constraints() {
                    prop_assert!(meets(object, &constraint), "{constraint:?} {} {object}", predicate.expr());
                }
            }
        }
    }
}
