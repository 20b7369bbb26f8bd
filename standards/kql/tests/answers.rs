//! What queries answer, over rows that are written here.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may stop where it stands")]

use std::{cell::Cell, collections::BTreeMap};

use signet_kql::{
    Catalog, Column, Environment, Limits, Patience, Plan, Row, RunError, Script, SourceRows, TableFunction, Tables,
    Type, Value,
};

struct Store(BTreeMap<String, Vec<Row>>);

impl Tables for Store {
    fn rows(&self, table: &str, arguments: &[Value], _: &[Column]) -> Result<SourceRows<'_>, RunError> {
        if table == "Broken" {
            return Err(RunError::Source { table: table.to_owned(), why: "the disk is away".to_owned() });
        }
        if table == "Watch" {
            let list = arguments[0].clone();
            return Ok(Box::new(std::iter::once(Ok(vec![list]))));
        }
        let rows = self.0.get(table).into_iter().flatten();
        Ok(Box::new(rows.map(|row| Ok(row.clone()))))
    }
}

/// Goes on so many times.
struct Budget(Cell<u32>);

impl Patience for Budget {
    fn goes_on(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

const NOW: i64 = 638_678_304_000_000_000;

fn catalog() -> Catalog {
    let columns =
        |columns: &[(&str, Type)]| columns.iter().map(|(name, ty)| Column::new(*name, *ty)).collect::<Vec<_>>();
    let audit = columns(&[
        ("TimeGenerated", Type::DateTime),
        ("OperationName", Type::String),
        ("InitiatedBy", Type::Dynamic),
        ("TargetResources", Type::Dynamic),
    ]);
    let numbers = columns(&[("k", Type::String), ("n", Type::Long), ("d", Type::Dynamic)]);
    let watch = TableFunction { parameters: vec![Type::String], columns: columns(&[("SearchKey", Type::String)]) };
    Catalog {
        tables: BTreeMap::from([
            ("AuditLogs".to_owned(), audit),
            ("N".to_owned(), numbers),
            ("Broken".to_owned(), columns(&[("x", Type::Long)])),
        ]),
        functions: BTreeMap::from([("Watch".to_owned(), watch)]),
        ..Catalog::default()
    }
}

fn store() -> Store {
    let audit = |minutes: i64, operation: &str, target: &str, actor: &str| {
        vec![
            Value::DateTime(NOW - minutes * 600_000_000),
            operation.into(),
            Value::from_json(&format!(r#"{{"user":null,"app":{{"displayName":"{actor}"}}}}"#)),
            Value::from_json(&format!(r#"[{{"id":"1","displayName":"{target}","type":"ServicePrincipal"}}]"#)),
        ]
    };
    let grant = "add app role assignment to service principal";
    let logs = vec![
        audit(1, grant, "Agent-HROnboardingBot", "Portal"),
        audit(2, grant, "HRAgentBot", "Portal"),
        audit(3, "Add OAuth2PermissionGrant", "FinanceAI", "Portal"),
        audit(4, "Add OAuth2PermissionGrant", "my_agent_7", "Portal"),
        audit(5, "Add v2 application permissions", "Payroll", "Build Assistant"),
        audit(6, "Add user", "GPT bot", "Portal"),
        audit(60 * 24 * 400, grant, "Old GPT", "Portal"),
        audit(7, grant, "a gpt", "Portal"),
        audit(8, grant, "Agents", "Portal"),
    ];
    let number = |k: &str, n: Value, d: &str| vec![k.into(), n, Value::from_json(d)];
    let numbers = vec![
        number("a", Value::Long(1), r#"{"x":[1,2]}"#),
        number("b", Value::Null, r#"{"x":[]}"#),
        number("a", Value::Long(3), r#"{"x":null}"#),
        number("", Value::Long(2), "null"),
    ];
    Store(BTreeMap::from([("AuditLogs".to_owned(), logs), ("N".to_owned(), numbers)]))
}

fn plan(query: &str) -> Plan {
    Script::parse(query).and_then(|script| script.bind(&catalog())).unwrap_or_else(|error| panic!("{query}: {error}"))
}

fn run(query: &str, limits: Limits, patience: u32) -> Result<Vec<Row>, RunError> {
    let (store, budget) = (store(), Budget(Cell::new(patience)));
    let plan = plan(query);
    plan.run(Environment { tables: &store, now: NOW, limits, patience: &budget })?.collect()
}

const ROOMY: Limits = Limits { rows: 10_000, memory: 100_000_000 };

/// The answer, a row in a line, cells with bars between.
fn answer(query: &str) -> Vec<String> {
    let rows = run(query, ROOMY, u32::MAX).unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.iter().map(|row| row.iter().map(Value::to_text).collect::<Vec<_>>().join("|")).collect()
}

fn refusal(query: &str) -> (String, &'static str) {
    let bound = Script::parse(query).and_then(|script| script.bind(&catalog()));
    let error = bound.map(|_| ()).expect_err(query);
    (error.position(query).to_string(), error.code())
}

#[test]
fn a_refusal_says_where_and_what() {
    for (query, place, code) in [
        ("N | where kk == 'a'", "line 1, column 11", "unknown-name"),
        ("N\n| where k > 1", "line 2, column 9", "operands"),
        ("M | take 1", "line 1, column 1", "unknown-table"),
        ("N | extend x = tostrin(k)", "line 1, column 16", "unknown-function"),
        ("N | extend x = strlen()", "line 1, column 16", "arguments"),
        ("N | project k, k", "line 1, column 16", "duplicate-column"),
        ("N | where count() > 1", "line 1, column 11", "aggregate"),
        ("N | summarize 1", "line 1, column 15", "not-an-aggregate"),
        ("N | summarize count() by d", "line 1, column 26", "type"),
        ("N | where n", "line 1, column 11", "type"),
        ("N | join kind=cross N on k", "line 1, column 15", "choice"),
        ("N | where k matches regex '('", "line 1, column 27", "literal"),
        ("workspace('other').N", "line 1, column 1", "not-supported"),
        ("let f = (x:strin) { x }; print f(1)", "line 1, column 12", "unknown-type"),
        ("let a = 1;", "line 1, column 1", "no-query"),
    ] {
        assert_eq!(refusal(query), (place.to_owned(), code), "{query}");
    }
    let error = Script::parse("N | where kk == 1").and_then(|script| script.bind(&catalog())).expect_err("no `kk`");
    assert_eq!(error.problem.to_string(), "nothing here is called `kk`; did you mean `k`?");
}

#[test]
fn what_is_bound_and_not_run_is_said_before_a_row_is_read() {
    let plan = plan("Broken | evaluate autocluster()");
    assert_eq!(plan.unsupported().map(|error| error.code()), Some("not-supported"));
    assert!(matches!(run("Broken | evaluate autocluster()", ROOMY, 1), Err(RunError::Unsupported(_))));
}

#[test]
fn limits_stop_a_query() {
    let many = "range x from 1 to 100000 step 1";
    assert_eq!(run(many, Limits { rows: 10, ..ROOMY }, u32::MAX), Err(RunError::Rows(10)));
    let small = Limits { memory: 10_000, ..ROOMY };
    for held in ["sort by x", "summarize make_list(x)", "summarize by x", "join (range x from 1 to 9999 step 1) on x"] {
        assert_eq!(run(&format!("{many} | {held} | count"), small, u32::MAX), Err(RunError::Memory(10_000)), "{held}");
    }
    assert_eq!(run(&format!("{many} | count"), small, 3), Err(RunError::Time));
    assert_eq!(run(&format!("{many} | count"), small, u32::MAX).map(|rows| rows.len()), Ok(1));
    assert_eq!(
        run(&format!("{many} | top 3 by x"), Limits { memory: 1_000_000, ..ROOMY }, u32::MAX).map(|rows| rows.len()),
        Ok(3)
    );
    let why = "the disk is away".to_owned();
    assert_eq!(run("Broken", ROOMY, 9), Err(RunError::Source { table: "Broken".to_owned(), why }));
}

#[test]
fn the_seed_query_finds_terms_and_nothing_else() {
    let found = answer(include_str!("data/seed-query.kql"));
    let names: Vec<&str> = found.iter().map(|row| row.split('|').nth(2).unwrap_or_default()).collect();
    assert_eq!(names, ["Agent-HROnboardingBot", "my_agent_7", "Payroll", "a gpt"]);
}

#[test]
fn null_is_unlike_every_value_and_like_none() {
    assert_eq!(answer("N | where n != 1 | project n"), ["", "3", "2"]);
    assert_eq!(answer("N | where n == int(null)"), Vec::<String>::new());
    assert_eq!(answer("N | where not(n == 1) | count"), ["3"]);
    assert_eq!(answer("N | where n > 1 or isnull(n) | count"), ["3"]);
    assert_eq!(answer("N | project iff(n > 1, 'yes', 'no')"), ["no", "no", "yes", "yes"]);
    assert_eq!(
        answer("print int(null) == int(null), 1 != int(null), isempty(tostring(dynamic(null)))"),
        ["|true|true"]
    );
}

#[test]
fn rows_are_sorted_downwards_and_nulls_stand_last_or_first() {
    assert_eq!(answer("N | sort by n | project n"), ["3", "2", "1", ""]);
    assert_eq!(answer("N | sort by n asc | project n"), ["", "1", "2", "3"]);
    assert_eq!(answer("N | sort by n asc nulls last | project n"), ["1", "2", "3", ""]);
    assert_eq!(answer("N | top 2 by n | project n"), ["3", "2"]);
    assert_eq!(answer("N | sort by k asc, n desc | project k, n"), ["|2", "a|3", "a|1", "b|"]);
}

#[test]
fn groups() {
    assert_eq!(
        answer("N | summarize count(), sum(n), max(n), make_list(n) by k"),
        ["a|2|4|3|[1,3]", "b|1|0||[]", "|1|2|2|[2]"]
    );
    assert_eq!(answer("N | where k == 'z' | summarize count(), make_set(k), max(n)"), ["0|[]|"]);
    assert_eq!(answer("N | where k == 'z' | summarize count() by k"), Vec::<String>::new());
    assert_eq!(answer("N | summarize arg_max(n, k) | project k, n"), ["a|3"]);
    assert_eq!(answer("N | summarize countif(n > 1), dcount(k), take_any(k)"), ["2|3|a"]);
    assert_eq!(answer("print a = dynamic([1, 2]) | summarize make_set(a), make_list(a)"), ["[1,2]|[1,2]"]);
    assert_eq!(answer("N | distinct k | count"), ["3"]);
}

#[test]
fn joins() {
    let pair = "let L = datatable(k:string, v:long)['a', 1, 'a', 2, 'b', 3]; let R = datatable(k:string, w:long)['a', 10, 'c', 30, 'a', 20];";
    let on = |kind: &str| answer(&format!("{pair} L | join kind={kind} R on k"));
    assert_eq!(answer(&format!("{pair} L | join R on k")), ["a|1|a|10", "a|1|a|20"]);
    assert_eq!(on("inner"), ["a|1|a|10", "a|1|a|20", "a|2|a|10", "a|2|a|20"]);
    assert_eq!(on("leftouter").last().map(String::as_str), Some("b|3||"));
    assert_eq!(on("rightouter").last().map(String::as_str), Some("||c|30"));
    assert_eq!(on("fullouter").len(), 6);
    assert_eq!((on("leftanti"), on("rightanti")), (vec!["b|3".to_owned()], vec!["c|30".to_owned()]));
    assert_eq!((on("leftsemi"), on("rightsemi").len()), (vec!["a|1".to_owned(), "a|2".to_owned()], 2));
    assert_eq!(answer(&format!("{pair} L | lookup R on k | count")), ["5"]);
    assert_eq!(answer("N | join kind=inner (N) on n | count"), ["3"]);
}

#[test]
fn arrays_are_opened() {
    assert_eq!(answer("N | mv-expand x = d.x | project k, x"), ["a|1", "a|2", "a|", "|"]);
    assert_eq!(answer("print d = dynamic({'a':1,'b':2}) | mv-expand d"), [r#"{"a":1}"#, r#"{"b":2}"#]);
    assert_eq!(
        answer("N | mv-apply x = d.x to typeof(long) on (summarize s = sum(x)) | project k, s"),
        ["a|3", "b|0", "a|0", "|0"]
    );
    assert_eq!(answer("N | mv-apply x = d.x on (where x == n) | project k, n, x"), ["a|1|1"]);
    assert_eq!(
        answer("N | where n == 1 | mv-apply x = d.x on (project q = k, n = x * 5)"),
        [r#"a|5|{"x":[1,2]}|a"#, r#"a|10|{"x":[1,2]}|a"#]
    );
}

#[test]
fn parts_of_dynamic_values() {
    let query = "print d = parse_json('{\"a\":{\"b\":[1,{\"c\":\"x\"}]}}') | project d.a.b[1].c, d.a.b[-1].c, d.['a'].b[0], isnull(d.q.r[3]), d.a";
    assert_eq!(answer(query), [r#"x|x|1|true|{"b":[1,{"c":"x"}]}"#]);
    assert_eq!(
        answer(
            "print a = parse_json('no json'), b = tostring(parse_json('\"q\"')), c = parse_json(parse_json('{\"a\":1}'))"
        ),
        [r#"no json|q|{"a":1}"#]
    );
}

#[test]
fn unions_and_definitions() {
    assert_eq!(answer("union (print a = 1), (print a = 'x')"), ["1|", "|x"]);
    assert_eq!(answer("let f = (n:long, s:string = 'q') { strcat(s, n) }; print f(1), f(2, 'r')"), ["q1|r2"]);
    assert_eq!(
        answer("let t = N | where n > 1; let m = toscalar(t | summarize max(n)); t | where n == m | project k"),
        ["a"]
    );
    assert_eq!(answer("N | where k in (Watch('b')) | project k"), ["b"]);
    assert_eq!(answer("N | where k in~ (dynamic(['A'])) | count"), ["2"]);
    assert_eq!(answer("N | as T | union T | count"), ["8"]);
}

#[test]
fn times() {
    assert_eq!(
        answer("print bin(datetime(2024-05-30 08:09:10), 1h), datetime(2024-01-02) - datetime(2024-01-01), 1d / 1h"),
        ["2024-05-30T08:00:00.0000000Z|1.00:00:00|24"]
    );
    assert_eq!(
        answer(
            "print now() == now(), bin(-7, 5), -7 / 2, 7 % -3, datetime(2024-02-01) between (datetime(2024-01-31) .. 1d)"
        ),
        ["true|-10|-3|1|true"]
    );
    assert_eq!(answer("AuditLogs | where TimeGenerated > ago(150s) | count"), ["2"]);
}

#[test]
fn rows_around() {
    assert_eq!(
        answer("range x from 1 to 3 step 1 | extend p = prev(x), q = next(x, 1, 0), r = row_number()"),
        ["1||2|1", "2|1|3|2", "3|2|0|3"]
    );
}

#[test]
fn texts_are_parsed() {
    let query = "print s = 'id=7, name=Ann; x' | parse s with 'id=' id:long ', name=' name ';' *";
    assert_eq!(answer(query), ["id=7, name=Ann; x|7|Ann"]);
    assert_eq!(answer("print s = 'id=q' | parse s with 'id=' id:long"), ["id=q|"]);
    let relaxed =
        |text: &str| answer(&format!("print s = '{text}' | parse kind=relaxed s with 'a=' a:long ',b=' b:long * ';'"));
    assert_eq!(
        (relaxed("a=1,b=2 x;"), relaxed("a=q,b=2 x;")),
        (vec!["a=1,b=2 x;|1|2".to_owned()], vec!["a=q,b=2 x;||2".to_owned()])
    );
    assert_eq!(answer("print s = 'id=q' | parse-where s with 'id=' id:long"), Vec::<String>::new());
}

#[test]
fn series() {
    let query =
        "datatable(t:long, v:long)[1, 5, 2, 6, 9, 7] | make-series s = sum(v) default = 0 on t from 0 to 6 step 2";
    assert_eq!(answer(query), ["[5,6,0]|[0,2,4]"]);
    let query = "datatable(t:long, v:long)[1, 5, 4, 6, 5, 7] | make-series s = sum(v) on t in range(0, 4, 2)";
    assert_eq!(answer(query), ["[5,0,6]|[0,2,4]"]);
}

#[test]
fn what_grows_without_bound_is_refused() {
    let refused =
        |query: &str| Script::parse(query).and_then(|script| script.bind(&catalog())).err().map(|error| error.code());
    let doubling: String = (1..60).map(|n| format!("let a{n} = a{} + a{};", n - 1, n - 1)).collect();
    assert_eq!(refused(&format!("let a0 = 1;{doubling} print a59")), Some("too-large"));
    let rising: String = (1..400).map(|n| format!("let a{n} = a{} + 1;", n - 1)).collect();
    assert_eq!(refused(&format!("let a0 = 1;{rising} print a399")), Some("too-deep"));
    let calls: String = (1..40).map(|n| format!("let f{n} = () {{ f{}() + f{}() }};", n - 1, n - 1)).collect();
    assert!(matches!(refused(&format!("let f0 = () {{ 1 }};{calls} print f39()")), Some("too-large" | "too-deep")));
    for step in ["x = strcat(x, x)", "x = tostring(pack_array(x, x))"] {
        let query = format!("print x = 'abcdefgh' {}", format!("| extend {step} ").repeat(60));
        assert!(matches!(run(&query, ROOMY, u32::MAX), Err(RunError::Memory(_))), "{step}");
    }
    let query = format!("print x = dynamic(1) {}", "| extend x = pack_array(x, x) ".repeat(60));
    assert!(matches!(run(&query, ROOMY, u32::MAX), Err(RunError::Memory(_))));
    let query = format!("print x = dynamic(1) {}", "| extend x = pack_array(pack_array(pack_array(x))) ".repeat(100));
    assert!(matches!(run(&query, ROOMY, u32::MAX), Err(RunError::Memory(_))));
}

#[test]
fn long_pipes_and_high_values_run_on_a_small_stack() {
    for step in [
        "extend n = n + 1",
        "where n < 5000",
        "mv-expand d",
        "summarize n = max(n), d = take_any(d)",
        "sort by n",
        "join kind=leftsemi N on n",
    ] {
        let pipe = |count: usize| {
            format!("let a = print n = 1, d = dynamic([1]) {}; a | count", format!("| {step} ").repeat(count))
        };
        assert_eq!(run(&pipe(75), ROOMY, u32::MAX).map(|rows| rows.len()), Ok(1), "{step}");
        let refused = Script::parse(&pipe(200)).and_then(|script| script.bind(&catalog())).err();
        assert_eq!(refused.map(|error| error.code()), Some("too-deep"), "{step}");
    }
    assert_eq!(answer(&format!("print 1{}", " + 1".repeat(90))), ["91"]);
    let rising: String = (1..50).map(|n| format!("let a{n} = a{} + 1;", n - 1)).collect();
    assert_eq!(answer(&format!("let a0 = 1;{rising} print a49{}", " + 1".repeat(90))), ["140"]);
}

/// The answers of `where`, `summarize` and `join` against loops over the same numbers.
#[test]
fn operators_agree_with_loops() {
    for seed in 0..40_i64 {
        let numbers: Vec<(i64, i64)> = (0..30).map(|i| ((i * 7 + seed * 13) % 5, (i * i + seed * 3) % 11)).collect();
        let cells =
            |numbers: &[(i64, i64)]| numbers.iter().map(|(a, b)| format!("{a},{b}")).collect::<Vec<_>>().join(",");
        let table = format!("let T = datatable(a:long, b:long)[{}];", cells(&numbers));
        let mut sums: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
        for (a, b) in numbers.iter().filter(|(_, b)| b % 2 == 0) {
            let sum = sums.entry(*a).or_default();
            *sum = (sum.0 + b, sum.1 + 1);
        }
        let wanted: Vec<String> = sums.iter().map(|(a, (sum, count))| format!("{a}|{sum}|{count}")).collect();
        assert_eq!(
            answer(&format!("{table} T | where b % 2 == 0 | summarize sum(b), count() by a | sort by a asc")),
            wanted
        );
        let pairs = numbers.iter().flat_map(|(a, b)| numbers.iter().filter(move |(x, y)| a == x && b > y)).count();
        assert_eq!(answer(&format!("{table} T | join kind=inner T on a | where b > b1 | count")), [pairs.to_string()]);
    }
}
