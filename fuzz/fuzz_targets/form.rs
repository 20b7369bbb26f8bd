//! Token requests from strangers: form, credentials and scope never panic and mean one thing.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use signet_oauth::{BasicCredentials, BearerToken, Form, Scope};
use std::collections::HashSet;

fn check_form(bytes: &[u8]) {
    let Ok(form) = Form::parse(bytes) else { return };
    let mut seen = HashSet::new();
    for name in form.names() {
        assert!(!name.is_empty() && seen.insert(name), "{form:?}");
        if let Some(value) = form.get(name) {
            assert!(!value.is_empty());
            check_scope(value);
        }
    }
}

fn check_scope(text: &str) {
    let Ok(scope) = Scope::parse(text) else { return };
    assert_eq!(Scope::parse(&scope.to_string()).as_ref(), Ok(&scope));
    for value in scope.resource_scopes() {
        assert!(!value.resource.is_empty() && text.contains(&value.to_string()));
    }
}

fuzz_target!(|bytes: &[u8]| {
    check_form(bytes);
    if let Ok(credentials) = BasicCredentials::parse(&format!("Basic {}", STANDARD.encode(bytes))) {
        assert!(!credentials.client_id.is_empty());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        check_scope(text);
        let _ = BasicCredentials::parse(text);
        if let Ok(token) = BearerToken::parse(text) {
            assert!(!token.reveal().contains(' '));
        }
    }
});
