//! Queries from strangers: nothing panics, and a refusal points into the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use signet_kql::Script;

fuzz_target!(|text: &str| {
    if let Err(error) = Script::parse(text) {
        assert!(text.get(error.span.start..error.span.end).is_some());
        assert!(!error.to_string().is_empty());
    }
});
