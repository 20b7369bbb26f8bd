//! What `externaldata` may read: the addresses that the operator lists, and nothing else.

use crate::refusal::QueryRefused;
use signet_fetch::{FetchOptions, Get};
use signet_kql::{ExternalData, ExternalError, Row, RunError};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Bytes of one document.
const DOCUMENT: usize = 4 << 20;
/// Bytes of all documents of a query.
const ALL: usize = 8 << 20;
/// Documents of a query.
const MOST: usize = 8;

/// Addresses that may be read, and who reads them. The default has none.
#[derive(Clone, Default)]
pub struct ExternalSources {
    get: Option<Arc<dyn Get>>,
    allowed: Arc<Vec<Url>>,
}

/// An entry of the list that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no address of a document or, ending in `/`, of a folder: https://host/path without user, query or `#`"
)]
pub struct WrongPrefix(String);

/// Why a source may not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceRefused {
    /// It is not on the list.
    #[error(
        "`externaldata` may not read `{0}`: the operator of this server lists what may be read (`queries.external_data`)"
    )]
    NotListed(String),
    /// It comes with a key.
    #[error("`externaldata` reads no source with a key after `;`: the address alone says what is read")]
    Key,
    /// There are too many.
    #[error("`externaldata` reads {MOST} documents in a query")]
    TooMany,
    /// It is not said how it is to be read.
    #[error(transparent)]
    Unreadable(#[from] ExternalError),
}

impl ExternalSources {
    /// Documents at `allowed`: whole addresses, or folders that end in `/`.
    pub fn new<S: AsRef<str>>(get: Arc<dyn Get>, allowed: &[S]) -> Result<Self, WrongPrefix> {
        let prefix = |text: &S| {
            let text = text.as_ref();
            let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            let plain = |url: &Url| is_plain(url) && url.query().is_none() && url.fragment().is_none();
            url.filter(plain).ok_or_else(|| WrongPrefix(text.to_owned()))
        };
        Ok(Self { get: Some(get), allowed: Arc::new(allowed.iter().map(prefix).collect::<Result<_, _>>()?) })
    }

    fn allows(&self, url: &Url) -> bool {
        is_plain(url) && self.allowed.iter().any(|prefix| is_under(url, prefix))
    }

    /// The addresses that these read, each once, if all of them may be read.
    fn listed(&self, read: &[ExternalData]) -> Result<BTreeMap<String, Url>, SourceRefused> {
        let mut found = BTreeMap::new();
        for address in read.iter().flat_map(ExternalData::addresses) {
            if address.contains(';') {
                return Err(SourceRefused::Key);
            }
            let url = Url::parse(address).ok().filter(|url| self.allows(url));
            let url = url.ok_or_else(|| SourceRefused::NotListed(shortened(address)))?;
            found.insert(address.clone(), url);
        }
        if found.len() > MOST { Err(SourceRefused::TooMany) } else { Ok(found) }
    }

    /// Whether all of these may be read.
    pub(crate) fn check(&self, read: &[ExternalData]) -> Result<(), SourceRefused> {
        self.listed(read).map(drop)
    }

    /// The documents that these read.
    pub(crate) async fn documents(
        &self,
        read: &[ExternalData],
        within: Duration,
    ) -> Result<BTreeMap<String, String>, QueryRefused> {
        let (mut documents, mut left) = (BTreeMap::new(), ALL);
        let listed = self.listed(read)?;
        let Some(get) = &self.get else { return Ok(documents) };
        for (address, url) in listed {
            let options = FetchOptions { limit: left.min(DOCUMENT), within };
            let got = get.get(&url, &options).await.map_err(|error| unread(&url, &error.to_string()))?;
            left = left.saturating_sub(got.len());
            let text = String::from_utf8(got.into()).map_err(|_| unread(&url, "it is no UTF-8 text"))?;
            documents.insert(address, text);
        }
        Ok(documents)
    }

    /// The rows of one.
    pub(crate) async fn rows(&self, data: &ExternalData, within: Duration) -> Result<Vec<Row>, QueryRefused> {
        let documents = self.documents(std::slice::from_ref(data), within).await?;
        let mut rows = Vec::new();
        for document in data.addresses().iter().filter_map(|address| documents.get(address)) {
            rows.extend(data.rows(document).map_err(SourceRefused::from)?);
        }
        Ok(rows)
    }
}

/// Whether an address says where to go and nothing else. A `/` that is hidden in a name may lead out of a folder.
fn is_plain(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    let hidden = ["%2f", "%5c", "\\"].iter().any(|hidden| path.contains(hidden));
    url.username().is_empty() && url.password().is_none() && !hidden
}

fn is_under(url: &Url, prefix: &Url) -> bool {
    let place = |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port_or_known_default());
    let path =
        if prefix.path().ends_with('/') { url.path().starts_with(prefix.path()) } else { url.path() == prefix.path() };
    path && place(url) == place(prefix)
}

/// An address without what may be a key in its query.
fn shortened(address: &str) -> String {
    address.split(['?', '#']).next().unwrap_or_default().chars().take(200).collect()
}

fn unread(url: &Url, why: &str) -> QueryRefused {
    let address = shortened(url.as_str());
    RunError::Source { table: ExternalData::TABLE.to_owned(), why: format!("`{address}`: {why}") }.into()
}

impl std::fmt::Debug for ExternalSources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExternalSources").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
