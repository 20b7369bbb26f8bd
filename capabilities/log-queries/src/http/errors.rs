//! Refusals in the service's words: an error, and inside it more and more exactly what is wrong.

use super::json;
use crate::refusal::QueryRefused;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};
use signet_graph::Unauthenticated;
use signet_kernel::{Failure, Fault, Origin};
use signet_kql::RunError;
use signet_web::dialect;

/// A refusal on its way out.
#[derive(Debug)]
pub(super) enum Refused {
    /// Nobody knows who asks.
    Unknown(Box<Unauthenticated>),
    /// Who asks may not.
    NoAccess,
    /// The request is none.
    Failure(Failure),
    /// The query is not answered.
    Query(Box<QueryRefused>),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<QueryRefused> for Refused {
    fn from(refused: QueryRefused) -> Self {
        Self::Query(Box::new(refused))
    }
}

impl Refused {
    pub(super) fn unknown(unknown: Unauthenticated) -> Self {
        Self::Unknown(Box::new(unknown))
    }

    pub(super) fn no_access() -> Self {
        Self::NoAccess
    }

    /// A request that cannot be understood.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::Failure(Failure::new(Fault::Input, "BadArgumentError", message))
    }

    /// The status and what the body says.
    pub(super) fn said(&self, origin: &Origin) -> (StatusCode, Value) {
        let error = |code: &str, message: &str, inner: Option<Value>| {
            let mut error = json!({ "message": message, "code": code, "correlationId": origin.correlation_id });
            if let (Some(inner), Some(error)) = (inner, error.as_object_mut()) {
                error.insert("innererror".to_owned(), inner);
            }
            json!({ "error": error })
        };
        match self {
            Self::Unknown(unknown) => {
                let message = format!("Valid authentication was not provided. {}", unknown.failure.message);
                let code = match unknown.failure.fault {
                    Fault::Unauthenticated => "AuthorizationRequiredError",
                    _ => &unknown.failure.code,
                };
                (dialect::status(&unknown.failure), error(code, &message, None))
            }
            Self::NoAccess => {
                let message = "The provided credentials have insufficient access to perform the requested operation: \
                               it takes AuditLog.Read.All in the tenant whose logs are asked for.";
                (StatusCode::FORBIDDEN, error("InsufficientAccessError", message, None))
            }
            Self::Failure(failure) => {
                dialect::log(failure, origin.request_id);
                (dialect::status(failure), error(&failure.code, &failure.message, None))
            }
            Self::Query(refused) => {
                let (code, message, inner) = worded(refused);
                (status(refused), error(code, message, Some(inner)))
            }
        }
    }

    pub(super) fn answer(self, origin: &Origin) -> Response<Body> {
        let (status, said) = self.said(origin);
        let mut response = json(status, &said);
        let headers = response.headers_mut();
        if let Self::Unknown(unknown) = &self
            && let Ok(challenge) = HeaderValue::from_str(&unknown.www_authenticate)
            && status == StatusCode::UNAUTHORIZED
        {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// The status of a query that is not answered.
pub(crate) fn status(refused: &QueryRefused) -> StatusCode {
    match refused {
        QueryRefused::Query { .. }
        | QueryRefused::Timespan(_)
        | QueryRefused::NoWatchlist(_)
        | QueryRefused::Source(_) => StatusCode::BAD_REQUEST,
        QueryRefused::Run(RunError::Time) => StatusCode::GATEWAY_TIMEOUT,
        QueryRefused::Run(RunError::Source { .. }) => StatusCode::SERVICE_UNAVAILABLE,
        QueryRefused::Run(_) => StatusCode::BAD_REQUEST,
        QueryRefused::AtOnce(_) => StatusCode::TOO_MANY_REQUESTS,
        QueryRefused::Failed(failure) => dialect::status(failure),
    }
}

const INVALID: &str = "The request had some invalid properties";

fn worded(refused: &QueryRefused) -> (&'static str, &'static str, Value) {
    let inner = |code: &str| json!({ "code": code, "message": refused.to_string() });
    match refused {
        QueryRefused::Query { error, position, token } => {
            let (kind, sentence, number) = if QueryRefused::is_syntax(error) {
                ("SyntaxError", "A recognition error occurred in the query.", "SYN0002")
            } else {
                ("SemanticError", "A semantic error occurred.", "SEM0100")
            };
            let place = format!("{refused} on line [{},{}]", position.line, position.column);
            let exact = json!({
                "code": number,
                "message": place,
                "line": position.line,
                "pos": position.column,
                "token": token,
                "problem": error.code(),
            });
            ("BadArgumentError", INVALID, json!({ "code": kind, "message": sentence, "innererror": exact }))
        }
        QueryRefused::Timespan(_) => ("BadArgumentError", INVALID, inner("InvalidTimespan")),
        QueryRefused::NoWatchlist(_) | QueryRefused::Source(_) => ("BadArgumentError", INVALID, inner("SemanticError")),
        QueryRefused::Run(RunError::Time) => ("GatewayTimeout", "The query took too long", inner("GatewayTimeout")),
        QueryRefused::Run(RunError::Source { .. }) => {
            ("ServiceUnavailable", "A table could not be read", inner("SourceUnavailable"))
        }
        QueryRefused::Run(RunError::Unsupported(_)) => ("BadArgumentError", INVALID, inner("SemanticError")),
        QueryRefused::Run(_) => {
            ("InsufficientResourcesError", "The query takes more than it may", inner("QueryLimitsExceeded"))
        }
        QueryRefused::AtOnce(_) => ("ThrottledError", "Too many queries at once", inner("TooManyConcurrentQueries")),
        QueryRefused::Failed(_) => ("InternalServerError", "The query could not be run", inner("InternalError")),
    }
}
