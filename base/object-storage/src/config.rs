//! What the operator says of a place.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use url::Url;

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceConfig {
    /// `file:///var/lib/signet-archive`, or `s3://bucket/what/names/begin/with`.
    pub url: Url,
    /// The server of a bucket that is not Amazon's: `https://minio.example:9000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Url>,
    /// Its region; `us-east-1`, if none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The public half of the access key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key_id: Option<String>,
    /// File with the secret half, on its first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// Whether the bucket is named by the path, as most servers but Amazon's want it. So it is if `endpoint` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_style: Option<bool>,
}

/// Where a place lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Where {
    Directory(PathBuf),
    Bucket { name: String, prefix: String },
}

impl PlaceConfig {
    /// A directory.
    pub fn directory(path: &std::path::Path) -> Option<Self> {
        let url = Url::from_directory_path(path).ok()?;
        let (endpoint, region, access_key_id, secret_file, path_style) = Default::default();
        Some(Self { url, endpoint, region, access_key_id, secret_file, path_style })
    }

    /// Whether it says where it lies, or a sentence about what it lacks.
    pub fn check(&self) -> Result<(), String> {
        self.place().map(drop)
    }

    /// Where it lies, or a sentence that says why nowhere.
    pub(crate) fn place(&self) -> Result<Where, String> {
        match self.url.scheme() {
            "file" => {
                if self.endpoint.is_some() || self.access_key_id.is_some() || self.secret_file.is_some() {
                    return Err("a directory has no endpoint and no access key".to_owned());
                }
                self.url.to_file_path().map(Where::Directory).map_err(|()| "it names no directory".to_owned())
            }
            "s3" => {
                let name = self.url.host_str().filter(|name| !name.is_empty()).ok_or("it names no bucket")?.to_owned();
                if self.access_key_id.is_none() || self.secret_file.is_none() {
                    return Err("a bucket needs an access key id and a file with its secret".to_owned());
                }
                if self.endpoint.as_ref().is_some_and(|url| url.scheme() != "https") {
                    return Err("the endpoint must be https".to_owned());
                }
                Ok(Where::Bucket { name, prefix: self.url.path().trim_matches('/').to_owned() })
            }
            other => Err(format!("a place begins with file:// or s3://, not {other}://")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn place(config: serde_json::Value) -> Result<Where, String> {
        serde_json::from_value::<PlaceConfig>(config).unwrap().place()
    }

    #[test]
    fn what_contradicts_itself_is_refused_with_a_sentence() {
        let bucket = |more: serde_json::Value| {
            let mut config = json!({"url": "s3://logs/a/b/", "access_key_id": "k", "secret_file": "f"});
            config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            config
        };
        let refused = |config| place(config).unwrap_err();
        assert!(refused(json!({"url": "s3://logs"})).contains("access key"));
        assert!(refused(json!({"url": "ftp://logs"})).contains("ftp://"));
        assert!(refused(bucket(json!({"endpoint": "http://127.0.0.1:9000"}))).contains("https"));
        assert!(refused(json!({"url": "file:///a", "access_key_id": "k"})).contains("directory"));
        let found = place(bucket(json!({"endpoint": "https://127.0.0.1:9000"}))).unwrap();
        assert_eq!(found, Where::Bucket { name: "logs".to_owned(), prefix: "a/b".to_owned() });
        assert_eq!(place(json!({"url": "file:///a/b/"})).unwrap(), Where::Directory("/a/b/".into()));
    }
}
