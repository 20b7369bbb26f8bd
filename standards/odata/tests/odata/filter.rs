//! What each operator and function yields, of values and of null, on parsed JSON and on scanned JSON alike.

use crate::shapes::{Thing, thing};
use signet_kernel::Timestamp;
use signet_odata::{EvaluationError, Expr, Fields, Predicate};

fn evaluate(filter: &str) -> Result<bool, EvaluationError> {
    let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let predicate = Predicate::parse(filter, &Thing).unwrap_or_else(|error| panic!("{filter}: {error}"));
    let printed = predicate.expr().to_string();
    assert_eq!(Expr::parse(&printed).as_ref(), Ok(predicate.expr()), "{printed}");
    let (value, body) = (thing(), thing().to_string());
    let scanned = predicate.matches(&Fields::scan(predicate.members(), body.as_bytes()), now);
    assert_eq!(scanned, predicate.matches(&value, now), "{filter}");
    scanned
}

fn never(filters: &[&str]) {
    for filter in filters {
        assert_eq!(evaluate(filter), Ok(false), "{filter}");
        assert_eq!(evaluate(&format!("not ({filter})")), Ok(true), "not {filter}");
    }
}

fn always(filters: &[&str]) {
    for filter in filters {
        assert_eq!(evaluate(filter), Ok(true), "{filter}");
    }
}

/// Neither it nor its opposite holds.
fn unknown(filters: &[&str]) {
    for filter in filters {
        assert_eq!(evaluate(filter), Ok(false), "{filter}");
        assert_eq!(evaluate(&format!("not ({filter})")), Ok(false), "not {filter}");
    }
}

#[test]
fn comparisons_with_null() {
    never(&["mail eq 'x'", "mail gt 'a'", "mail lt 'a'", "mail ne null", "other ge 1", "other le 1", "null eq false"]);
    never(&["null gt null", "null lt null", "part eq null", "other in (1,2)", "displayName eq null"]);
    always(&["mail eq null", "mail ne 'x'", "mail in (null,'a')", "other eq null"]);
    always(&["null ge null", "null le null", "part ne null"]);
}

#[test]
fn three_valued_logic() {
    unknown(&["contains(mail,'x')", "contains(mail,'x') and true", "contains(mail,'x') or false", "null"]);
    never(&["contains(mail,'x') and false", "tags/any(t:t eq mail)"]);
    always(&["contains(mail,'x') or true", "enabled", "not (contains(mail,'x') and false)"]);
    unknown(&["tags/any(t:contains(mail,t))", "tags/all(t:contains(mail,t))"]);
}

#[test]
fn texts_compare_without_regard_to_case() {
    never(&["displayName eq 'Agent'", "displayName gt 'agent-one'", "displayName lt 'AGENT-ONE'"]);
    always(&["displayName eq 'agent-ONE'", "displayName ge 'AGENT-one'", "displayName gt 'agent'"]);
    always(&["displayName in ('x','AGENT-one')", "id eq 4C390976-b2b7-42e0-9187-c6be3bead001"]);
    always(&["id eq '4C390976-b2b7-42e0-9187-c6be3bead001'", "part/name eq 'it''s'", "DISPLAYNAME EQ 'agent-one'"]);
}

#[test]
fn functions_of_text() {
    never(&["contains(displayName,'two')", "startswith(displayName,'one')", "endswith(displayName,'agent')"]);
    always(&["contains(displayName,'NT-o')", "startswith(displayName,'AGENT')", "endsWith(displayName,'-ONE')"]);
    always(&["length(displayName) eq 9", "indexof(displayName,'one') eq 6", "indexof(displayName,'x') eq -1"]);
    always(&["substring(displayName,6) eq 'one'", "substring(displayName,0,5) eq 'agent'"]);
    always(&["substring(displayName,99) eq ''", "trim('  a ') eq 'a'", "concat(displayName,'!') eq 'agent-one!'"]);
    always(&["length(tolower('ÄB')) eq 2", "toupper('ä') eq 'Ä'", "length(mail) eq null", "trim(mail) eq null"]);
    assert_eq!(evaluate("substring(displayName,count sub 8) eq ''"), Err(EvaluationError::OutOfRange));
}

