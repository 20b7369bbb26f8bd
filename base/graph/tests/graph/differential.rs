//! Made-up objects, filters, orders and page sizes: the pages of the router over a real store hold the same rows as a
//! naive evaluation of parsed JSON in memory.
//!
//! `PROPTEST_CASES` says how many; each world answers many of them.

use crate::queries::escaped;
use crate::world::World;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use std::cmp::Ordering;

/// Queries asked of one world.
const PER_WORLD: usize = 50;

/// A condition, as text and as what it means.
#[derive(Debug, Clone)]
enum Condition {
    Compare(&'static str, &'static str, Value),
    Text(&'static str, &'static str, &'static str),
    In(&'static str, Vec<&'static str>),
    AnyTag(&'static str),
    Tags(&'static str, usize),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
}

fn literal(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| format!("'{}'", text.replace('\'', "''")))
}

impl Condition {
    fn text(&self) -> String {
        match self {
            Self::Compare(name, operator, value) => format!("{name} {operator} {}", literal(value)),
            Self::Text(function, name, part) => format!("{function}({name},{})", literal(&json!(part))),
            Self::In(name, values) => {
                let values: Vec<String> = values.iter().map(|value| literal(&json!(value))).collect();
                format!("{name} in ({})", values.join(","))
            }
            Self::AnyTag(tag) => format!("tags/any(t:t eq {})", literal(&json!(tag))),
            Self::Tags(operator, count) => format!("tags/$count {operator} {count}"),
            Self::And(left, right) => format!("({}) and ({})", left.text(), right.text()),
            Self::Or(left, right) => format!("({}) or ({})", left.text(), right.text()),
            Self::Not(inner) => format!("not ({})", inner.text()),
        }
    }

    /// Three-valued: nothing is neither true nor false.
    fn holds(&self, object: &Value) -> Option<bool> {
        match self {
            Self::Compare(name, operator, value) => compare(&object[*name], operator, value),
            Self::Text(function, name, part) => {
                let (text, part) = (object[*name].as_str()?.to_lowercase(), part.to_lowercase());
                Some(match *function {
                    "contains" => text.contains(&part),
                    "startswith" => text.starts_with(&part),
                    _ => text.ends_with(&part),
                })
            }
            Self::In(name, values) => {
                let text = object[*name].as_str();
                Some(text.is_some_and(|text| values.iter().any(|value| value.to_lowercase() == text.to_lowercase())))
            }
            Self::AnyTag(tag) => {
                let same = |item: &Value| item.as_str().unwrap().to_lowercase() == tag.to_lowercase();
                Some(object["tags"].as_array().is_some_and(|tags| tags.iter().any(same)))
            }
            Self::Tags(operator, count) => {
                let size = object["tags"].as_array().map_or(0, Vec::len);
                Some(ordered(size.cmp(count), operator))
            }
            Self::And(left, right) => match (left.holds(object), right.holds(object)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(left, right) => match (left.holds(object), right.holds(object)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Not(inner) => inner.holds(object).map(|holds| !holds),
        }
    }
}

fn ordered(order: Ordering, operator: &str) -> bool {
    match operator {
        "eq" => order.is_eq(),
        "ne" => order.is_ne(),
        "gt" => order.is_gt(),
        "ge" => order.is_ge(),
        "lt" => order.is_lt(),
        _ => order.is_le(),
    }
}

/// SPEC: OData 4.01 part 2, 5.1.1.1: equality knows null; the others are false of it, `ge` and `le` of two nulls true.
fn compare(left: &Value, operator: &str, right: &Value) -> Option<bool> {
    match (left.is_null(), right.is_null()) {
        (false, false) => Some(ordered(order(left, right), operator)),
        (both_left, both_right) => Some(match operator {
            "ne" => both_left != both_right,
            "eq" | "ge" | "le" => both_left && both_right,
            _ => false,
        }),
    }
}

fn order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.to_lowercase().cmp(&right.to_lowercase()),
        (Value::Number(left), Value::Number(right)) => left.as_i64().cmp(&right.as_i64()),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        _ => right.is_null().cmp(&left.is_null()),
    }
}

const TEXTS: [&str; 8] = ["a", "B", "ab", "AB", "aB c", "ä", "Ä", "b'c"];

fn object() -> impl Strategy<Value = Value> {
    let text = || prop_oneof![3 => select(&TEXTS[..]).prop_map(Value::from), 1 => Just(Value::Null)];
    let size = prop_oneof![3 => (-2_i64..6).prop_map(Value::from), 1 => Just(Value::Null)];
    let enabled = prop_oneof![any::<bool>().prop_map(Value::from), Just(Value::Null)];
    let tags = prop::collection::vec(select(&TEXTS[..]), 0..3);
    let known = (select(&TEXTS[..]), any::<bool>());
    (text(), text(), size, enabled, tags, known).prop_map(|(title, colour, size, enabled, tags, (label, report))| {
        json!({"title": title, "colour": colour, "size": size, "enabled": enabled, "tags": tags, "label": label,
               "report": report})
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let texts = || select(vec!["title", "colour"]);
    let operators = || select(vec!["eq", "ne", "gt", "ge", "lt", "le"]);
    let text = || prop_oneof![5 => select(&TEXTS[..]).prop_map(Value::from), 1 => Just(Value::Null)];
    let number = prop_oneof![5 => (-2_i64..6).prop_map(Value::from), 1 => Just(Value::Null)];
    let leaf = prop_oneof![
        3 => (texts(), operators(), text()).prop_map(|(name, operator, value)| Condition::Compare(name, operator, value)),
        2 => (operators(), number).prop_map(|(operator, value)| Condition::Compare("size", operator, value)),
        1 => any::<bool>().prop_map(|value| Condition::Compare("enabled", "eq", value.into())),
        2 => (select(vec!["contains", "startswith", "endswith"]), texts(), select(&TEXTS[..]))
            .prop_map(|(function, name, part)| Condition::Text(function, name, part)),
        2 => (texts(), prop::collection::vec(select(&TEXTS[..]), 1..4)).prop_map(|(name, list)| Condition::In(name, list)),
        2 => select(&TEXTS[..]).prop_map(Condition::AnyTag),
        1 => (operators(), 0_usize..3).prop_map(|(operator, count)| Condition::Tags(operator, count)),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let two = || (inner.clone().prop_map(Box::new), inner.clone().prop_map(Box::new));
        prop_oneof![
            two().prop_map(|(left, right)| Condition::And(left, right)),
            two().prop_map(|(left, right)| Condition::Or(left, right)),
            inner.clone().prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}

type Order = Vec<(&'static str, bool)>;

fn sorting() -> impl Strategy<Value = Order> {
    prop::collection::vec((select(vec!["label", "label", "title", "colour", "size", "enabled"]), any::<bool>()), 0..3)
        .prop_filter("each name once", |keys| {
            keys.iter().enumerate().all(|(at, key)| keys[..at].iter().all(|other| other.0 != key.0))
        })
}

/// The ids that should be found.
fn expected(objects: &[(String, Value)], condition: &Condition, keys: &Order) -> Vec<String> {
    let mut found: Vec<&(String, Value)> =
        objects.iter().filter(|(_, object)| condition.holds(object) == Some(true)).collect();
    found.sort_by(|(left_id, left), (right_id, right)| {
        let by_key = |(name, descending): &(&str, bool)| {
            let order = order(&left[*name], &right[*name]);
            if *descending { order.reverse() } else { order }
        };
        keys.iter().map(by_key).find(|order| order.is_ne()).unwrap_or_else(|| left_id.cmp(right_id))
    });
    found.into_iter().map(|(id, _)| id.clone()).collect()
}

async fn found(world: &World, condition: &Condition, keys: &Order, top: usize) -> Vec<String> {
    let mut path = format!("/v1.0/documents?$select=id&$count=true&$top={top}&$filter={}", escaped(&condition.text()));
    if !keys.is_empty() {
        let keys: Vec<String> =
            keys.iter().map(|(name, descending)| format!("{name}{}", if *descending { " desc" } else { "" })).collect();
        path.push_str(&format!("&$orderby={}", escaped(&keys.join(","))));
    }
    let (mut ids, mut next, mut count) = (Vec::new(), Some(path), None);
    while let Some(path) = next {
        let reply = world.get(&path).send().await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        count = count.or_else(|| reply.body["@odata.count"].as_u64());
        let page = reply.each("id");
        assert!(page.len() <= top, "{path}");
        ids.extend(page);
        next = reply.next();
    }
    assert_eq!(count, Some(ids.len() as u64), "the count is of what is found");
    ids
}

async fn build(objects: &[Value]) -> (World, Vec<(String, Value)>) {
    let (world, mut stored) = (World::new().await, Vec::new());
    for object in objects {
        let mut body = object.clone();
        let cast = if object["report"] == json!(true) { "/microsoft.graph.report" } else { "" };
        body.as_object_mut().unwrap().shift_remove("report");
        let mut held = body.clone();
        if !cast.is_empty() {
            // Reports have no colour.
            body.as_object_mut().unwrap().shift_remove("colour");
            held["colour"] = Value::Null;
        }
        let id = world.post(&format!("/v1.0/documents{cast}"), &body).send().await.id();
        stored.push((id, held));
    }
    (world, stored)
}

#[test]
fn pages_hold_the_same_rows_as_a_naive_evaluation() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300_usize);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let objects = prop::collection::vec(object(), 0..25);
    let query = (condition(), sorting(), 1_usize..9);
    for _ in 0..cases.div_ceil(PER_WORLD) {
        let objects = objects.new_tree(&mut runner).unwrap().current();
        runtime.block_on(async {
            let (world, stored) = build(&objects).await;
            for _ in 0..PER_WORLD {
                let (condition, keys, top) = query.new_tree(&mut runner).unwrap().current();
                let expected = expected(&stored, &condition, &keys);
                let found = found(&world, &condition, &keys, top).await;
                assert_eq!(found, expected, "$filter={} $orderby={keys:?} $top={top}\n{stored:#?}", condition.text());
            }
        });
    }
}
