use super::*;
use signet_kernel::Timestamp;
use std::collections::HashSet;
use std::fmt::Write as _;
use uuid::Uuid;

fn context() -> ErrorContext<'static> {
    ErrorContext {
        trace_id: Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001),
        correlation_id: Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0002),
        now: Timestamp::from_micros(1_795_255_200_999_999),
        docs_url: "https://signet.example/errors/",
    }
}

#[test]
fn rfc6749_s5_2_a_description_holds_only_allowed_characters() {
    let hostile = TokenError::InvalidScope { scope: "a\"b\\c\r\nd\u{e9}\u{7f}".into() };
    let body = serde_json::to_value(hostile.body(&context())).unwrap();
    let description = body["error_description"].as_str().unwrap();
    assert!(description.contains("'a?b?c??d??'"), "{description}");
    let endless = TokenError::InvalidScope { scope: "x".repeat(100_000) };
    assert!(serde_json::to_string(&endless.body(&context())).unwrap().len() < 1_500);
}

#[test]
fn rfc6749_s5_2_status_follows_the_code() {
    for refusal in TokenError::catalogue() {
        let allowed: &[u16] = match refusal.error() {
            OAuthError::InvalidClient => &[401],
            OAuthError::TemporarilyUnavailable => &[503, 429],
            OAuthError::ServerError => &[500],
            _ => &[400],
        };
        assert!(allowed.contains(&refusal.status()), "{refusal:?}");
    }
}

#[test]
fn every_refusal_has_its_own_number() {
    let mut seen = HashSet::new();
    for refusal in TokenError::catalogue() {
        assert!(seen.insert(refusal.number()), "{refusal:?}");
    }
}

#[test]
fn a_refusal_reads_as_entra_clients_expect() {
    let refusal = TokenError::ConsentRequired { app: "agent".into(), resource: "api://x".into() };
    insta::assert_json_snapshot!(refusal.body(&context()), @r#"
    {
      "error": "invalid_grant",
      "error_description": "AADSTS65001: Nobody has granted the application 'agent' the permissions it asks of 'api://x'. Grant them, and ask for .default. Trace ID: 01990000-0000-7000-8000-000000000001 Correlation ID: 01990000-0000-7000-8000-000000000002 Timestamp: 2026-11-21 10:00:00Z",
      "error_codes": [
        65001
      ],
      "timestamp": "2026-11-21 10:00:00Z",
      "trace_id": "01990000-0000-7000-8000-000000000001",
      "correlation_id": "01990000-0000-7000-8000-000000000002",
      "error_uri": "https://signet.example/errors/AADSTS65001",
      "suberror": "consent_required"
    }
    "#);
    let plain = serde_json::to_value(TokenError::TwoCredentials.body(&context())).unwrap();
    assert_eq!(plain.get("suberror"), None);
}

#[test]
fn the_table() {
    let mut table = String::new();
    for refusal in TokenError::catalogue() {
        let error = refusal.error().code();
        let suberror = refusal.suberror().map(|suberror| format!("/{suberror}")).unwrap_or_default();
        writeln!(table, "AADSTS{} {} {error}{suberror}: {refusal}", refusal.number(), refusal.status()).unwrap();
    }
    insta::assert_snapshot!(table);
}
