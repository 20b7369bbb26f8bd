use super::*;
use serde_json::{Value as Json, json};

fn person() -> Json {
    json!({
        "id": "0199a4b0-0000-7000-8000-000000000001",
        "displayName": "Ann \"A\" Smith",
        "department": "Sales",
        "accountEnabled": true,
        "otherMails": ["ann@contoso.example", "ann@sales.example"],
        "businessPhones": ["+49 1"],
        "employeeHireDate": "2026-11-01T00:00:00Z",
        "onPremisesExtensionAttributes": {"extensionAttribute7": "blue"},
    })
}

fn matches(rule: &str) -> bool {
    let groups = ["0199a4b0-0000-7000-8000-00000000000a".parse().unwrap()];
    let facts = Facts {
        person: &person(),
        manager: Some("0199a4b0-0000-7000-8000-0000000000aa".parse().unwrap()),
        assigned: &groups,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
    };
    MembershipRule::parse(rule).unwrap_or_else(|error| panic!("{rule}: {error}")).matches(&facts)
}

#[test]
fn a_wrong_rule_is_refused_with_the_position() {
    let long = format!("user.city -eq \"{}\"", "x".repeat(LONGEST_RULE));
    let deep = format!("{}user.city -eq null{}", "(".repeat(60), ")".repeat(60));
    let negations = format!("{}user.city -eq null", "not ".repeat(600));
    for (rule, position) in [
        ("", 1),
        ("user.city", 10),
        ("user.city -eq", 14),
        ("user.city -eq \"x", 15),
        ("user.city -eq \"x\" user.city -eq \"y\"", 19),
        ("user.city -eq \"x\" -and", 23),
        ("(user.city -eq \"x\"", 19),
        ("user.town -eq \"x\"", 1),
        ("device.city -eq \"x\"", 1),
        ("user.city -like \"x\"", 11),
        ("user.city -eq true", 15),
        ("user.city -ge \"x\"", 11),
        ("user.accountEnabled -eq \"true\"", 25),
        ("user.accountEnabled -contains \"t\"", 21),
        ("user.otherMails -eq \"x\"", 17),
        ("user.otherMails -any (x -eq \"y\")", 23),
        ("user.displayName -match \"(\"", 25),
        ("user.city -in \"x\"", 15),
        ("user.employeeHireDate -ge \"soon\"", 27),
        ("user.employeeHireDate -ge system.now -minus 5", 45),
        ("user.memberOf -any (group.objectId -in [\"x\"])", 41),
        ("Direct Reports \"x\"", 8),
        ("user.city -eq \"x\" & user.city -eq \"y\"", 19),
        (deep.as_str(), 52),
        (negations.as_str(), 205),
        (long.as_str(), LONGEST_RULE + 1),
    ] {
        let error = MembershipRule::parse(rule).unwrap_err();
        assert_eq!(error.position, position, "{rule}: {error}");
    }
}

#[test]
fn what_has_no_value_is_equal_to_null_alone() {
    for rule in ["user.city -eq \"\"", "user.city -contains \"\"", "user.city -match \".*\"", "user.city -in [\"x\"]"] {
        assert!(!matches(rule), "{rule}");
    }
    for rule in
        ["user.city -eq null", "user.city -ne \"x\"", "user.city -notContains \"x\"", "user.department -ne null"]
    {
        assert!(matches(rule), "{rule}");
    }
}

#[test]
fn comparisons_look_at_no_case_and_take_hyphens_or_none() {
    for rule in [
        "user.department -eq \"sales\"",
        "user.department eq 'SALES'",
        "(USER.Department -startswith \"SA\")",
        "user.department -notStartsWith \"x\"",
        "user.department -in [\"HR\", \"Sales\"]",
        "user.department -notIn [\"HR\"]",
        "user.department -match \"^S.l\"",
        "user.department -notMatch \"^x\"",
        "user.displayName -contains \"`\"a`\"\"",
        "user.accountEnabled -eq true",
        "user.telephoneNumber -eq \"+49 1\"",
        "user.extensionAttribute7 -eq \"Blue\"",
    ] {
        assert!(matches(rule), "{rule}");
    }
}

#[test]
fn and_binds_tighter_than_or_and_not_tightest() {
    assert!(matches("user.city -eq \"x\" -and user.city -eq \"y\" -or user.department -eq \"Sales\""));
    assert!(!matches("user.city -eq \"x\" -and (user.city -eq \"y\" -or user.department -eq \"Sales\")"));
    assert!(matches("-not user.city -eq \"x\" -and user.department -eq \"Sales\""));
    assert!(!matches("-not (user.city -eq null)"));
}

#[test]
fn collections_are_asked_item_by_item() {
    assert!(matches("user.otherMails -any (_ -startsWith \"ann\" -and _ -contains \"sales\")"));
    assert!(!matches("user.otherMails -all (_ -contains \"sales\")"));
    assert!(matches("user.otherMails -all (_ -contains \"sales\" -or _ -contains \"contoso\")"));
    assert!(!matches("user.proxyAddresses -any (_ -contains \"\")"));
}

#[test]
fn moments_move_with_the_clock() {
    assert!(matches("user.employeeHireDate -ge system.now -minus p30d"));
    assert!(!matches("user.employeeHireDate -ge system.now -minus p5d"));
    assert!(matches("user.employeeHireDate -le system.now"));
    assert!(matches("user.employeeHireDate -eq \"2026-11-01T00:00:00Z\""));
}

#[test]
fn people_are_found_by_whom_they_report_to_and_where_they_are_assigned() {
    assert!(matches("Direct Reports for \"0199a4b0-0000-7000-8000-0000000000aa\""));
    assert!(!matches("Direct Reports for \"0199a4b0-0000-7000-8000-0000000000ab\""));
    assert!(matches("user.memberof -any (group.objectId -in ['0199a4b0-0000-7000-8000-00000000000a'])"));
    assert!(!matches("user.memberof -any (group.objectId -in ['0199a4b0-0000-7000-8000-00000000000b'])"));
}
