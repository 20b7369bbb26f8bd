//! `proof?table=&id=` or `proof?leaf=`, and `consistency?from=&to=`.

use super::access::{Readable, Refused};
use super::{Api, Keep, answer};
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use signet_kernel::{Failure, Fault, Origin};
use signet_web::{Arrival, RequestOrigin};

const PROOF: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
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

pub(super) async fn inclusion(
    State(api): State<Api>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    arrival: Arrival,
    RequestOrigin(origin): RequestOrigin,
    headers: HeaderMap,
) -> Response<Body> {
    let proved = prove(&api, &tenant, query.as_deref(), (&headers, &origin)).await;
    proved.unwrap_or_else(|refused| refused.answer(&origin, arrival.at))
}

async fn prove(
    api: &Api,
    tenant: &str,
    query: Option<&str>,
    who: (&HeaderMap, &Origin),
) -> Result<Response<Body>, Refused> {
    let Readable { tenant, published } = api.access.admit(&api.logs, tenant, who).await?;
    let wanted: Wanted = parse(query)?;
    let proof = match (&wanted.table, &wanted.id, wanted.leaf) {
        (Some(table), Some(id), None) => api.logs.prove(&api.record, tenant, (table, id)).await,
        (None, None, Some(leaf)) => api.logs.prove_leaf(tenant, leaf).await,
        _ => return Err(bad("Name a record by table and id, or a leaf by its number.").into()),
    };
    Ok(answer(proof.map_err(Failure::from)?.to_string(), PROOF, Keep::No, published))
}

pub(super) async fn consistency(
    State(api): State<Api>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    arrival: Arrival,
    RequestOrigin(origin): RequestOrigin,
    headers: HeaderMap,
) -> Response<Body> {
    let proved = async {
        let Readable { tenant, published } = api.access.admit(&api.logs, &tenant, (&headers, &origin)).await?;
        let sizes: Sizes = parse(query.as_deref())?;
        let proof = api.logs.prove_consistency(tenant, sizes.from, sizes.to).await.map_err(Failure::from)?;
        let body = serde_json::to_vec(&proof).map_err(Failure::bug)?;
        Ok::<_, Refused>(answer(body, JSON, Keep::No, published))
    };
    proved.await.unwrap_or_else(|refused| refused.answer(&origin, arrival.at))
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
