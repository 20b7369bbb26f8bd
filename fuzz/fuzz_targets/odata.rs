//! Addresses and queries from strangers: nothing panics, what reads can be evaluated, and what is printed reads back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use signet_kernel::Timestamp;
use signet_odata::{
    Expr, Fields, OrderBy, Path, Predicate, QueryOptions, Search, Undeclared, object_reference, project,
    search_terms, type_name, words,
};

fuzz_target!(|bytes: &[u8]| {
    // Anything may stand where a stored body should.
    let names = ["a".to_owned(), "b".to_owned()];
    let _ = Fields::scan(&names, bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(path) = Path::parse(text) {
        assert!(!path.segments.is_empty());
    }
    let _ = (object_reference(text), type_name(text), words(text), search_terms(text));
    let object = json!({"a": 1, "b": "x", "c": null, "d": {"e": true}, "f": "2026-11-21T10:00:00Z", "g": [1, "y"]});
    let object = object.as_object().expect("an object");
    if let Ok(options) = QueryOptions::parse(text) {
        assert!(options.top.is_none_or(|top| top > 0));
        let _ = project(object, &options.select);
    }
    if let Ok(search) = Search::parse(text) {
        let _ = search.matches(object, &["b"]);
    }
    let now = Timestamp::default();
    if let Ok(order) = OrderBy::parse(text, &Undeclared) {
        if let Ok(key) = order.key(object, "id", now) {
            assert!(order.key_of(&key.parts()).is_some());
        }
    }
    if let Ok(expr) = Expr::parse(text) {
        let printed = expr.to_string();
        assert_eq!(Expr::parse(&printed).map(|again| again.to_string()).as_ref(), Ok(&printed));
        if let Ok(predicate) = Predicate::new(expr, &Undeclared) {
            let _ = (predicate.matches(object, now), predicate.constraints());
        }
    }
});
