//! Operators, plugins and functions that need no table of a caller: what is refused first, then what comes out.

#![expect(clippy::expect_used, clippy::panic, reason = "a test may stop where it stands")]

use std::net::IpAddr;

use signet_kql::{
    Catalog, Column, Environment, Limits, Patience, Row, RunError, Script, SourceRows, Tables, Type, Value,
};

struct Outside;

impl Tables for Outside {
    fn rows(&self, table: &str, arguments: &[Value], _: &[Column]) -> Result<SourceRows<'_>, RunError> {
        let row = match table {
            "externaldata" => arguments.iter().take(2).cloned().collect(),
            _ => vec![Value::text("x y"), Value::Long(7)],
        };
        Ok(Box::new(std::iter::once(Ok(row))))
    }

    fn place(&self, address: IpAddr) -> Option<Value> {
        address.is_ipv4().then(|| Value::from_json(r#"{"country":"Austria"}"#))
    }
}

impl Patience for Outside {
    fn goes_on(&self) -> bool {
        true
    }
}

fn catalog() -> Catalog {
    let columns = |b: &str| vec![Column::new("a", Type::String), Column::new(b, Type::Long)];
    Catalog {
        tables: [("T", "n"), ("U", "m")].map(|(name, b)| (name.to_owned(), columns(b))).into(),
        external: vec!["https://lists.example/*".to_owned()],
        places: true,
        ..Catalog::default()
    }
}

const ENVIRONMENT: Environment<'static> = Environment {
    tables: &Outside,
    now: 638_678_304_000_000_000,
    limits: Limits { rows: 10_000, memory: 100_000_000 },
    patience: &Outside,
};

fn run(query: &str) -> Result<(Vec<String>, Vec<Row>), RunError> {
    let catalog = catalog();
    let script = Script::parse(query).map_err(RunError::Refused)?;
    let plan = script.bind_over(&catalog, ENVIRONMENT)?;
    let names = plan.columns().iter().map(|column| format!("{}:{}", column.name, column.ty)).collect();
    let rows = plan.run(ENVIRONMENT)?.collect::<Result<Vec<Row>, _>>()?;
    Ok((names, rows))
}

/// A row in a line, cells with bars between.
fn answer(query: &str) -> Vec<String> {
    let (_, rows) = run(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.iter().map(|row| row.iter().map(Value::to_text).collect::<Vec<_>>().join("|")).collect()
}

fn columns(query: &str) -> Vec<String> {
    run(query).unwrap_or_else(|error| panic!("{query}: {error}")).0
}

fn refused(query: &str) -> &'static str {
    match run(query).map(|_| ()).expect_err(query) {
        RunError::Refused(error) | RunError::Unsupported(error) => error.code(),
        other => panic!("{query}: {other}"),
    }
}

#[test]
fn hints_and_parameters_that_there_are_not_are_refused() {
    for query in [
        "T | join hint.bogus=1 U on a",
        "T | lookup hint.bogus=1 U on a",
        "T | where hint.x=3 a == '1'",
        "T | sort hint.x=1 by a",
        "T | summarize hint.shuffle_key=a count() by a",
        "T | take 1 | render timechart with (foo=1)",
        "T | parse-kv a as (x:string) with (pair=';')",
    ] {
        let code = Script::parse(query).map(|_| ()).expect_err(query).code();
        assert!(
            ["unknown-parameter", "expected"].contains(&code) || refused(query) == "unknown-name",
            "{query}: {code}"
        );
    }
    for query in [
        "T | join hint.strategy=bogus U on a",
        "T | join kind=cross U on a",
        "T | join hint.num_partitions=x U on a",
        "T | mv-expand bagexpansion=foo a",
        "T | render bogus",
        "T | search kind=loud 'x'",
    ] {
        assert_eq!(refused(query), "choice", "{query}");
    }
    assert_eq!(answer("T | join hint.strategy=shuffle hint.num_partitions=4 kind=inner U on a | count"), ["1"]);
    assert_eq!(answer("T | lookup hint.strategy=shuffle U on a | union isfuzzy=True U | count"), ["2"]);
}

