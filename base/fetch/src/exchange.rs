//! One request of any method and its answer, within the same rules: for protocols that are more than a document.

use crate::http::{read, sort};
use crate::{FetchError, FetchOptions, HttpFetch};
use async_trait::async_trait;
use bytes::Bytes;
use url::Url;

/// Sends requests outside.
#[async_trait]
pub trait Exchange: Send + Sync + 'static {
    /// Sends a request; what the server answered, whatever its status. A redirect is not followed.
    async fn exchange(
        &self,
        request: http::Request<Bytes>,
        options: &FetchOptions,
    ) -> Result<http::Response<Bytes>, FetchError>;
}

#[async_trait]
impl Exchange for HttpFetch {
    async fn exchange(
        &self,
        request: http::Request<Bytes>,
        options: &FetchOptions,
    ) -> Result<http::Response<Bytes>, FetchError> {
        let url = request.uri().to_string();
        let url = Url::parse(&url).map_err(|error| FetchError::Connection(format!("'{url}' is no URL: {error}")))?;
        self.rules.check_url(&url)?;
        let mut request = reqwest::Request::try_from(request).map_err(|error| sort(&error))?;
        *request.timeout_mut() = Some(options.within);
        let response = self.client.execute(request).await.map_err(|error| sort(&error))?;
        let mut answered = http::Response::new(Bytes::new());
        *answered.status_mut() = response.status();
        *answered.headers_mut() = response.headers().clone();
        *answered.body_mut() = read(response, options.limit).await?;
        Ok(answered)
    }
}
