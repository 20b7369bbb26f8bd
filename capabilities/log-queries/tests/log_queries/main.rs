//! Questions over the records of two tenants.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by panicking, and nobody links it"
)]

mod external;
mod house;
mod saved;

use house::{House, caller, tenant};
use signet_kql::{RunError, Value};
use signet_log_queries::{QueryLimits, QueryRefused, Question};
use std::time::Duration;

fn ask(text: &str) -> Question {
    Question { text: text.to_owned(), ..Question::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn invariant_11_a_query_sees_its_own_tenant_however_it_asks() {
    let house = House::new().await;
    house.audit(1, &["Add user", "Update user"]).await;
    house.audit(2, &["Delete user"]).await;
    let queries = house.queries(QueryLimits::default());
    for text in [
        "AuditLogs | distinct OperationName",
        "union * | where isnotempty(OperationName) | distinct OperationName",
        "union Audit* | distinct OperationName",
        "search '*' | where isnotempty(OperationName) | distinct OperationName",
        "AuditLogs | where true or TenantId == '00000000-0000-0000-0000-000000000001' | distinct OperationName",
    ] {
        let answer = queries.ask(&caller(2), &house.store(2), ask(text)).await.unwrap();
        assert_eq!(answer.rows, [[Value::text("Delete user")]], "{text}");
    }
    for text in ["workspace('1').AuditLogs", "cluster('x').database('1').AuditLogs"] {
        let refused = queries.ask(&caller(2), &house.store(2), ask(text)).await.unwrap_err();
        assert!(matches!(refused, QueryRefused::Query { .. }), "{text}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_that_depend_on_rows_are_those_of_the_tenant() {
    let house = House::new().await;
    house.audit(1, &["Other"]).await;
    house.audit(2, &["Mine"]).await;
    let queries = house.queries(QueryLimits::default());
    let unknown = "AuditLogs | project b = bag_pack(OperationName, 1) | evaluate bag_unpack(b, nothing = 1)";
    queries.ask(&caller(2), &house.store(2), ask(unknown)).await.unwrap_err();
    let unpacked = "AuditLogs | project b = bag_pack(OperationName, 1) | evaluate bag_unpack(b)";
    let answer = queries.ask(&caller(2), &house.store(2), ask(unpacked)).await.unwrap();
    let names: Vec<&str> = answer.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!((names, answer.rows), (vec!["Mine"], vec![vec![Value::Long(1)]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_narrows_every_table_and_both_its_ends_belong_to_it() {
    let house = House::new().await;
    house.audit(1, &["a", "b", "c"]).await;
    let queries = house.queries(QueryLimits::default());
    // The second of the three, a second after the first.
    let timespan = Some("2026-11-21T10:00:01Z/2026-11-21T10:00:01Z".to_owned());
    let question = Question { timespan, ..ask("AuditLogs | project OperationName") };
    let answer = queries.ask(&caller(1), &house.store(1), question).await.unwrap();
    assert_eq!(answer.rows, [[Value::text("b")]]);
    let question = Question { timespan: Some("1h".to_owned()), ..ask("AuditLogs") };
    let refused = queries.ask(&caller(1), &house.store(1), question).await.unwrap_err();
    assert!(matches!(refused, QueryRefused::Timespan(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_beyond_the_limits_is_cut_or_refused() {
    let house = House::new().await;
    house.audit(1, &["a", "b", "c"]).await;
    let limited = |limits| house.queries(limits);
    let usual = QueryLimits::default();

    let answer = limited(QueryLimits { rows: 2, ..usual }).ask(&caller(1), &house.store(1), ask("AuditLogs")).await;
    let answer = answer.unwrap();
    assert_eq!((answer.rows.len(), answer.cut_at), (2, Some(2)), "the rest is left out, and the answer says so");

    let holds = ask("AuditLogs | sort by OperationName asc");
    let refused = limited(QueryLimits { memory: 64, ..usual }).ask(&caller(1), &house.store(1), holds).await;
    assert_eq!(refused.unwrap_err(), QueryRefused::Run(RunError::Memory(64)));

    let endless = Question { wait: Some(Duration::ZERO), ..ask("range x from 1 to 100000000 step 1 | count") };
    let refused = limited(usual).ask(&caller(1), &house.store(1), endless).await;
    assert_eq!(refused.unwrap_err(), QueryRefused::Run(RunError::Time));

    let refused = limited(QueryLimits { at_once: 0, ..usual }).ask(&caller(1), &house.store(1), ask("AuditLogs")).await;
    assert_eq!(refused.unwrap_err(), QueryRefused::AtOnce(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_read_is_recorded_also_one_that_was_refused() {
    let house = House::new().await;
    let queries = house.queries(QueryLimits::default());
    queries.ask(&caller(1), &house.store(1), ask("AuditLogs | count")).await.unwrap();
    queries.ask(&caller(1), &house.store(1), ask("Nothing")).await.unwrap_err();
    let text = "LAQueryLogs | sort by QueryText asc | project QueryText, ResponseCode, ResponseRowCount, TenantId";
    let answer = queries.ask(&caller(1), &house.store(1), ask(text)).await.unwrap();
    let own = Value::text(tenant(1).to_string());
    assert_eq!(
        answer.rows,
        [
            [Value::text("AuditLogs | count"), Value::Long(200), Value::Long(1), own.clone()],
            [Value::text("Nothing"), Value::Long(400), Value::Long(0), own],
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_recorded_as_read_is_not_told() {
    let house = House::new().await;
    let queries = house.queries(QueryLimits::default());
    house.end_record().await;
    let refused = queries.ask(&caller(1), &house.store(1), ask("print 1")).await.unwrap_err();
    assert!(matches!(refused, QueryRefused::Failed(_)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_where_and_what_was_meant() {
    let house = House::new().await;
    let queries = house.queries(QueryLimits::default());
    let text = "AuditLogs\n| where Reslt == 'success'";
    let refused = queries.ask(&caller(1), &house.store(1), ask(text)).await.unwrap_err();
    assert_eq!(refused.to_string(), "nothing here is called `Reslt`; did you mean `Result`?");
    let QueryRefused::Query { position, token, .. } = refused else { panic!("{refused:?}") };
    assert_eq!((position.line, position.column, token.as_str()), (2, 9, "Reslt"));
}