#[test]
fn a_literal_that_is_no_value_has_columns_and_does_not_run() {
    let catalog = Catalog::default();
    let script = Script::parse("print t = datetime(<Start>)").expect("it parses");
    let plan = script.bind(&catalog).expect("it binds");
    assert_eq!(plan.columns(), [Column::new("t", Type::DateTime)]);
    assert_eq!(plan.unsupported().map(|error| error.code()), Some("literal"));
}

#[test]
fn external_data_is_read_from_where_it_is_allowed() {
    assert_eq!(refused("externaldata(a:string)['https://other.example/x']"), "not-supported");
    let query = "externaldata(a:string, b:dynamic)['https://lists.example/x'] with (format='csv')";
    assert_eq!(answer(query), [r#"https://lists.example/x|{"format":"csv"}"#]);
}

#[test]
fn places_of_addresses() {
    assert_eq!(answer("print geo_info_from_ip_address('10.0.0.1').country"), ["Austria"]);
    assert_eq!(answer("print isnull(geo_info_from_ip_address('x'))"), ["true"]);
}

#[test]
fn find_looks_into_several_tables() {
    assert_eq!(refused("find in (T, X) where a == 'x'"), "unknown-table");
    assert_eq!(columns("find in (T, U) where a has 'x'"), ["source_:string", "a:string", "pack_:dynamic"]);
    assert_eq!(answer("find in (T, U) where a has 'x' and n > 1"), ["T|x y|7|{}"]);
    assert_eq!(
        answer("find withsource=s in (T, U) where 'y' project a, pack(*)"),
        [r#"T|x y|{"n":7}"#, r#"U|x y|{"m":7}"#]
    );
    assert_eq!(answer("T | search kind=case_sensitive 'X' | count"), ["0"]);
    assert_eq!(answer("T | search 'x*y' | count"), ["1"]);
}

#[test]
fn scan_follows_steps() {
    let rows = "datatable(t:long, e:string)[1, 'a', 2, 'start', 3, 'b', 4, 'stop', 5, 'c']";
    let steps = "scan with_match_id=id declare (n:long = 0) with (step s: e == 'start' => n = t; \
                 step m output=last: e !in ('start', 'stop') => n = s.n; step z: e == 'stop' => n = t - s.t;)";
    assert_eq!(answer(&format!("{rows} | {steps}")), ["2|start|2|0", "3|b|2|0", "4|stop|2|0"]);
    assert_eq!(refused(&format!("{rows} | scan with (step s: e == 'a' => x = 1;)")), "unknown-name");
    assert_eq!(refused(&format!("{rows} | scan with (step s output=some: true;)")), "choice");
}

#[test]
fn the_greatest_within_the_greatest() {
    let rows = "datatable(k:string, v:string, n:long)['a', 'x', 1, 'a', 'y', 5, 'b', 'x', 2, 'c', 'x', 1]";
    let query = format!("{rows} | top-nested 2 of k with others='rest' by s=sum(n), top-nested 1 of v by sum(n)");
    assert_eq!(answer(&query), ["a|6|y|5", "b|2|x|2", "rest|1||"]);
}

#[test]
fn pairs_in_a_text() {
    let query = |text: &str, with: &str| {
        format!("print s = {text} | parse-kv s as (a:long, b:string) with ({with}) | project a, b")
    };
    let delimited = "pair_delimiter=' ', kv_delimiter='='";
    assert_eq!(answer(&query("'b=x y a=3'", delimited)), ["3|x"]);
    assert_eq!(answer(&query("'b=x y a=3'", &format!("{delimited}, greedy=true"))), ["3|x y"]);
    assert_eq!(answer(&query("'c=1 b=\"x a=9\" a=3'", &format!("{delimited}, quote='\"'"))), ["3|x a=9"]);
    assert_eq!(answer(&query("'a=z'", delimited)), ["|"]);
}

#[test]
fn bags_become_columns() {
    let rows = "datatable(d:dynamic, k:string)[dynamic({'n':1, 'x':'p'}), 'r', dynamic({'n':2.5}), 's']";
    assert_eq!(columns(&format!("{rows} | evaluate bag_unpack(d)")), ["k:string", "n:real", "x:string"]);
    assert_eq!(answer(&format!("{rows} | evaluate bag_unpack(d, 'd_') | where d_n > 1")), ["s|2.5|"]);
    assert_eq!(refused(&format!("{rows} | evaluate bag_unpack(d) | where nothing == 1")), "unknown-name");
    assert_eq!(refused("print d = dynamic({'k':1}), k = 2 | evaluate bag_unpack(d)"), "duplicate-column");
    let declared = format!("{rows} | evaluate bag_unpack(d) : (*, n:long)");
    let script = Script::parse(&declared).expect("it parses");
    assert!(script.bind(&Catalog::default()).is_ok_and(|plan| !plan.needs_rows() && plan.unsupported().is_none()));
    let script = Script::parse("T | evaluate bag_unpack(parse_json(a))").expect("it parses");
    assert_eq!(script.bind(&catalog()).map(|_| ()).expect_err("no column").code(), "not-a-column");
}

#[test]
fn values_become_columns() {
    let rows = "datatable(k:string, v:string, n:long)['a', 'x', 1, 'a', 'y', 5, 'b', 'x', 2]";
    assert_eq!(answer(&format!("{rows} | project k, v | evaluate pivot(v)")), ["a|1|1", "b|1|0"]);
    assert_eq!(answer(&format!("{rows} | evaluate pivot(v, sum(n), k)")), ["a|1|5", "b|2|0"]);
    assert_eq!(columns(&format!("{rows} | evaluate pivot(v, sum(n), k)")), ["k:string", "x:long", "y:long"]);
}

#[test]
fn networks_are_looked_up() {
    let query = "let nets = datatable(net:string, who:string)['10.0.0.0/8', 'wide', '10.1.0.0/16', 'near'];\
                 datatable(ip:string)['10.1.2.3', '10.2.0.1', '11.0.0.1'] | evaluate ipv4_lookup(nets, ip, net, return_unmatched = true)";
    let found = answer(query);
    assert_eq!(
        found,
        ["10.1.2.3|10.1.0.0/16|near", "10.1.2.3|10.0.0.0/8|wide", "10.2.0.1|10.0.0.0/8|wide", "11.0.0.1||"]
    );
    assert_eq!(refused("T | evaluate nosuch(a)"), "unknown-function");
}

#[test]
fn windows_over_rows() {
    let rows = "datatable(k:string, n:long)['a', 1, 'a', 1, 'a', 3, 'b', 4] | serialize";
    assert_eq!(answer(&format!("{rows} | project row_cumsum(n, k != prev(k))")), ["1", "2", "5", "4"]);
    assert_eq!(answer(&format!("{rows} | project row_rank_dense(n)")), ["1", "1", "2", "3"]);
    assert_eq!(answer(&format!("{rows} | project row_rank_min(n)")), ["1", "1", "3", "4"]);
    assert_eq!(answer(&format!("{rows} | project row_number(10, k != prev(k))")), ["10", "11", "12", "10"]);
}

#[test]
fn decimals_are_exact() {
    assert_eq!(answer("print decimal(0.1) + decimal(0.2), todecimal('1.50') * 2, decimal(1) / 4"), ["0.3|3|0.25"]);
    assert_eq!(answer("print decimal(0.3) == 0.3, decimal(2) > 1, toint(decimal(2.7))"), ["true|true|2"]);
    assert_eq!(answer("datatable(d:decimal)[decimal(0.1), decimal(0.2)] | summarize sum(d)"), ["0.3"]);
    assert_eq!(columns("print x = decimal(1) + 1"), ["x:decimal"]);
}

#[test]
fn what_is_random_is_the_same_at_the_same_time() {
    let query = "range x from 1 to 3 step 1 | extend r = rand(), g = new_guid() | summarize dcount(r), dcount(g)";
    assert_eq!(answer(query), ["3|3"]);
    let query = "print rand(), new_guid()";
    assert_eq!(answer(query), answer(query));
    assert_eq!(answer("range x from 1 to 50 step 1 | where rand(3) !in (0, 1, 2) | count"), ["0"]);
}

#[test]
fn an_assertion_that_does_not_hold_stops_the_query() {
    assert_eq!(run("print assert(1 > 2, 'too small')"), Err(RunError::Assertion("too small".to_owned())));
    assert_eq!(answer("print assert(2 > 1, 'too small')"), ["true"]);
}

#[test]
fn settings_of_a_query() {
    assert_eq!(
        answer("set query_now = datetime(2024-01-02); print now(), ago(1d)"),
        ["2024-01-02T00:00:00.0000000Z|2024-01-01T00:00:00.0000000Z"]
    );
    assert_eq!(refused("print bin_auto(3)"), "not-supported");
}

#[test]
fn sketches_are_put_together() {
    let rows = "range x from 1 to 100 step 1 | extend k = x % 2";
    assert_eq!(
        answer(&format!("{rows} | summarize h = hll(x % 10) by k | summarize dcount_hll(hll_merge(h))")),
        ["10"]
    );
    let query = format!(
        "{rows} | summarize t = tdigest(x) by k | summarize t = tdigest_merge(t) | project percentile_tdigest(t, 50), rank_tdigest(t, 20)"
    );
    assert_eq!(answer(&query), ["50|20"]);
}

#[test]
fn columns_by_name_and_lines_of_words() {
    assert_eq!(columns("T | project-by-names dynamic(['n', 'a'])"), ["n:long", "a:string"]);
    assert_eq!(
        answer(
            "range x from 1 to 20 step 1 | project s = strcat('user ', x, ' left') | reduce by s | project Pattern, Count"
        ),
        ["user * left|20"]
    );
    assert_eq!(
        answer("datatable(k:string)['a', 'b'] | partition by k { print x = strcat(toscalar(k), '!') }"),
        ["a!", "b!"]
    );
    assert_eq!(answer("T | evaluate narrow()"), ["0|a|x y", "0|n|7"]);
    assert_eq!(answer("T | consume | count"), ["0"]);
}

const GRAPH: &str = "datatable(a:string, b:string, w:long)['x', 'y', 1, 'y', 'z', 2, 'z', 'x', 3, 'q', 'r', 4] \
                     | make-graph a --> b with_node_id=id";

#[test]
fn graphs_are_matched() {
    assert_eq!(refused("T | graph-match (a)-[e]->(b) project a.id"), "type");
    assert_eq!(refused(&format!("{GRAPH} | graph-match (s)-[e]->(t) project s.nothing")), "unknown-name");
    assert_eq!(answer(&format!("{GRAPH} | graph-match (s)-[e]->(t) where s.id == 'y' project t.id, e.w")), ["z|2"]);
    assert_eq!(answer(&format!("{GRAPH} | graph-match (t)<-[e]-(s) where s.id == 'y' project t.id")), ["z"]);
    let chain = "graph-match (s)-[e*2..3]->(t) where s.id == 'x' project t.id, map(e, w), map(inner_nodes(e), id)";
    assert_eq!(answer(&format!("{GRAPH} | {chain}")), ["z|[1,2]|[\"y\"]", "x|[1,2,3]|[\"y\",\"z\"]"]);
    let left = "graph-match (t)<-[e*3..3]-(s) where s.id == 'x' project map(e, w), map(inner_nodes(e), id)";
    assert_eq!(answer(&format!("{GRAPH} | {left}")), ["[3,2,1]|[\"z\",\"y\"]"]);
    let degrees = "graph-match (s)-[e*2..2]->(t) where s.id == 'x' project map(inner_nodes(e), node_degree_out())";
    assert_eq!(answer(&format!("{GRAPH} | {degrees}")), ["[1]"]);
    let small = "graph-match (s)-[e*1..3]->(t) where s.id == 'x' and all(e, w < 3) project t.id";
    assert_eq!(answer(&format!("{GRAPH} | {small}")), ["y", "z"]);
    let short =
        "graph-shortest-paths (s)-[e*1..5]->(t) where s.id == 'x' and t.id == 'z' project array_length(map(e, w))";
    assert_eq!(answer(&format!("{GRAPH} | {short}")), ["2"]);
}

#[test]
fn graphs_become_tables() {
    assert_eq!(answer(&format!("{GRAPH} | graph-to-table edges | summarize sum(w)")), ["10"]);
    assert_eq!(
        answer(&format!("{GRAPH} | graph-mark-components with_component_id=c | graph-to-table nodes")),
        ["x|0", "y|0", "z|0", "q|1", "r|1"]
    );
    let known = "let n = datatable(id:string, l:long)['x', 1]; datatable(a:string, b:string)['x', 'y']";
    let known = format!("{known} | make-graph a --> b with n on id | graph-to-table nodes");
    assert_eq!(answer(&known), ["x|1", "y|"]);
    assert_eq!(answer(&format!("let g = {GRAPH}; g | graph-match (s) project s.id, node_degree_in(s) | count")), ["5"]);
}
