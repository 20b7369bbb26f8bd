//! Values as other types and as texts: what the reference's own engine answers.

#![expect(clippy::panic, reason = "a test may stop where it stands")]

use signet_kql::{Catalog, Column, Environment, Limits, Patience, Row, RunError, Script, SourceRows, Tables, Value};

struct Nothing;

impl Tables for Nothing {
    fn rows(&self, _: &str, _: &[Value], _: &[Column]) -> Result<SourceRows<'_>, RunError> {
        Ok(Box::new(std::iter::empty()))
    }
}

impl Patience for Nothing {
    fn goes_on(&self) -> bool {
        true
    }
}

fn rows(query: &str) -> Result<Vec<Row>, RunError> {
    let limits = Limits { rows: 1_000, memory: 10_000_000 };
    let environment = Environment { tables: &Nothing, now: 0, limits, patience: &Nothing };
    let script = Script::parse(query).map_err(RunError::Refused)?;
    script.bind(&Catalog::default()).map_err(RunError::Refused)?.run(environment)?.collect()
}

/// The first row, with bars between its cells.
fn first(query: &str) -> String {
    let rows = rows(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.first().map(|row| row.iter().map(Value::to_text).collect::<Vec<_>>().join("|")).unwrap_or_default()
}

#[track_caller]
fn all(expected: &[(&str, &str)]) {
    for (query, wanted) in expected {
        assert_eq!(first(query), *wanted, "{query}");
    }
}

#[test]
fn a_text_is_a_whole_number_or_is_none() {
    all(&[
        ("print tolong('5.7'), tolong('1e3'), toint('9999999999'), tolong(' 7 '), tolong('0x10')", "|||7|16"),
        ("print toint(9999999999), toint(-9999999999), toint(4294967296)", "1410065407|-1410065407|0"),
        (
            "print toint(1e10), toint(-1e10), tolong(1e30), tolong(-5.7)",
            "2147483647|-2147483648|9223372036854775807|-5",
        ),
        (
            "print totimespan('10'), tolong(totimespan(20.5)), tolong(totimespan(datetime(0001-01-02)))",
            "|20|864000000000",
        ),
    ]);
}

#[test]
fn a_truth_value_is_spelled_with_a_capital_and_one_in_json_is_not() {
    all(&[
        (
            "print tostring(true), strcat('x', 1 == 2), tostring(bool(null)), tostring(dynamic(true))",
            "True|xFalse||true",
        ),
        ("print gettype(int(1)), gettype(long(null)), gettype(1.5), gettype(dynamic(1.5))", "int|long|real|double"),
    ]);
}

#[test]
fn a_dynamic_value_beside_a_text_is_its_text() {
    all(&[
        (
            "print d = dynamic({'a':null,'b':'x'}) | project d.a == '', d.zz == '', d.zz != '', d.b != ''",
            "true|true|false|true",
        ),
        ("print d = dynamic({'a':5,'b':true}) | project d.a == '5', d.b == 'true', d.a != 'x'", "true|true|true"),
    ]);
}

#[test]
fn json_in_a_query_holds_other_literals() {
    all(&[
        ("print tostring(dynamic([0x10, -3, long(5), long(null), 1d]))", "[16,-3,5,null,864000000000]"),
        ("print tostring(pack_array(1d)), isnan(real(nan)), real(+inf) > 1", "[\"1.00:00:00\"]|true|true"),
    ]);
}

#[test]
fn dates_are_read_as_people_write_them() {
    all(&[
        (
            "print todatetime('12.02.2022') == datetime(2022-12-02), todatetime('Dec 2, 2022') == datetime(2022-12-02)",
            "true|true",
        ),
        ("print todatetime('20221202') == datetime(2022-12-02), todatetime('13-01-2022')", "true|"),
        (
            "print format_datetime(datetime(2009-06-05 03:04:05.06175), 'y yy yyyy F FF FFFFFF ddd tt')",
            "9 09 2009  06 061750 055 AM",
        ),
        ("print format_datetime(datetime(2009-06-05 13:00), 'ss.FFF h')", "00. 1"),
    ]);
}

#[test]
fn addresses_of_the_web() {
    let of = |url: &str, part: &str| first(&format!("print u = parse_url('{url}') | project tostring(u{part})"));
    assert_eq!(of("https://user@h.io/p", ".Host"), "user@h.io");
    assert_eq!(of("https://u:p@h.io/", ".Username") + &of("https://u:p@h.io/", ".Path"), "u");
    assert_eq!(of("https://h.io/p?y=2&x=1&y=3&k=&=v&z", "[\"Query Parameters\"]"), r#"{"x":"1","y":["2","3"]}"#);
    assert_eq!(of("1.2.3.4", ".Host") + &of("//h.io/p", ".Path"), "");
    all(&[
        ("print parse_ipv6('fe80::1%eth0')", "fe80:0000:0000:0000:0000:0000:0000:0001"),
        (
            "print parse_ipv6('::ffff:1.2.3.4/24'), parse_ipv6('::ffff:1.2.3.4/120')",
            "0000:0000:0000:0000:0000:ffff:0102:0300|",
        ),
    ]);
}

#[test]
fn texts_and_numbers_at_their_ends() {
    all(&[
        ("print substring('abc', -10, 2), substring('abc', -2, 1), strcat_array(dynamic('abc'), '-')", "|b|abc"),
        ("print hash_md5(''), hash_sha256(''), isnull(asin(2)), isnull(acos(-2))", "||true|true"),
        ("range x from 1 to 0 step 1 | summarize stdev(x), variance(x)", "0|0"),
    ]);
}

#[test]
fn patterns_of_texts_reach_the_end_and_those_of_expressions_need_not() {
    let parsed = |text: &str, how: &str| first(&format!("print s = '{text}' | parse {how} | project-away s"));
    assert_eq!(parsed("aXcYc", "s with 'a' v 'c'"), "XcY");
    assert_eq!(parsed("abcbd", "s with 'a' v 'b'"), "");
    assert_eq!(parsed("abcbd", "kind=regex s with 'a' v 'b'"), "bc");
    assert_eq!(parsed("aXcYc", "kind=regex flags=U s with 'a' v 'c'"), "X");
    assert_eq!(parsed("n=27 junk", "s with 'n=' n:long"), "");
    assert_eq!(parsed("n=27 junk", "kind=regex s with 'n=' n:long"), "27");
    assert_eq!(parsed("n=27 junk m=23", "s with 'n=' n:long * 'm=' m:long"), "27|23");
    assert_eq!(parsed("q=12x m=1", "s with 'q=' b:bool * 'm=' m"), "true|1");
    assert_eq!(parsed("q=12x m=1", "kind=regex s with 'q=' b:bool * 'm=' m"), "|");
    assert_eq!(parsed("p|1-q|xx", "kind=relaxed s with 'p|' a:string '-q|' b:long *"), "1|");
}
