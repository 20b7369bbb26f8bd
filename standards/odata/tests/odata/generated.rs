//! Objects and expressions about them, made up.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use signet_odata::{Choices, Constant, Expr, Function, Lambda, MemberPath, Operator, Root, Step};

const TEXTS: [&str; 10] = ["", "a", "B", "ab", "AB", "aB c", "ä", "Ä", "b'c", "ΑΣ"];
pub(crate) const MOMENTS: [&str; 4] =
    ["2026-01-01T00:00:00Z", "2026-01-01T02:00:00.000+02:00", "2025-06-30T23:59:59.5Z", "2026-11-21T10:00:00Z"];

const COMPARISONS: [Operator; 6] = [
    Operator::Equal,
    Operator::NotEqual,
    Operator::Greater,
    Operator::GreaterOrEqual,
    Operator::Less,
    Operator::LessOrEqual,
];

fn or_null(value: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop_oneof![4 => value, 1 => Just(Value::Null)].boxed()
}

fn text() -> BoxedStrategy<Value> {
    or_null(select(&TEXTS[..]).prop_map(Value::from))
}

pub(crate) fn object() -> impl Strategy<Value = Value> {
    let number = || or_null((-3_i64..9).prop_map(Value::from));
    let part = (text(), number()).prop_map(|(name, size)| json!({"name": name, "size": size}));
    let tags = prop::collection::vec(text(), 0..3);
    let scalars = (text(), text(), number(), number(), or_null(any::<bool>().prop_map(Value::from)));
    let rest = (or_null(select(&MOMENTS[..]).prop_map(Value::from)), tags, prop::collection::vec(part, 0..3));
    (scalars, rest).prop_map(|((name, mail, count, other, enabled), (created, tags, parts))| {
        let mut object = json!({
            "created": created, "displayName": name, "count": count, "noise": {"count": [1, "}\"", {"tags": 2}]},
            "tags": tags, "parts": parts, "enabled": enabled, "other": other,
        });
        if !mail.is_null() {
            object["mail"] = mail;
        }
        object
    })
}

fn path(root: Root, steps: &[&str]) -> MemberPath {
    let step = |name: &&str| if *name == "$count" { Step::Count } else { Step::Member((*name).to_owned()) };
    MemberPath { root, steps: steps.iter().map(step).collect() }
}

fn member(steps: &[&str]) -> Expr {
    Expr::Path(path(Root::It, steps))
}

fn of(variable: &str, steps: &[&str]) -> Expr {
    Expr::Path(path(Root::Variable(variable.to_owned()), steps))
}

/// What a condition can be about: texts and numbers.
#[derive(Clone)]
struct Leaves {
    texts: Vec<Expr>,
    numbers: Vec<Expr>,
}

fn texts(leaves: &Leaves) -> BoxedStrategy<Expr> {
    let constant = select(&TEXTS[..]).prop_map(|text| Expr::Constant(Constant::Text(text.to_owned())));
    let leaf = prop_oneof![2 => select(leaves.texts.clone()), 1 => constant];
    let one = |function: Function| move |inner: Expr| Expr::Call(function, vec![inner]);
    leaf.prop_recursive(2, 4, 2, move |inner| {
        prop_oneof![
            inner.clone().prop_map(one(Function::ToLower)),
            inner.clone().prop_map(one(Function::Trim)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Expr::Call(Function::Concat, vec![a, b])),
            (inner, -1_i64..3).prop_map(|(text, start)| {
                Expr::Call(Function::Substring, vec![text, Expr::Constant(Constant::Integer(start))])
            }),
        ]
    })
    .boxed()
}

fn numbers(leaves: &Leaves) -> BoxedStrategy<Expr> {
    let constant = (-3_i64..9).prop_map(|number| Expr::Constant(Constant::Integer(number)));
    let length = texts(leaves).prop_map(|text| Expr::Call(Function::Length, vec![text]));
    let index = (texts(leaves), texts(leaves)).prop_map(|(a, b)| Expr::Call(Function::IndexOf, vec![a, b]));
    let leaf = prop_oneof![3 => select(leaves.numbers.clone()), 2 => constant, 1 => length, 1 => index];
    let operators = [Operator::Add, Operator::Subtract, Operator::Multiply, Operator::Divide, Operator::Modulo];
    leaf.prop_recursive(2, 4, 2, move |inner| {
        prop_oneof![
            3 => (select(operators.to_vec()), inner.clone(), inner.clone())
                .prop_map(|(operator, a, b)| Expr::Binary(operator, Box::new(a), Box::new(b))),
            1 => inner.prop_map(|inner| Expr::Negative(Box::new(inner))),
        ]
    })
    .boxed()
}

