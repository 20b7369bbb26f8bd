//! What an index can make of a filter: whether the constraints that are hoped for are found.

use crate::shapes::Thing;
use signet_odata::Predicate;

fn constraints(filter: &str) -> Vec<String> {
    let predicate = Predicate::parse(filter, &Thing).unwrap_or_else(|error| panic!("{filter}: {error}"));
    let found = predicate.constraints();
    found.iter().map(|one| format!("{}{}", one.path.join("/"), if one.item { "[]" } else { "" })).collect()
}

#[test]
fn what_does_not_have_to_hold_constrains_nothing() {
    for filter in [
        "not (displayName eq 'a')",
        "displayName ne 'a'",
        "displayName eq null",
        "displayName in ('a',null)",
        "displayName eq 'a' or count eq 1",
        "displayName eq 'a' or true",
        "tags/all(t:t eq 'a')",
        "tolower(displayName) eq 'a'",
        "displayName eq mail",
    ] {
        assert_eq!(constraints(filter), Vec::<String>::new(), "{filter}");
    }
}

#[test]
fn what_has_to_hold_constrains() {
    assert_eq!(constraints("'a' eq displayName and (count gt 1 and enabled)"), ["displayName", "count"]);
    assert_eq!(constraints("displayName eq 'a' or displayName in ('b','c')"), ["displayName"]);
    assert_eq!(constraints("startswith(part/name,'a') and created le 2026-01-01"), ["part/name", "created"]);
    assert_eq!(constraints("tags/any(t:t eq 'a') and 'b' in tags"), ["tags[]", "tags[]"]);
    assert_eq!(constraints("parts/any(p:p/name eq 'a' and p/size ge 1)"), ["parts/name[]", "parts/size[]"]);
}
