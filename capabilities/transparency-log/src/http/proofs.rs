//! `proof?table=&id=` or `proof?leaf=`, and `consistency?from=&to=`.

use super::{Api, Asked, Keep, Wanted, answer};
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use signet_kernel::{Failure, Fault};

const PROOF: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    table: Option<String>,
    id: Option<String>,
    leaf: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sizes {
    from: u64,
    to: Option<u64>,
}

pub(super) async fn inclusion(State(api): State<Api>, asked: Asked) -> Response<Body> {
    api.answer(asked, |api, Wanted { readable, query, .. }| async move {
        let which: Which = parse(query.as_deref())?;
        let proof = match (&which.table, &which.id, which.leaf) {
            (Some(table), Some(id), None) => api.logs.prove(&api.record, readable.tenant, (table, id)).await,
            (None, None, Some(leaf)) => api.logs.prove_leaf(readable.tenant, leaf).await,
            _ => return Err(bad("Name a record by table and id, or a leaf by its number.").into()),
        };
        Ok(answer(proof.map_err(Failure::from)?.to_string(), PROOF, Keep::No, readable.published))
    })
    .await
}

pub(super) async fn consistency(State(api): State<Api>, asked: Asked) -> Response<Body> {
    api.answer(asked, |api, Wanted { readable, query, .. }| async move {
        let sizes: Sizes = parse(query.as_deref())?;
        let proof = api.logs.prove_consistency(readable.tenant, sizes.from, sizes.to).await.map_err(Failure::from)?;
        let body = serde_json::to_vec(&proof).map_err(Failure::bug)?;
        Ok(answer(body, JSON, Keep::No, readable.published))
    })
    .await
}

/// After the caller is known: what is asked for is not looked at before.
fn parse<T: DeserializeOwned>(query: Option<&str>) -> Result<T, Failure> {
    let uri = format!("/?{}", query.unwrap_or_default()).parse().map_err(|_| bad("The query cannot be read."))?;
    let parsed = axum::extract::Query::try_from_uri(&uri).map_err(|error| bad(&error.body_text()))?;
    Ok(parsed.0)
}

fn bad(message: &str) -> Failure {
    Failure::new(Fault::Input, "Request_BadRequest", message)
}
