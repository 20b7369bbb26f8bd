//! Functions and lists that a tenant keeps.

use crate::house::{House, caller};
use signet_kql::Value;
use signet_log_queries::{LogFunction, QueryLimits, QueryRefused, Question, Watchlist};
use signet_store::{Id, Kind};

fn ask(text: &str) -> Question {
    Question { text: text.to_owned(), ..Question::default() }
}

fn function(name: &str, query: &str) -> LogFunction {
    let (description, parameters, other) = (None, None, serde_json::Map::new());
    LogFunction { display_name: name.to_owned(), description, parameters, query: query.to_owned(), other }
}

fn list(name: &str, content: &str) -> Watchlist {
    Watchlist {
        display_name: name.to_owned(),
        description: None,
        items_search_key: "Host".to_owned(),
        raw_content: content.to_owned(),
        other: serde_json::Map::new(),
    }
}

async fn keep<K: Kind>(house: &House, number: u128, kept: &K) {
    let store = house.store(number);
    let mut unit = store.unit();
    unit.create(Id::of(store.context().new_object_id()), kept);
    store.commit(unit).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_11_another_tenant_s_functions_and_lists_are_no_names() {
    let house = House::new().await;
    keep(&house, 1, &function("Mine", "AuditLogs")).await;
    keep(&house, 1, &list("hosts", "Host\na")).await;
    let queries = house.queries(QueryLimits::default());
    for text in ["Mine", "_GetWatchlist('hosts')"] {
        queries.ask(&caller(1), &house.store(1), ask(text)).await.unwrap();
        queries.ask(&caller(2), &house.store(2), ask(text)).await.unwrap_err();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_a_table_with_its_search_key() {
    let house = House::new().await;
    keep(&house, 1, &list("hosts", "Host,Note\na,\"x, y\"\nb,")).await;
    let queries = house.queries(QueryLimits::default());
    let text = "_GetWatchlist('HOSTS') | sort by SearchKey asc | project SearchKey, Host, Note, _DTItemId";
    let answer = queries.ask(&caller(1), &house.store(1), ask(text)).await.unwrap();
    let row = |cells: [&str; 4]| cells.map(Value::text).to_vec();
    assert_eq!(answer.rows, [row(["a", "a", "x, y", "0"]), row(["b", "b", "", "1"])]);
    let refused = queries.ask(&caller(1), &house.store(1), ask("_GetWatchlist('none')")).await.unwrap_err();
    assert_eq!(refused, QueryRefused::NoWatchlist("none".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_where_it_was_sent_whatever_stands_before_it() {
    let house = House::new().await;
    keep(&house, 1, &function("Mine", "AuditLogs\n| where Result == 'success'")).await;
    keep(&house, 1, &list("hosts", "Host\na")).await;
    let queries = house.queries(QueryLimits::default());
    let text = "Mine\n| where Id in (_GetWatchlist('hosts')) and Nothing == 1";
    let refused = queries.ask(&caller(1), &house.store(1), ask(text)).await.unwrap_err();
    let QueryRefused::Query { position, token, .. } = refused else { panic!("{refused:?}") };
    assert_eq!((position.line, token.as_str()), (2, "Nothing"));
    assert_eq!(position.column, "| where Id in (_GetWatchlist('hosts')) and ".len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_calls_itself_is_refused_and_ends() {
    let house = House::new().await;
    keep(&house, 1, &function("One", "Other")).await;
    keep(&house, 1, &function("Other", "One")).await;
    let queries = house.queries(QueryLimits::default());
    let refused = queries.ask(&caller(1), &house.store(1), ask("One | count")).await.unwrap_err();
    assert!(matches!(refused, QueryRefused::Query { .. }), "{refused:?}");
}
