//! Several queries in one request, each answered by itself.

use super::Known;
use super::errors::Refused;
use super::query::{self, Wanted};
use crate::ask::LogQueries;
use axum::http::StatusCode;
use futures_util::stream::{self, StreamExt as _};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use signet_kernel::Origin;

/// Queries of one batch at most.
const MOST: usize = 100;
/// Queries of one batch at once: fewer than a tenant may run, so that a batch does not lock others out.
const AT_ONCE: usize = 2;

#[derive(Debug, Deserialize)]
struct Sent {
    requests: Vec<One>,
}

#[derive(Debug, Deserialize)]
struct One {
    id: String,
    workspace: String,
    #[serde(default)]
    headers: Map<String, Value>,
    body: Value,
}

pub(super) async fn answer(
    queries: &LogQueries,
    known: &Known,
    body: &[u8],
    origin: &Origin,
) -> Result<Value, Refused> {
    let sent: Sent =
        serde_json::from_slice(body).map_err(|error| Refused::bad(format!("The body is no batch: {error}.")))?;
    if sent.requests.len() > MOST {
        return Err(Refused::bad(format!("A batch has at most {MOST} requests.")));
    }
    let answers = stream::iter(sent.requests).map(async |one| {
        let (status, body) = match answer_one(queries, known, &one).await {
            Ok(body) => (StatusCode::OK, body),
            Err(refused) => refused.said(origin),
        };
        json!({ "id": one.id, "status": status.as_u16(), "headers": {}, "body": body })
    });
    let answers: Vec<Value> = answers.buffered(AT_ONCE).collect().await;
    Ok(json!({ "responses": answers }))
}

async fn answer_one(queries: &LogQueries, known: &Known, one: &One) -> Result<Value, Refused> {
    known.may_read(&one.workspace)?;
    let question = query::from_json(&one.body, &known.caller)?;
    let prefer = one.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("prefer"));
    let wanted = prefer.filter_map(|(_, value)| value.as_str()).fold(Wanted::default(), Wanted::and);
    query::answer(queries, known, question, wanted).await
}
