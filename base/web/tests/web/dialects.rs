//! Every fault in every dialect, as one table to review.

use axum::http::{HeaderMap, Method};
use http_body_util::BodyExt;
use signet_kernel::{Failure, Fault, Origin, Timestamp};
use signet_web::{body, dialect};
use std::fmt::Write;
use std::time::Duration;
use uuid::Uuid;

const FAULTS: [Fault; 13] = [
    Fault::Input,
    Fault::Unauthenticated,
    Fault::Rights,
    Fault::NotFound,
    Fault::Method,
    Fault::Conflict,
    Fault::Precondition,
    Fault::Gone,
    Fault::TooLarge,
    Fault::Throttled,
    Fault::Peer,
    Fault::Temporary,
    Fault::Bug,
];

const INNER_ERROR: &str = "{\"date\":\"2026-11-21T10:00:00Z\",\
    \"request-id\":\"00000000-0000-0000-0000-000000000001\",\
    \"client-request-id\":\"00000000-0000-0000-0000-000000000002\"}";

async fn row(failure: &Failure) -> String {
    let origin = Origin { correlation_id: Uuid::from_u128(2), ..Origin::internal(Uuid::from_u128(1)) };
    let response = dialect::graph(failure, &origin, Timestamp::from_micros(1_795_255_200_250_000));
    let mut row = format!("{:?} -> {}\n", failure.fault, response.status());
    for (name, value) in response.headers() {
        writeln!(row, "  {name}: {}", value.to_str().unwrap()).unwrap();
    }
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    writeln!(row, "  {}", body.replace(INNER_ERROR, "{…}")).unwrap();
    row
}

#[tokio::test]
async fn graph() {
    let mut table = format!("{{…}} stands for {INNER_ERROR}\n");
    for fault in FAULTS {
        table += &row(&Failure::new(fault, "Code", "Do this.").with_detail("never sent")).await;
    }
    let mut waiting = Failure::new(Fault::Throttled, "Code", "Do this.");
    waiting.retry_after = Some(Duration::from_millis(1_500));
    for failure in [
        Failure::new(Fault::Input, body::UNSUPPORTED_MEDIA_TYPE, "Do this.").with_target("Content-Type"),
        Failure::new(Fault::Input, body::REQUEST_TIMEOUT, "Do this."),
        waiting,
        Failure::busy("never sent"),
        Failure::bug("never sent"),
    ] {
        table += &row(&failure).await;
    }
    assert!(!table.contains("never sent"));
    insta::assert_snapshot!(table);
}

#[test]
fn rfc9110_s15_5_6_allow_lists_the_methods() {
    let mut headers = HeaderMap::new();
    dialect::set_allow(&mut headers, &[Method::GET, Method::PATCH]);
    assert_eq!(headers["allow"], "GET,PATCH");
}
