//! Documents of any kind, within the same rules.

use crate::http::read;
use crate::{FetchError, FetchOptions, HttpFetch};
use async_trait::async_trait;
use bytes::Bytes;
use reqwest::header::HeaderValue;
use url::Url;

/// Gets documents from outside, whatever they hold.
#[async_trait]
pub trait Get: Send + Sync + 'static {
    /// The document at `url`.
    async fn get(&self, url: &Url, options: &FetchOptions) -> Result<Bytes, FetchError>;
}

#[async_trait]
impl Get for HttpFetch {
    async fn get(&self, url: &Url, options: &FetchOptions) -> Result<Bytes, FetchError> {
        self.rules.check_url(url)?;
        read(self.answer(url, options, HeaderValue::from_static("*/*")).await?, options.limit).await
    }
}
