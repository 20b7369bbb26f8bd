//! How many rows a second an unindexed filter gets through, JSON included: `cargo bench -p signet-odata`.
//!
//! Prints rates; judges nothing.

#![expect(clippy::disallowed_methods, reason = "a bench measures with the machine's clock")]
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a program for people at a terminal")]

use serde_json::{Value, json};
use signet_kernel::Timestamp;
use signet_odata::{Edm, Fields, Kind, OrderBy, Predicate, Property, Shape};
use std::hint::black_box;
use std::time::Instant;

const BODIES: usize = 1_000;
const ROUNDS: usize = 300;

struct Agent;

impl Shape for Agent {
    fn property<'s>(&'s self, name: &'s str) -> Option<Property<'s>> {
        Some(match name {
            "createdDateTime" => Property::new(name, Kind::Primitive(Edm::Moment)),
            "accountEnabled" => Property::new(name, Kind::Primitive(Edm::Boolean)),
            "tags" => Property::new(name, Kind::Primitive(Edm::String)).many(),
            "info" => Property::new(name, Kind::Untyped),
            _ => Property::new(name, Kind::Primitive(Edm::String)),
        })
    }

    fn cast(&self, _type_name: &str) -> Option<&dyn Shape> {
        None
    }

    fn type_names(&self) -> Vec<&str> {
        vec!["agentIdentity"]
    }
}

fn body(number: usize) -> String {
    json!({
        "displayName": format!("Agent-{number}-Customer-Onboarding"),
        "appId": format!("4c390976-b2b7-42e0-9187-{number:012}"),
        "agentIdentityBlueprintId": "0b2f4c39-12b7-42e0-9187-c6be3bead001",
        "accountEnabled": !number.is_multiple_of(3),
        "servicePrincipalType": "ServiceIdentity",
        "createdDateTime": format!("2026-11-{:02}T10:{:02}:15.250000Z", 1 + number % 28, number % 60),
        "createdByAppId": "9187c6be-b2b7-42e0-9187-c6be3bead001",
        "tags": ["production", format!("team-{}", number % 50), "eu"],
        "info": {"termsOfServiceUrl": null, "supportUrl": "https://support.example.com/agents", "logoUrl": null},
        "servicePrincipalNames": [format!("api://4c390976-b2b7-42e0-9187-{number:012}")],
        "notes": "Reads invoices from the mailbox and files them; asks a person when the amount is above the limit.",
        "customSecurityAttributes": {"Engineering": {"project": "atlas", "level": 3}},
        "disabledByMicrosoftStatus": null,
        "department": format!("department-{}", number % 40),
    })
    .to_string()
}

fn main() {
    let bodies: Vec<String> = (0..BODIES).map(body).collect();
    let bytes: usize = bodies.iter().map(String::len).sum();
    println!("{} bytes a body on average", bytes / BODIES);
    for filter in [
        "department eq 'department-7'",
        "displayName eq 'x'",
        "contains(displayName,'999')",
        "startswith(notes,'reads') and accountEnabled eq false",
        "createdDateTime ge 2026-11-20T00:00:00Z",
        "tags/any(t:t eq 'team-7')",
        "info/supportUrl eq 'x' or length(department) eq 12 or tags/$count gt 5",
    ] {
        let predicate = Predicate::parse(filter, &Agent).expect("a filter");
        let scanned = rate(&bodies, |body| {
            let fields = Fields::scan(predicate.members(), body.as_bytes());
            predicate.matches(&fields, Timestamp::default()) == Ok(true)
        });
        let parsed = rate(bodies.get(..100).unwrap_or_default(), |body| {
            let value: Value = serde_json::from_str(body).expect("JSON");
            predicate.matches(&value, Timestamp::default()) == Ok(true)
        });
        println!("{scanned:>10.0} rows/s scanned  {parsed:>10.0} rows/s parsed  {filter}");
    }
    let order = OrderBy::parse("department desc,displayName", &Agent).expect("an order");
    let keys = rate(&bodies, |body| {
        order.key(&Fields::scan(order.members(), body.as_bytes()), "id", Timestamp::default()).is_ok()
    });
    println!("{keys:>10.0} rows/s  sort keys of department desc,displayName");
}

fn rate(bodies: &[String], test: impl Fn(&str) -> bool) -> f64 {
    let start = Instant::now();
    let mut found = 0_usize;
    for _ in 0..ROUNDS {
        found += bodies.iter().filter(|body| test(black_box(body))).count();
    }
    black_box(found);
    (bodies.len() * ROUNDS) as f64 / start.elapsed().as_secs_f64()
}
