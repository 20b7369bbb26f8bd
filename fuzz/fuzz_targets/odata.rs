//! Addresses and queries from strangers: nothing panics, and a filter that reads can be evaluated.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use signet_odata::{Filter, Path, QueryOptions, object_reference, type_name};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(path) = Path::parse(text) {
        assert!(!path.segments.is_empty());
    }
    let _ = (object_reference(text), type_name(text));
    if let Ok(options) = QueryOptions::parse(text) {
        assert!(options.top.is_none_or(|top| top > 0));
    }
    if let Ok(filter) = Filter::parse(text) {
        let object = json!({"a": 1, "b": "x", "c": null, "d": {"e": true}, "f": "2026-11-21T10:00:00Z"});
        let _ = filter.matches(object.as_object().expect("an object"));
        assert!(!filter.conjuncts().is_empty());
    }
});
