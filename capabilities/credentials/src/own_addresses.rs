//! Which URLs are this deployment's own.

use std::sync::Arc;
use url::Url;

/// The public URLs of this deployment. No outside issuer and no application's name may look like one.
#[derive(Debug, Clone)]
pub struct OwnAddresses(Arc<[Url]>);

impl OwnAddresses {
    /// The deployment at these URLs; what is not a URL is left out.
    pub fn new<'a>(urls: impl IntoIterator<Item = &'a str>) -> Self {
        Self(urls.into_iter().filter_map(|url| Url::parse(url).ok()).collect())
    }

    /// Whether `url` lies at or below one of them, however it is spelled.
    pub fn own(&self, url: &str) -> bool {
        let Ok(url) = Url::parse(url) else { return false };
        self.0.iter().any(|own| own.origin() == url.origin() && is_at_or_below(own.path(), url.path()))
    }
}

fn is_at_or_below(base: &str, path: &str) -> bool {
    let base = base.trim_end_matches('/');
    path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_own_url_is_recognised_and_a_neighbour_is_not() {
        let own = OwnAddresses::new(["https://id.example/signet/"]);
        for url in
            ["https://id.example/signet", "https://ID.example:443/signet/t/v2.0", "https://id.example/a/../signet/"]
        {
            assert!(own.own(url), "{url}");
        }
        for url in
            ["https://id.example/signets", "https://id.example:8443/signet", "http://id.example/signet", "signet"]
        {
            assert!(!own.own(url), "{url}");
        }
    }
}
