//! ArcSight's Common Event Format.

use crate::event::Event;
use std::fmt::Write as _;

/// `CEF:0|Vendor|Product|Version|SignatureID|Name|Severity|k=v …`
pub(super) fn line(event: &Event) -> String {
    let name = event.text("OperationName").unwrap_or("Sign-in activity");
    let version = env!("CARGO_PKG_VERSION");
    let mut line =
        format!("CEF:0|Signet|Signet|{version}|{}|{}|{}|", header(&event.table), header(name), severity(event));
    let mut first = true;
    for (key, value) in pairs(event) {
        let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
        // Writing to a string never fails.
        let _ = write!(line, "{}{key}={}", if first { "" } else { " " }, extension(&value));
        first = false;
    }
    line
}

fn severity(event: &Event) -> u8 {
    match event.detail("AlertSeverity").filter(|_| event.is_alert()) {
        Some("high") => 9,
        Some("medium") => 6,
        Some("low") => 4,
        Some(_) => 2,
        None if failed(event) => 4,
        None => 1,
    }
}

fn failed(event: &Event) -> bool {
    if event.is_sign_in() { event.text("ResultType") != Some("0") } else { event.text("Result") == Some("failure") }
}

fn pairs(event: &Event) -> Vec<(&'static str, Option<String>)> {
    let text = |name: &str| event.text(name).map(str::to_owned);
    let by = |field: &str| {
        let sides = ["user", "app"].map(|side| event.text_at("InitiatedBy", &format!("/{side}/{field}")));
        sides.into_iter().flatten().next().map(str::to_owned)
    };
    let target = |field: &str| event.text_at("TargetResources", &format!("/0/{field}")).map(str::to_owned);
    vec![
        ("rt", Some((event.at.micros() / 1_000).to_string())),
        ("externalId", Some(event.id.clone())),
        ("act", text("OperationName")),
        ("outcome", Some(if failed(event) { "failure" } else { "success" }.to_owned())),
        ("reason", text("ResultReason").or(text("ResultDescription"))),
        ("src", text("IPAddress").or(by("ipAddress"))),
        ("suid", text("ServicePrincipalId").or(text("UserId")).or(by("servicePrincipalId")).or(by("id"))),
        ("suser", text("ServicePrincipalName").or(text("UserPrincipalName")).or(by("displayName"))),
        ("duid", text("ResourceServicePrincipalId").or(target("id"))),
        ("duser", text("ResourceDisplayName").or(target("displayName"))),
        ("request", text("RequestUri")),
        ("requestMethod", text("RequestMethod")),
        ("requestClientApplication", text("UserAgent")),
        ("cs1Label", Some("tenantId".to_owned())),
        ("cs1", Some(event.tenant.to_string())),
        ("cs2Label", Some("correlationId".to_owned())),
        ("cs2", text("CorrelationId")),
        ("cs3Label", Some("agent".to_owned())),
        ("cs3", text("Agent").or(event.text_at("PerformedBy", "/agentType").map(str::to_owned))),
        ("cs4Label", Some("resultType".to_owned())),
        ("cs4", text("ResultType").or(text("Result"))),
        ("msg", event.detail("Alert").map(str::to_owned)),
    ]
}

fn header(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn extension(text: &str) -> String {
    text.replace('\\', "\\\\").replace('=', "\\=").replace('\n', "\\n").replace('\r', "\\r")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_said_ends_a_field_or_a_line() {
        assert_eq!(header("a|b\\c\nd"), "a\\|b\\\\c d");
        assert_eq!(extension("a=b|c\\d\r\ne"), "a\\=b|c\\\\d\\r\\ne");
    }
}