fn condition(leaves: &Leaves, nested: Vec<BoxedStrategy<Expr>>) -> BoxedStrategy<Expr> {
    let operators = || select(COMPARISONS.to_vec());
    let binary = |(operator, a, b)| Expr::Binary(operator, Box::new(a), Box::new(b));
    let some = leaves.texts.iter().chain(&leaves.numbers).cloned().collect::<Vec<_>>();
    let null = || Expr::Constant(Constant::Null);
    let moment = select(&MOMENTS[..]).prop_map(|text| Expr::Constant(Constant::Moment(text.parse().unwrap())));
    let choices = prop::collection::vec(select(&TEXTS[..]), 1..4)
        .prop_map(|list| Choices::Listed(list.into_iter().map(|text| Constant::Text(text.to_owned())).collect()));
    let matching = select(vec![Function::Contains, Function::StartsWith, Function::EndsWith]);
    let mut leaf = vec![
        (operators(), texts(leaves), texts(leaves)).prop_map(binary).boxed(),
        (operators(), numbers(leaves), numbers(leaves)).prop_map(binary).boxed(),
        (matching, texts(leaves), texts(leaves)).prop_map(|(f, a, b)| Expr::Call(f, vec![a, b])).boxed(),
        (operators(), select(some), Just(null())).prop_map(binary).boxed(),
        (operators(), Just(member(&["created"])), moment).prop_map(binary).boxed(),
        (texts(leaves), choices).prop_map(|(text, choices)| Expr::In(Box::new(text), choices)).boxed(),
        texts(leaves).prop_map(|text| Expr::In(Box::new(text), Choices::Collection(path(Root::It, &["tags"])))).boxed(),
        Just(member(&["enabled"])).boxed(),
    ];
    leaf.extend(nested);
    let joined = |parts: Vec<Expr>, all: bool| if all { Expr::And(parts) } else { Expr::Or(parts) };
    prop::strategy::Union::new(leaf)
        .prop_recursive(3, 12, 3, move |inner| {
            prop_oneof![
                3 => (prop::collection::vec(inner.clone(), 2..4), any::<bool>()).prop_map(move |(p, all)| joined(p, all)),
                1 => inner.prop_map(|inner| Expr::Not(Box::new(inner))),
            ]
        })
        .boxed()
}

fn lambda(source: &'static str, variable: &'static str, leaves: &Leaves) -> BoxedStrategy<Expr> {
    let source = path(Root::It, &[source]);
    let bare = Lambda { source: source.clone(), all: false, condition: None };
    let full = (condition(leaves, Vec::new()), any::<bool>()).prop_map(move |(condition, all)| {
        let condition = Some((variable.to_owned(), Box::new(condition)));
        Expr::Lambda(Lambda { source: source.clone(), all, condition })
    });
    prop_oneof![1 => Just(Expr::Lambda(bare)), 6 => full].boxed()
}

pub(crate) fn filter() -> BoxedStrategy<Expr> {
    let leaves = Leaves {
        texts: vec![member(&["displayName"]), member(&["mail"])],
        numbers: vec![
            member(&["count"]),
            member(&["other"]),
            member(&["tags", "$count"]),
            member(&["parts", "$count"]),
        ],
    };
    let of_tags = Leaves { texts: vec![of("t", &[]), member(&["mail"])], numbers: leaves.numbers.clone() };
    let of_parts = Leaves { texts: vec![of("p", &["name"])], numbers: vec![of("p", &["size"]), member(&["count"])] };
    condition(&leaves, vec![lambda("tags", "t", &of_tags), lambda("parts", "p", &of_parts)])
}

pub(crate) fn order() -> impl Strategy<Value = Vec<(&'static str, bool)>> {
    prop::collection::vec((select(vec!["displayName", "count", "enabled", "created", "mail"]), any::<bool>()), 1..3)
}
