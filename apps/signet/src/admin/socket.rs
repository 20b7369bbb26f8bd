//! Both ends of `admin.sock`.

use super::AdminCommand;
use crate::command_error::CommandError;
use crate::data_dir::DataDir;
use crate::node::Node;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::{Deserialize, Serialize};
use signet_kernel::{Failure, Fault};
use signet_web::{Arrival, Peer, body, dialect};
use std::io::ErrorKind;
use std::sync::Arc;

const BODY_LIMIT: usize = 64 * 1024;

/// A refusal on its way to the command that asked.
#[derive(Debug, Serialize, Deserialize)]
struct Refusal {
    code: String,
    message: String,
    detail: Option<String>,
}

/// Serves one command.
pub(super) fn route<C: AdminCommand>(router: Router<Arc<Node>>) -> Router<Arc<Node>> {
    router.route(C::PATH, post(handle::<C>))
}

async fn handle<C: AdminCommand>(
    State(node): State<Arc<Node>>,
    arrival: Arrival,
    headers: HeaderMap,
    request: Body,
) -> Response {
    match answer::<C>(&node, &arrival, &headers, request).await {
        Ok(answer) => json(StatusCode::OK, &answer),
        Err(failure) => refused(&failure, &arrival),
    }
}

async fn answer<C: AdminCommand>(
    node: &Node,
    arrival: &Arrival,
    headers: &HeaderMap,
    request: Body,
) -> Result<C::Answer, Failure> {
    // The socket checks its peers; this is for the day on which somebody mounts the routes elsewhere.
    if !matches!(arrival.peer, Peer::Local { .. }) {
        return Err(Failure::new(Fault::Rights, "Forbidden", "Local commands come over admin.sock alone."));
    }
    let command = body::read_json(headers, request, BODY_LIMIT).await?;
    let command: C = serde_json::from_value(command)
        .map_err(|error| Failure::new(Fault::Input, "BadRequest", format!("The command cannot be read: {error}.")))?;
    command.run(node).await
}

fn refused(failure: &Failure, arrival: &Arrival) -> Response {
    dialect::log(failure, arrival.request_id);
    let Failure { code, message, detail, .. } = failure.clone();
    json(dialect::status(failure), &Refusal { code: code.into_owned(), message, detail: detail.map(String::from) })
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let text = serde_json::to_vec(body).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// A running server, seen from a command.
pub(super) struct Server {
    client: reqwest::Client,
}

impl Server {
    /// The server that owns the data directory; `None` if nobody listens.
    pub(super) async fn connect(data: &DataDir) -> Result<Option<Self>, CommandError> {
        let path = data.admin_socket();
        match tokio::net::UnixStream::connect(&path).await {
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => {
                return Ok(None);
            }
            Err(error) => return Err(CommandError::failed(format!("cannot connect to {}: {error}", path.display()))),
        }
        let client = crate::client::local()?.unix_socket(path).build().map_err(CommandError::failed)?;
        Ok(Some(Self { client }))
    }

    /// Sends a command and waits for its answer.
    pub(super) async fn send<C: AdminCommand>(&self, command: &C) -> Result<C::Answer, CommandError> {
        let gone = |error: reqwest::Error| CommandError::unavailable(format!("the server does not answer: {error}"));
        let request = self.client.post(format!("http://localhost{}", C::PATH)).json(command);
        let answer = request.send().await.map_err(gone)?;
        let status = answer.status();
        if status == StatusCode::OK {
            return answer.json().await.map_err(gone);
        }
        let Refusal { message, detail, .. } = answer.json().await.map_err(gone)?;
        let message = detail.map_or(message.clone(), |detail| format!("{message} ({detail})"));
        Err(match status {
            StatusCode::BAD_REQUEST => CommandError::usage(message),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => CommandError::unavailable(message),
            _ => CommandError::failed(message),
        })
    }
}
