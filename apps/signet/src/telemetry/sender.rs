//! The HTTP client for the collector.
//!
//! The exporter runs on a thread of its own, without a runtime, so each request is sent as a task of the server's.

use crate::client;
use crate::command_error::CommandError;
use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use std::path::PathBuf;
use std::time::Duration;
use tokio::runtime::Handle;

/// Sends to the collector that the operator named.
#[derive(Debug)]
pub(super) struct Sender {
    http: reqwest::Client,
    runtime: Handle,
}

impl Sender {
    /// A client that trusts `extra_ca` besides the system's authorities.
    pub(super) fn new(extra_ca: &[PathBuf], within: Duration) -> Result<Self, CommandError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(client::tls(extra_ca)?)
            .user_agent(concat!("signet/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(within)
            .build()
            .map_err(CommandError::failed)?;
        Ok(Self { http, runtime: Handle::current() })
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (http, request) = (self.http.clone(), reqwest::Request::try_from(request)?);
        let sent = self.runtime.spawn(async move {
            let answer = http.execute(request).await?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        });
        let (status, body) = sent.await??;
        let mut response = Response::new(body);
        *response.status_mut() = status;
        Ok(response)
    }
}
