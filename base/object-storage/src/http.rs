//! How a bucket is reached: through what keeps to the rules for addresses.

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use signet_fetch::{Exchange, FetchError, FetchOptions};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Objects are written and read whole: so large, and for so long.
const OPTIONS: FetchOptions = FetchOptions { limit: 512 << 20, within: Duration::from_mins(2) };

/// Hands requests to the one way out.
#[derive(Clone)]
pub(crate) struct Out(pub(crate) Arc<dyn Exchange>);

impl fmt::Debug for Out {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Out").finish_non_exhaustive()
    }
}

impl HttpConnector for Out {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Out {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let body: Bytes = body.collect().await?.to_bytes();
        let answered = self.0.exchange(http::Request::from_parts(parts, body), &OPTIONS).await;
        Ok(answered.map_err(|error| HttpError::new(kind(&error), error))?.map(HttpResponseBody::from))
    }
}

fn kind(error: &FetchError) -> HttpErrorKind {
    match error {
        FetchError::Timeout => HttpErrorKind::Timeout,
        FetchError::Connection(_) => HttpErrorKind::Connect,
        _ => HttpErrorKind::Unknown,
    }
}