#[test]
fn arithmetic_and_its_limits() {
    assert_eq!(evaluate("count div 0 eq 1"), Err(EvaluationError::DivisionByZero));
    assert_eq!(evaluate("count mod 0 eq 1"), Err(EvaluationError::DivisionByZero));
    assert_eq!(evaluate("count add 9223372036854775807 gt 0"), Err(EvaluationError::Overflow));
    assert_eq!(evaluate("created add duration'P9999999D' gt now()"), Err(EvaluationError::Overflow));
    always(&["count add 1 mul 2 eq 9", "count div 2 eq 3", "count divby 2 eq 3.5", "count mod 4 eq 3"]);
    always(&["-count eq -7", "-(count sub 10) eq 3", "weight mul 2 eq 5", "other add 1 eq null"]);
    always(&["weight div 0 eq INF", "-weight div 0 eq -INF", "-9223372036854775808 lt 0"]);
    always(&["round(weight) eq 3", "floor(weight) eq 2", "ceiling(weight) eq 3", "round(count) eq 7"]);
    always(&[
        "created sub duration'PT30M' lt created",
        "now() sub created gt duration'PT1H'",
        "lasts mul 2 eq duration'PT3H'",
    ]);
}

#[test]
fn dates_and_times() {
    always(&["year(created) eq 2026", "month(created) eq 11", "day(created) eq 21", "hour(created) eq 10"]);
    always(&["minute(created) eq 30", "second(created) eq 15", "fractionalseconds(created) eq 0.25"]);
    always(&["date(created) eq 2026-11-21", "time(created) ge 10:30", "created eq 2026-11-21T12:30:15.25+02:00"]);
    always(&["created gt mindatetime() and created lt maxdatetime()", "created lt now()", "born eq 2024-02-29"]);
    always(&["opens eq 09:05:00", "lasts eq duration'PT90M'", "totalseconds(lasts) eq 5400", "day(born) eq 29"]);
    always(&["created ge '2026-11-21T00:00:00Z'", "created ge 2026-11-21", "open/when eq 2026-01-01T01:00:00+01:00"]);
}

#[test]
fn collections() {
    never(&["tags/any(t:t eq 'gamma')", "tags/all(t:t eq 'alpha')", "parts/$count eq 1", "'gamma' in tags"]);
    always(&["tags/any()", "tags/any(t:t eq 'ALPHA')", "tags/all(t:length(t) ge 4)", "'Beta' in tags"]);
    always(&["parts/any(p:p/name eq 'wheel' and p/size gt 2)", "parts/$count eq 2", "owners/$count ge 1"]);
    always(&["parts/any(p:p/marks/any(m:m eq 'x' and p/size eq $it/count sub 4))", "parts/any(p:p/marks/$count eq 0)"]);
    always(&["owners/any(o:o/microsoft.graph.person/job eq 'boss')", "parts/all(p:p/size eq null or p/size eq 3)"]);
}

#[test]
fn types_flags_bytes_and_open_properties() {
    never(&[
        "isof('microsoft.graph.thing') eq false",
        "level has 'none'",
        "open/any/depth eq 5",
        "isof(count,Edm.String)",
    ]);
    always(&[
        "isof('microsoft.graph.person')",
        "isof(microsoft.graph.PERSON)",
        "microsoft.graph.person/job eq 'helper'",
    ]);
    always(&[
        "level has 'HIGH'",
        "level has microsoft.graph.level'low'",
        "hash eq binary'AQID'",
        "open/any/depth eq 4",
    ]);
    always(&[
        "cast(count,Edm.String) eq '7'",
        "cast('8',Edm.Int32) eq 8",
        "isof(count,'Edm.Int32')",
        "open/none eq null",
    ]);
    always(&["owners/any(o:isof(o,'microsoft.graph.person'))", "count eq 7.0 and weight gt 2"]);
}
