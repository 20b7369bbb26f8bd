//! `externaldata` beside the records of a tenant.

use crate::ask;
use crate::house::{House, caller};
use async_trait::async_trait;
use bytes::Bytes;
use signet_fetch::{FetchError, FetchOptions, Get};
use signet_kql::Value;
use signet_log_queries::{ExternalSources, QueryLimits, QueryRefused, SourceRefused};
use std::sync::Arc;
use url::Url;

struct OneList;

#[async_trait]
impl Get for OneList {
    async fn get(&self, url: &Url, _: &FetchOptions) -> Result<Bytes, FetchError> {
        match url.path() {
            "/risky.csv" => Ok(Bytes::from_static(b"Operation,Why\nDelete user,gone\n")),
            _ => Err(FetchError::Status(404)),
        }
    }
}

const LIST: &str =
    "externaldata(Operation:string, Why:string)['https://lists.example/risky.csv'] with(ignoreFirstRecord=true)";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_read_that_the_operator_does_not_list() {
    let house = House::new().await;
    let queries = house.queries(QueryLimits::default());
    for text in [
        LIST,
        "externaldata(a:string)['/x']",
        "AuditLogs | where OperationName in (externaldata(a:string)['file:///x'])",
    ] {
        let refused = queries.ask(&caller(1), &house.store(1), ask(text)).await.unwrap_err();
        assert!(matches!(refused, QueryRefused::Source(SourceRefused::NotListed(_))), "{text}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_lists_is_a_table_of_the_query() {
    let house = House::new().await;
    house.audit(1, &["Add user", "Delete user"]).await;
    let sources = ExternalSources::new(Arc::new(OneList), &["https://lists.example/"]).unwrap();
    let queries = house.queries(QueryLimits::default()).with_external_data(sources);
    let asked = async |text: &str| queries.ask(&caller(1), &house.store(1), ask(text)).await;
    for text in [
        format!("AuditLogs | where OperationName in (({LIST} | project Operation)) | project OperationName"),
        format!(
            "let risky = {LIST}; AuditLogs | lookup kind=inner risky on $left.OperationName == $right.Operation | project OperationName"
        ),
        format!("{LIST} | project b = bag_pack('Seen', Operation) | evaluate bag_unpack(b)"),
    ] {
        assert_eq!(asked(&text).await.unwrap().rows, [[Value::text("Delete user")]], "{text}");
    }
    let missing = asked("externaldata(a:string)['https://lists.example/other.csv']").await.unwrap_err();
    assert!(missing.to_string().contains("404"), "{missing}");
    let unread = asked("externaldata(a:string)['https://lists.example/x.parquet']").await.unwrap_err();
    assert!(unread.to_string().contains("not `parquet`"), "{unread}");
}
