//! What a request's span says.

use async_trait::async_trait;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use signet_graph::{Authenticate, Unauthenticated};
use signet_kernel::{Caller, Origin};
use signet_store::TenantStore;
use signet_web::Arrival;
use tracing::field::Empty;
use tracing::{Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Longest name of a tenant that is a domain. SPEC: RFC 1035 2.3.4
const DOMAIN_NAME: usize = 253;

/// The span of a request, part of the trace that its `traceparent` names.
pub(crate) fn span_of_request(arrival: &Arrival, method: &Method, headers: &HeaderMap) -> Span {
    let span = info_span!(
        target: "signet",
        "request",
        otel.kind = "server",
        otel.name = known(method),
        otel.status_code = Empty,
        http.request.method = known(method),
        http.route = Empty,
        http.response.status_code = Empty,
        signet.request_id = %arrival.request_id,
        signet.correlation_id = %arrival.correlation_id,
        signet.tenant = Empty,
    );
    // SPEC: W3C Trace Context 3.2; what is no traceparent begins a trace of its own.
    let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    // A span that nobody collects has no parent to set.
    let _ = span.set_parent(parent);
    span
}

/// SPEC: OpenTelemetry semantic conventions, HTTP: a method that is not known is `_OTHER`, whatever was sent.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}

/// Tells the span which route was taken, and the tenant if the address names it.
pub(crate) async fn note_route(route: MatchedPath, request: Request, next: Next) -> Response {
    let span = Span::current();
    span.record("otel.name", format!("{} {}", known(request.method()), route.as_str()));
    span.record("http.route", route.as_str());
    if let Some(tenant) = tenant(route.as_str(), request.uri().path()) {
        span.record("signet.tenant", tenant);
    }
    next.run(request).await
}

/// What stands in the place of `{tenant}`, if it is what a tenant's id or domain looks like.
fn tenant<'p>(route: &str, path: &'p str) -> Option<&'p str> {
    let place = route.split('/').position(|part| part == "{tenant}")?;
    let looks_right = |name: &&str| {
        !name.is_empty()
            && name.len() <= DOMAIN_NAME
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
    };
    path.split('/').nth(place).filter(looks_right)
}

/// Tells the span the tenant that a caller of the directory API comes from.
pub(crate) struct TracedCallers<A>(pub(crate) A);

#[async_trait]
impl<A: Authenticate> Authenticate for TracedCallers<A> {
    async fn authenticate(
        &self,
        headers: &HeaderMap,
        origin: Origin,
    ) -> Result<(Caller, TenantStore), Unauthenticated> {
        let found = self.0.authenticate(headers, origin).await?;
        Span::current().record("signet.tenant", tracing::field::display(found.0.tenant));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_taken_from_its_place_alone() {
        let route = "/{tenant}/oauth2/v2.0/token";
        assert_eq!(tenant(route, "/contoso.example/oauth2/v2.0/token"), Some("contoso.example"));
        assert_eq!(
            tenant("/.well-known/openid-configuration/{tenant}/v2.0", "/.well-known/openid-configuration/t/v2.0"),
            Some("t")
        );
        assert_eq!(tenant("/v1.0/{*path}", "/v1.0/users"), None);
        for wrong in ["//oauth2/v2.0/token", "/a%20b/oauth2/v2.0/token", "/a=b/oauth2/v2.0/token"] {
            assert_eq!(tenant(route, wrong), None, "{wrong}");
        }
        assert_eq!(tenant(route, &format!("/{}/oauth2/v2.0/token", "a".repeat(254))), None);
    }
}
