//! Whatever the text, reading ends in a tree or a refusal whose span lies in the text.

use proptest::prelude::*;
use signet_kql::{Problem, Script};

fn holds(text: &str) {
    if let Err(error) = Script::parse(text) {
        assert!(text.get(error.span.start..error.span.end).is_some(), "{error} in {text:?}");
    }
}

#[test]
fn a_deep_query_is_refused() {
    for text in [
        "(".repeat(5_000),
        format!("print {}", "-".repeat(5_000)),
        format!("T|{}", "fork(".repeat(5_000)),
        "a[".repeat(5_000),
    ] {
        assert!(matches!(Script::parse(&text).map_err(|error| error.problem), Err(Problem::TooDeep)), "{text:.20}");
    }
}

#[test]
fn long_chains_in_deep_nests_do_not_exhaust_the_stack() {
    let chain = " or a".repeat(240);
    let text = format!("print {}a{}", "(".repeat(12), format!("{chain})").repeat(12));
    assert!(Script::parse(&text).is_ok());
}

#[test]
fn an_unknown_operator_is_answered_with_the_nearest() {
    let error = Script::parse("T | wehre a == 1").expect_err("no such operator");
    assert_eq!(
        error.problem,
        Problem::UnknownOperator { name: "wehre".to_owned(), suggestion: Some("where".to_owned()) }
    );
    assert_eq!((error.span.start, error.span.end), (4, 9));
}

proptest! {
    #[test]
    fn any_text(text in ".{0,200}") {
        holds(&text);
    }

    #[test]
    fn any_words(words in prop::collection::vec(prop::sample::select(vec![
        "T", "|", "where", "(", ")", "[", "]", "{", "}", "let", "=", ",", "by", "summarize", "'a'", "1d", "typeof",
        "mv-apply", "on", "datatable", "union", "a*", "é", "datetime(", "!", "in", "between", "..", "search", ";", "parse",
        "with", "\"", "dynamic(", "top-nested", "render", "find", "scan",
    ]), 0..40)) {
        holds(&words.join(" "));
    }
}
