//! What is refused before any object is read, and how it is said.

use crate::shapes::Thing;
use serde_json::json;
use signet_kernel::Timestamp;
use signet_odata::{Expr, FilterError, Predicate};

fn refusal(filter: &str) -> FilterError {
    Predicate::parse(filter, &Thing).expect_err(filter)
}

#[test]
fn says_where_it_stops_understanding_and_what_stands_there() {
    for (filter, at, token) in [
        ("", 0, "the end"),
        ("count eq", 8, "the end"),
        ("count eq 1 x", 11, "x"),
        ("count like 1", 6, "like"),
        ("(count eq 1", 11, "the end"),
        ("displayName eq 'x", 15, "the end"),
        ("count eq #", 9, "#"),
        ("frob(count) eq 1", 0, "frob"),
        ("length() eq 1", 7, ")"),
        ("contains(displayName)", 20, ")"),
        ("tags/any(:true)", 9, ":"),
        ("tags/any(t:tags/any(t:true))", 20, "t"),
        ("count in ()", 10, ")"),
        ("count in (displayName)", 10, "displayName"),
        ("count eq 12x", 9, "12x"),
        ("other.type/x eq 1", 0, "other.type"),
    ] {
        match refusal(filter) {
            FilterError::Unexpected { position, found, .. } => {
                assert_eq!((position, found.as_str()), (at, token), "{filter}")
            }
            other => panic!("{filter}: {other}"),
        }
    }
}

#[test]
fn unknown_names_are_named() {
    assert_eq!(refusal("nothing eq 1"), FilterError::UnknownProperty("nothing".to_owned()));
    assert_eq!(refusal("part/nothing eq 1"), FilterError::UnknownProperty("part/nothing".to_owned()));
    assert_eq!(refusal("displayName/x eq 1"), FilterError::UnknownProperty("displayName/x".to_owned()));
    assert_eq!(refusal("secret eq 'x'"), FilterError::NotFilterable("secret".to_owned()));
    assert_eq!(refusal("isof('microsoft.graph.nothing')"), FilterError::UnknownType("nothing".to_owned()));
    assert_eq!(refusal("cast(count,Edm.Nothing) eq 1"), FilterError::UnknownType("Edm.Nothing".to_owned()));
}

#[test]
fn types_that_do_not_go_together_are_refused() {
    for filter in [
        "displayName eq 5",
        "count eq '5'",
        "enabled eq 'true'",
        "created eq 'soon'",
        "part eq 'x'",
        "count has 'x'",
        "count add 'x' eq 1",
        "created add created eq created",
        "count in (1,'x')",
        "created eq duration'PT1H'",
        "'x' in displayName",
    ] {
        let error = refusal(filter);
        assert!(matches!(error, FilterError::Mismatch { .. } | FilterError::Type { .. }), "{filter}: {error}");
    }
    for filter in [
        "count",
        "displayName",
        "not count",
        "count and enabled",
        "tags eq 'x'",
        "parts/name eq 'x'",
        "owners/microsoft.graph.person/$count eq 1",
        "count/any()",
        "length(count) eq 1",
        "year(displayName) eq 1",
        "round(displayName) eq 1",
        "-displayName eq 1",
        "part/$count eq 1",
    ] {
        let error = refusal(filter);
        assert!(matches!(error, FilterError::Type { .. }), "{filter}: {error}");
    }
}

#[test]
fn what_would_take_too_long_is_refused() {
    assert_eq!(refusal(&"not ".repeat(100)), FilterError::TooDeep);
    assert_eq!(refusal(&"(".repeat(100)), FilterError::TooDeep);
    assert_eq!(refusal(&format!("count eq {}1", "-".repeat(40))), FilterError::TooDeep);
    assert_eq!(refusal(&vec!["count eq 1"; 600].join(" or ")), FilterError::TooLong);
    assert_eq!(refusal(&vec!["count"; 40].join(" add ")), FilterError::TooLong);
    assert_eq!(refusal(&format!("count in ({})", vec!["1"; 501].join(","))), FilterError::TooManyValues);
    assert_eq!(refusal(&format!("displayName eq '{}'", "x".repeat(40_000))), FilterError::TooLong);
}

#[test]
fn the_tallest_tree_that_is_read_fits_a_small_stack() {
    let chain = |links| format!("1{}", " add 1".repeat(links));
    let tall = (0..22).fold(chain(33), |inner, _| format!("({inner}) mul 1 add 0"));
    assert_eq!(refusal(&format!("count lt ({})", chain(34))), FilterError::TooLong);
    let nots = format!("{}enabled", "not ".repeat(23));
    let evaluate = move || {
        for filter in [format!("count lt {tall}"), nots] {
            let predicate = Predicate::parse(&filter, &Thing).unwrap();
            assert_eq!(Expr::parse(&predicate.expr().to_string()).as_ref(), Ok(predicate.expr()));
            assert!(predicate.matches(&json!({"count": 1, "enabled": false}), Timestamp::default()).unwrap());
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(evaluate).unwrap().join().unwrap();
}
