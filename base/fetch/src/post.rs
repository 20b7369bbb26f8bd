//! Handing something on over HTTPS, within the same rules.

use crate::http::{read, sort};
use crate::{FetchError, FetchOptions, HttpFetch};
use async_trait::async_trait;
use bytes::Bytes;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::time::Duration;
use url::Url;

/// Sends documents outside.
#[async_trait]
pub trait Post: Send + Sync + 'static {
    /// Sends `body` to `url`; what the server answered, whatever its status. A redirect is not followed.
    async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
        options: &FetchOptions,
    ) -> Result<Answered, FetchError>;
}

/// What a server said to something that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// When it wants to be asked again, if it says so in seconds.
    pub retry_after: Option<Duration>,
    /// Its words.
    pub body: Bytes,
}

#[async_trait]
impl Post for HttpFetch {
    async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
        options: &FetchOptions,
    ) -> Result<Answered, FetchError> {
        self.rules.check_url(url)?;
        let request = self.client.post(url.clone()).timeout(options.within).headers(headers).body(body);
        let response = request.send().await.map_err(|error| sort(&error))?;
        let status = response.status();
        if status.is_redirection() {
            return Err(FetchError::Redirected(status.as_u16()));
        }
        let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let body = read(response, options.limit).await?;
        Ok(Answered { status: status.as_u16(), retry_after: after.map(Duration::from_secs), body })
    }
}
