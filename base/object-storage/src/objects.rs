//! Objects of one place.

use crate::config::{PlaceConfig, Where};
use crate::http::Out;
use crate::secret::SecretFile;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, RetryConfig};
use signet_fetch::Exchange;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Amazon's, and what other servers take.
const REGION: &str = "us-east-1";

/// Why a place is none, or did not do its part.
#[derive(Debug, thiserror::Error)]
pub enum ObjectsError {
    /// The configuration contradicts itself.
    #[error("{place}: {why}")]
    Place {
        /// Which.
        place: String,
        /// Why.
        why: String,
    },
    /// It refuses, or cannot be reached.
    #[error("{place}: {name}: {source}")]
    Refused {
        /// Which.
        place: String,
        /// Of which object.
        name: String,
        /// What it said.
        source: Error,
    },
}

/// An object, by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
}

/// The objects of one place. Cheap to clone.
#[derive(Clone)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    place: String,
}

impl fmt::Debug for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Objects").field(&self.place).finish()
    }
}

impl Objects {
    /// The objects of a place. Nothing is asked of it yet, but its secret must be there; a directory is made.
    pub fn open(config: &PlaceConfig, out: Arc<dyn Exchange>) -> Result<Self, ObjectsError> {
        let place = config.url.to_string();
        let wrong = |why: String| ObjectsError::Place { place: place.clone(), why };
        let store: Arc<dyn ObjectStore> = match config.place().map_err(wrong)? {
            Where::Directory(path) => {
                std::fs::create_dir_all(&path).map_err(|error| wrong(format!("{}: {error}", path.display())))?;
                let local = LocalFileSystem::new_with_prefix(path).map_err(|error| wrong(error.to_string()))?;
                Arc::new(local.with_fsync(true))
            }
            Where::Bucket { name, prefix } => {
                let bucket = bucket(config, &name, out).map_err(wrong)?;
                if prefix.is_empty() { Arc::new(bucket) } else { Arc::new(PrefixStore::new(bucket, prefix)) }
            }
        };
        Ok(Self { store, place })
    }

    /// What it is called, for people.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Puts an object there, in place of one of this name.
    pub async fn put(&self, name: &str, bytes: Bytes) -> Result<(), ObjectsError> {
        self.store.put(&Path::from(name), bytes.into()).await.map(drop).map_err(|source| self.refused(name, source))
    }

    /// An object; `None` if there is none.
    pub async fn get(&self, name: &str) -> Result<Option<Bytes>, ObjectsError> {
        let found = async { self.store.get(&Path::from(name)).await?.bytes().await };
        match found.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(self.refused(name, source)),
        }
    }

    /// The objects below a folder, by name.
    pub async fn list(&self, folder: &str) -> Result<Vec<Listed>, ObjectsError> {
        let path = Path::from(folder);
        let listed = self.store.list(Some(&path));
        let listed = listed.map_ok(|meta| Listed { name: meta.location.to_string(), bytes: meta.size });
        let mut listed: Vec<Listed> = listed.try_collect().await.map_err(|source| self.refused(folder, source))?;
        listed.sort_unstable();
        Ok(listed)
    }

    /// Removes an object, if it is there.
    pub async fn remove(&self, name: &str) -> Result<(), ObjectsError> {
        match self.store.delete(&Path::from(name)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(self.refused(name, source)),
        }
    }

    fn refused(&self, name: &str, source: Error) -> ObjectsError {
        ObjectsError::Refused { place: self.place.clone(), name: name.to_owned(), source }
    }
}

fn bucket(config: &PlaceConfig, name: &str, out: Arc<dyn Exchange>) -> Result<object_store::aws::AmazonS3, String> {
    let secret = SecretFile {
        key_id: config.access_key_id.clone().unwrap_or_default(),
        file: config.secret_file.clone().unwrap_or_default(),
    };
    secret.read()?;
    let path_style = config.path_style.unwrap_or(config.endpoint.is_some());
    // Whoever puts waits, and comes again later: a few attempts are enough.
    let retry = RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(30), ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(name)
        .with_region(config.region.as_deref().unwrap_or(REGION))
        .with_credentials(Arc::new(secret))
        .with_virtual_hosted_style_request(!path_style)
        .with_retry(retry)
        .with_http_connector(Out(out));
    if let Some(endpoint) = &config.endpoint {
        builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/'));
    }
    builder.build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use signet_fetch::{FetchError, FetchOptions};

    struct Nowhere;

    #[async_trait]
    impl Exchange for Nowhere {
        async fn exchange(
            &self,
            _: http::Request<Bytes>,
            _: &FetchOptions,
        ) -> Result<http::Response<Bytes>, FetchError> {
            Err(FetchError::Connection("nobody is there".to_owned()))
        }
    }

    #[tokio::test]
    async fn a_directory_holds_what_was_put_under_its_name_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let config = PlaceConfig::directory(&folder.path().join("archive")).unwrap();
        let objects = Objects::open(&config, Arc::new(Nowhere)).unwrap();
        assert_eq!(objects.get("a/b").await.unwrap(), None);
        assert_eq!(objects.list("a").await.unwrap(), []);
        for text in ["one", "other"] {
            objects.put("a/b", Bytes::from_static(text.as_bytes())).await.unwrap();
        }
        objects.put("ab/c", Bytes::from_static(b"x")).await.unwrap();
        assert_eq!(objects.get("a/b").await.unwrap().unwrap(), "other");
        assert_eq!(objects.list("a").await.unwrap(), [Listed { name: "a/b".to_owned(), bytes: 5 }]);
        objects.remove("a/b").await.unwrap();
        objects.remove("a/b").await.unwrap();
        assert_eq!(objects.list("").await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_bucket_without_its_secret_is_none_and_one_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        let config = PlaceConfig {
            url: "s3://logs/below".parse().unwrap(),
            endpoint: Some("https://127.0.0.1:1".parse().unwrap()),
            region: None,
            access_key_id: Some("key".to_owned()),
            secret_file: Some(file.clone()),
            path_style: None,
        };
        let refused = Objects::open(&config, Arc::new(Nowhere)).unwrap_err().to_string();
        assert!(refused.contains("s3://logs/below") && refused.contains("cannot be read"), "{refused}");
        std::fs::write(&file, "s3cret\n").unwrap();
        let objects = Objects::open(&config, Arc::new(Nowhere)).unwrap();
        let refused = objects.put("a", Bytes::new()).await.unwrap_err().to_string();
        assert!(refused.contains("s3://logs/below: a: "), "{refused}");
    }
}
