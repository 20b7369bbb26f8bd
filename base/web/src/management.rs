//! The management listener: is it alive, is it ready, what does it count.
//!
//! Served on a listener of its own, over plain HTTP, that the operator binds where only he can reach it.

mod health;

pub use health::{Health, NotReady};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Clone)]
struct Management {
    health: Health,
    registry: Arc<Registry>,
}

/// `/healthz`, `/readyz` and `/metrics`.
pub fn router(health: Health, registry: Arc<Registry>) -> Router {
    Router::new()
        .route("/healthz", get(async || answer(StatusCode::OK, &json!({"status": "alive"}))))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(Management { health, registry })
}

async fn ready(State(management): State<Management>) -> Response {
    let missing = management.health.not_ready();
    if missing.is_empty() {
        return answer(StatusCode::OK, &json!({"status": "ready"}));
    }
    answer(StatusCode::SERVICE_UNAVAILABLE, &json!({"status": "not ready", "checks": missing}))
}

async fn metrics(State(management): State<Management>) -> Response {
    let mut text = String::new();
    if let Err(error) = prometheus_client::encoding::text::encode(&mut text, &management.registry) {
        tracing::error!(%error, "cannot encode the metrics");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let content_type = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    ([(header::CONTENT_TYPE, content_type)], text).into_response()
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body.to_string()).into_response()
}
