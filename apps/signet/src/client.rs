//! A client of the public API, as anybody could write it: the commands have no other way in.

use crate::client_key::JWT_BEARER;
use crate::command_error::CommandError;
use crate::config::Config;
use crate::data_dir::DataDir;
use crate::profile::{Profile, Proof};
use parking_lot::Mutex;
use reqwest::{Method, StatusCode};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;
use signet_kernel::Context;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(30);

/// The scope suffix for everything that was granted.
pub(crate) const DEFAULT_SCOPE: &str = ".default";

/// What a server answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// The body, null if there was none.
    pub(crate) body: Value,
}

/// Talks to one server as one administrator.
pub(crate) struct Client {
    http: reqwest::Client,
    profile: Profile,
    token: Mutex<Option<String>>,
}

impl Client {
    /// The client that the configuration and the environment name.
    pub(crate) fn load(config: &Config) -> Result<Self, CommandError> {
        Self::new(Profile::load(config)?, &DataDir::at(&config.data_dir))
    }

    /// A client with this profile, which trusts the local authority besides the system's.
    pub(crate) fn new(profile: Profile, data: &DataDir) -> Result<Self, CommandError> {
        let local: Vec<PathBuf> = Some(data.ca()).filter(|file| file.exists()).into_iter().collect();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(&local)?)
            .user_agent(concat!("signet/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .timeout(WITHIN)
            .build()
            .map_err(CommandError::failed)?;
        Ok(Self { http, profile, token: Mutex::new(None) })
    }

    /// Whom it acts as.
    pub(crate) fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The tenant's token endpoint.
    pub(crate) fn token_endpoint(&self) -> String {
        format!("{}/{}/oauth2/v2.0/token", self.profile.url, self.profile.tenant_id)
    }

    /// Posts a form and answers whatever comes.
    pub(crate) async fn form(&self, url: &str, fields: &[(&str, &str)]) -> Result<Answer, CommandError> {
        self.send(self.http.post(url).form(fields)).await
    }

    /// One call of the directory API; anything but success is an error.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, CommandError> {
        let answer = self.ask(method, path, body).await?;
        if answer.status.is_success() { Ok(answer.body) } else { Err(refused(&answer)) }
    }

    /// The same, for a caller who looks at refusals.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, CommandError> {
        let url = format!("{}/v1.0{path}", self.profile.url);
        let mut request = self.http.request(method, url).bearer_auth(self.bearer().await?);
        if let Some(body) = body {
            request = request.json(body);
        }
        self.send(request).await
    }

    /// One question about the logs, which may take so many seconds; whatever the answer.
    pub(crate) async fn ask_logs(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        seconds: u64,
    ) -> Result<Answer, CommandError> {
        let url = format!("{}/v1{path}", self.profile.url);
        let mut request = self.http.request(method, url).bearer_auth(self.bearer().await?);
        request = request.timeout(WITHIN + Duration::from_secs(seconds)).header("prefer", format!("wait={seconds}"));
        if let Some(body) = body {
            request = request.json(body);
        }
        self.send(request).await
    }

    /// `GET`.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, CommandError> {
        self.call(Method::GET, path, None).await
    }

    /// `POST`.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, CommandError> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// `PATCH`.
    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Result<Value, CommandError> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// `DELETE`.
    pub(crate) async fn delete(&self, path: &str) -> Result<Value, CommandError> {
        self.call(Method::DELETE, path, None).await
    }

    /// Every item of a collection, page after page, at most `limit`.
    pub(crate) async fn pages(&self, path: &str, limit: usize) -> Result<Vec<Value>, CommandError> {
        let base = format!("{}/v1.0", self.profile.url);
        let (mut items, mut next) = (Vec::new(), Some(path.to_owned()));
        while let Some(path) = next.take().filter(|_| items.len() < limit) {
            let mut page = self.get(&path).await?;
            next = page.get("@odata.nextLink").and_then(Value::as_str).map(|link| link.replacen(&base, "", 1));
            if let Some(Value::Array(value)) = page.get_mut("value") {
                items.append(value);
            }
        }
        items.truncate(limit);
        Ok(items)
    }

    async fn bearer(&self) -> Result<String, CommandError> {
        if let Some(token) = self.token.lock().clone() {
            return Ok(token);
        }
        let (scope, endpoint) = (format!("{}/{DEFAULT_SCOPE}", self.profile.url), self.token_endpoint());
        let client = self.profile.client_id.as_str();
        let mut fields = vec![("grant_type", "client_credentials"), ("client_id", client), ("scope", scope.as_str())];
        let (name, proof) = match self.profile.proof()? {
            Proof::Secret(secret) => ("client_secret", secret),
            Proof::Key(key) => {
                fields.push(("client_assertion_type", JWT_BEARER));
                ("client_assertion", key.assertion(client, &endpoint, &Context::system())?)
            }
        };
        fields.push((name, proof.as_str()));
        let answer = self.form(&endpoint, &fields).await?;
        let token = access_token(&answer)?.to_owned();
        *self.token.lock() = Some(token.clone());
        Ok(token)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, CommandError> {
        let answer = request.send().await.map_err(|error| unreachable(&self.profile.url, &error))?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(|error| unreachable(&self.profile.url, &error))?;
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }
}

/// The token in an answer of the token endpoint, or why there is none.
pub(crate) fn access_token(answer: &Answer) -> Result<&str, CommandError> {
    answer.body.get("access_token").and_then(Value::as_str).ok_or_else(|| refused(answer))
}

/// What a server's refusal says: OAuth's description, or the directory API's message.
pub(crate) fn refused(answer: &Answer) -> CommandError {
    let text = |pointer: &str| answer.body.pointer(pointer).and_then(Value::as_str);
    let message = text("/error_description").or_else(|| text("/error/message")).unwrap_or("no reason was given");
    let message = format!("the server refused ({}): {message}", answer.status.as_u16());
    match answer.status {
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => CommandError::unavailable(message),
        _ => CommandError::failed(message),
    }
}

fn unreachable(url: &str, error: &reqwest::Error) -> CommandError {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    CommandError::unavailable(format!("no answer from {url}: {cause}; is `signet serve` running there?"))
}

/// A client for plain HTTP to this machine: the administration socket, and health.
pub(crate) fn local() -> Result<reqwest::ClientBuilder, CommandError> {
    Ok(reqwest::Client::builder().tls_backend_preconfigured(trusting(RootCertStore::empty())?).no_proxy())
}

/// TLS that trusts these authorities besides the system's.
pub(crate) fn tls(authorities: &[PathBuf]) -> Result<ClientConfig, CommandError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for file in authorities {
        let unusable = |error: String| CommandError::failed(format!("{}: {error}", file.display()));
        let certificate = CertificateDer::from_pem_file(file).map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    trusting(roots)
}

fn trusting(roots: RootCertStore) -> Result<ClientConfig, CommandError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(CommandError::failed)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
