//! How columns are called, typed and ordered: as the language service infers them.

#![expect(clippy::panic, reason = "a test may stop where it stands")]

use std::collections::BTreeMap;

use signet_kql::{Catalog, Column, Script, Type};

fn catalog() -> Catalog {
    let columns =
        |columns: &[(&str, Type)]| columns.iter().map(|(name, ty)| Column::new(*name, *ty)).collect::<Vec<_>>();
    let t = columns(&[("s", Type::String), ("t", Type::DateTime), ("d", Type::Dynamic), ("l", Type::Long)]);
    let u = columns(&[("s", Type::String), ("d", Type::String), ("i", Type::Int), ("x", Type::Real)]);
    Catalog { tables: BTreeMap::from([("T".to_owned(), t), ("U".to_owned(), u)]), ..Catalog::default() }
}

fn columns(query: &str) -> String {
    let bound = Script::parse(query).and_then(|script| script.bind(&catalog()));
    let plan = bound.unwrap_or_else(|error| panic!("{query}: {error}"));
    plan.columns().iter().map(|column| format!("{}:{}", column.name, column.ty)).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn all(expected: &[(&str, &str)]) {
    for (query, wanted) in expected {
        assert_eq!(columns(query), *wanted, "{query}");
    }
}

#[test]
fn a_column_of_the_small_table_takes_the_place_of_its_namesake() {
    all(&[
        ("T | mv-apply x = d on (summarize s = make_list(x))", "s:dynamic t:datetime d:dynamic l:long"),
        ("T | mv-apply x = d on (project q = 1, l = 2.0, t)", "s:string t:datetime d:dynamic l:real q:long"),
        ("T | mv-apply s = parse_json(s) on (take 1)", "s:dynamic t:datetime d:dynamic l:long"),
        ("T | mv-apply d = d on (take 1)", "s:string t:datetime d:dynamic l:long"),
        ("T | mv-apply d on (take 1)", "s:string t:datetime l:long d:dynamic"),
        ("T | mv-apply d on (project q = 1)", "s:string t:datetime l:long q:long"),
        ("T | mv-apply with_itemindex=l d on (take 1)", "s:string t:datetime l:long d:dynamic l1:long"),
    ]);
}

#[test]
fn a_column_that_is_not_there_gives_no_name() {
    all(&[
        ("T | project column_ifexists('s', ''), column_ifexists('zz', 1)", "s:string Column1:long"),
        ("T | project y = column_ifexists('zz', 1)", "y:long"),
    ]);
}

#[test]
fn older_aggregates_put_a_word_before_each_column() {
    all(&[
        ("T | project s, t | summarize any(*)", "any_s:string any_t:datetime"),
        ("T | project s, t, l | summarize argmax(t, *) by s", "s:string max_t:datetime max_t_l:long"),
        ("T | summarize argmin(t, s)", "min_t:datetime min_t_s:string"),
        ("T | summarize arg_max(t, s)", "t:datetime s:string"),
        (
            "T | summarize hll_merge(d) | extend hll_merge(hll_merge_d, hll_merge_d)",
            "hll_merge_d:dynamic hll_merged_result:dynamic",
        ),
    ]);
}

#[test]
fn whole_numbers_of_half_size_become_whole() {
    all(&[
        ("U | project bin(i, i), -i, x = -int(5), y = bin(i, 1.5)", "i:long Column1:long x:int y:real"),
        ("T | project d + t, l < true", "Column1:datetime Column2:bool"),
    ]);
}

#[test]
fn names_are_ordered_without_case_and_numbers_in_them_as_numbers() {
    let made = "print b_1 = 1, A20 = 1, a3 = 1, B = 1";
    all(&[
        (&format!("{made} | project-reorder * asc"), "A20:long a3:long B:long b_1:long"),
        (&format!("{made} | project-reorder * granny-asc"), "a3:long A20:long B:long b_1:long"),
        (&format!("{made} | project-reorder a* granny-desc"), "a3:long b_1:long A20:long B:long"),
    ]);
}

#[test]
fn declared_columns_stand_where_they_are_declared() {
    all(&[
        ("T | evaluate bag_unpack(d) : (*, s:string, z:long)", "t:datetime l:long s:string z:long"),
        ("find in (T, U) where s == 'a' | project-away pack_", "source_:string s:string d:dynamic"),
        ("T | count as n", "n:long"),
        ("T | top-hitters 2 of s", "s:string approximate_count_s:long"),
        ("U | top-hitters 2 of s by x", "s:string approximate_sum_x:real"),
    ]);
}
