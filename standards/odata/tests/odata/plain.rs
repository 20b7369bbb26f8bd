//! Filters over objects of which nothing is declared.

use serde_json::json;
use signet_odata::{Filter, FilterError};

fn holds(filter: &str) -> bool {
    let object = json!({
        "displayName": "Agent-One", "accountEnabled": true, "count": 3, "none": null, "tags": ["a", "b"],
        "status": {"errorCode": 0}, "id": "4c390976-b2b7-42e0-9187-c6be3bead001", "when": "2026-11-21T10:00:00Z",
    });
    Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}")).matches(object.as_object().unwrap())
}

#[test]
fn what_needs_a_clock_or_types_is_refused() {
    assert_eq!(Filter::parse("when lt now()"), Err(FilterError::NoClock));
    assert_eq!(Filter::parse("isof('microsoft.graph.x')"), Err(FilterError::UnknownType("x".to_owned())));
    assert!(matches!(Filter::parse("displayName"), Err(FilterError::Type { .. })));
    assert!(!holds("count div 0 eq 1") && !holds("not (count div 0 eq 1)"));
}

#[test]
fn compares_as_graph_does() {
    for yes in [
        "displayName eq 'agent-one'",
        "startswith(displayName,'AGENT')",
        "accountEnabled eq true and count ge 3",
        "status/errorCode eq 0",
        "id eq 4c390976-b2b7-42e0-9187-c6be3bead001",
        "id in ('x', '4C390976-b2b7-42e0-9187-c6be3bead001')",
        "when ge 2026-11-21T09:59:59Z and when lt 2026-11-21T10:00:00.5Z",
        "none eq null and missing eq null",
        "not (count lt 3) or displayName eq 'x'",
        "displayName eq 'a' or count eq 3 and accountEnabled eq true",
        "displayName ne 'it''s'",
        "tags/any(t:t eq 'B') and tags/$count eq 2",
        "hour(when) eq 10",
    ] {
        assert!(holds(yes), "{yes}");
    }
    for no in ["displayName eq 'agent'", "count gt 3", "missing eq 'x'", "missing gt 1", "displayName gt 5"] {
        assert!(!holds(no), "{no}");
    }
}

#[test]
fn conditions_are_seen_as_what_they_are() {
    let filter = Filter::parse("a/b eq 'x' and (c gt 1) and contains(d,'y')").unwrap();
    assert_eq!((filter.conjuncts().len(), filter.properties()), (3, vec!["a", "c", "d"]));
    assert!(matches!(filter.conjuncts()[0], Filter::Compare { property, .. } if property.join("/") == "a/b"));
}
