//! What the operator says of a sink.

mod choice;

pub(crate) use choice::{Beginning, Choice, Records};

use crate::format::Format;
use crate::secret::{Secret, SecretError};
use lettre::message::Mailbox;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use signet_object_storage::PlaceConfig;
use url::Url;

/// One sink. A key that nobody knows is refused.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SinkConfig {
    /// Whose records, and which of them.
    #[serde(flatten)]
    pub choice: Choice,
    /// Where they go.
    #[serde(flatten)]
    pub target: Target,
}

/// Where events go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Target {
    /// Any HTTPS server, signed (Standard Webhooks).
    Webhook {
        /// Where.
        url: Url,
        /// What it is signed with.
        secret_file: Secret,
        /// In which format.
        #[serde(default = "Format::cloud_events")]
        format: Format,
    },
    /// Splunk's HTTP Event Collector.
    Splunk {
        /// Its base: `https://splunk.example:8088`.
        url: Url,
        /// Its token.
        token_file: Secret,
        /// The index, if not the token's own.
        index: Option<String>,
        /// In which format; the default is what the add-on for Microsoft's cloud reads.
        #[serde(default = "Format::azure")]
        format: Format,
        /// Whether to wait until the indexer says that it has the events.
        #[serde(default)]
        acknowledge: bool,
    },
    /// Elasticsearch or OpenSearch, by the bulk API.
    Elastic {
        /// Its base: `https://elastic.example:9200`.
        url: Url,
        /// The index or data stream.
        index: String,
        /// An API key, encoded as Elasticsearch hands it out.
        api_key_file: Secret,
    },
    /// Azure Monitor's Logs Ingestion API. A table `T` goes to the stream `Custom-T_CL`.
    AzureMonitor {
        /// The data collection endpoint.
        endpoint: Url,
        /// The immutable id of the data collection rule.
        rule: String,
        /// Where tokens come from: `https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token`.
        token_url: Url,
        /// The client that may write.
        client_id: String,
        /// Its secret.
        client_secret_file: Secret,
    },
    /// A syslog server over TLS (RFC 5425).
    Syslog {
        /// `host:port`.
        server: Server,
        /// In which format, in the message.
        #[serde(default = "Format::record")]
        format: Format,
    },
    /// A stream of NATS JetStream, over TLS.
    Nats {
        /// `host:port`.
        server: Server,
        /// The subject; `{tenant}` and `{table}` stand for the event's.
        subject: String,
        /// In which format.
        #[serde(default = "Format::cloud_events")]
        format: Format,
        /// Who signs in, if somebody does.
        user: Option<String>,
        /// Their password; without a user, a token.
        password_file: Option<Secret>,
    },
    /// Mail, for alerts.
    Mail(Mail),
    /// Parquet in a directory or an S3-compatible bucket.
    ObjectStorage(PlaceConfig),
}

/// A mail server, over TLS: from the first byte at port 465, by STARTTLS at any other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// `host:port`.
    pub server: Server,
    /// `Name <address>` of who sends.
    pub sender: Mailbox,
    /// Who gets each alert.
    pub recipients: Vec<Mailbox>,
    /// Who signs in, if somebody does.
    pub user: Option<String>,
    /// Their password.
    pub password_file: Option<Secret>,
}

/// `host:port`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Server {
    /// The name or address.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl TryFrom<String> for Server {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let Some((host, port)) = parts.filter(|(host, _)| !host.is_empty()) else {
            return Err(format!("`{text}` is not `host:port`"));
        };
        Ok(Self { host: host.trim_matches(['[', ']']).to_owned(), port })
    }
}

impl From<Server> for String {
    fn from(server: Server) -> Self {
        let Server { host, port } = server;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

impl<'de> Deserialize<'de> for SinkConfig {
    /// In two parts, so that a key which neither knows is refused.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = Map::<String, Value>::deserialize(deserializer)?;
        let (choice, target): (Map<_, _>, Map<_, _>) =
            all.into_iter().partition(|(key, _)| Choice::KEYS.contains(&key.as_str()));
        let choice: Choice = serde_json::from_value(Value::Object(choice)).map_err(D::Error::custom)?;
        let target: Target = serde_json::from_value(Value::Object(target)).map_err(D::Error::custom)?;
        let config = Self { choice, target };
        if let Target::ObjectStorage(place) = &config.target {
            place.check().map_err(D::Error::custom)?;
        }
        match config.contradiction() {
            Some(wrong) => Err(D::Error::custom(wrong)),
            None => Ok(config),
        }
    }
}

impl SinkConfig {
    fn contradiction(&self) -> Option<&'static str> {
        if !(1..=5_000).contains(&self.choice.batch) {
            return Some("`batch` must be from 1 to 5000");
        }
        if matches!(self.target, Target::Mail(_)) && self.choice.records != Records::Alerts {
            return Some("mail is for alerts: set `records = \"alerts\"`");
        }
        match &self.target {
            Target::Mail(mail) if mail.recipients.is_empty() => Some("`recipients` must name somebody"),
            Target::Mail(mail) if mail.user.is_some() != mail.password_file.is_some() => {
                Some("`user` and `password_file` must be given together")
            }
            Target::Webhook { format: Format::Cef, .. } | Target::Nats { format: Format::Cef, .. } => {
                Some("`format` cannot be cef here: it is a line of text, for syslog")
            }
            Target::Splunk { format: Format::Cef, .. } => Some("`format` cannot be cef here: it is for syslog"),
            Target::Nats { user: Some(_), password_file: None, .. } => {
                Some("`password_file` must be given with `user`")
            }
            _ => None,
        }
    }

    /// Reads each file that a secret lies in: a start fails rather than the first delivery.
    pub fn check_secrets(&self) -> Result<(), SecretError> {
        let secret = match &self.target {
            Target::Webhook { secret_file, .. } => Some(secret_file),
            Target::Splunk { token_file, .. } => Some(token_file),
            Target::Elastic { api_key_file, .. } => Some(api_key_file),
            Target::AzureMonitor { client_secret_file, .. } => Some(client_secret_file),
            Target::Nats { password_file, .. } => password_file.as_ref(),
            Target::Mail(mail) => mail.password_file.as_ref(),
            Target::Syslog { .. } | Target::ObjectStorage(_) => None,
        };
        secret.map_or(Ok(()), |secret| secret.read().map(drop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(config: Value) -> String {
        serde_json::from_value::<SinkConfig>(config).unwrap_err().to_string()
    }

    #[test]
    fn invariant_14_an_unknown_key_or_a_contradiction_is_refused() {
        let syslog = |more: Value| {
            let mut config = json!({"to": "syslog", "server": "logs.example:6514"});
            config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            config
        };
        assert!(refusal(syslog(json!({"sever": 1}))).contains("unknown field `sever`"));
        assert!(refusal(syslog(json!({"token_file": "x"}))).contains("unknown field `token_file`"));
        assert!(refusal(syslog(json!({"tenants": ["me"]}))).contains("UUID"));
        assert!(refusal(syslog(json!({"server": "logs.example"}))).contains("host:port"));
        assert!(refusal(syslog(json!({"batch": 0}))).contains("batch"));
        let mail =
            json!({"to": "mail", "server": "m.example:587", "sender": "a@b.example", "recipients": ["c@d.example"]});
        assert!(refusal(mail.clone()).contains("alerts"));
        let alerts = |more: Value| {
            let mut config = mail.clone();
            config["records"] = "alerts".into();
            config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            config
        };
        assert!(refusal(alerts(json!({"recipients": []}))).contains("recipients"));
        assert!(refusal(alerts(json!({"user": "a"}))).contains("password_file"));
        refusal(alerts(json!({"sender": "nobody"})));
        serde_json::from_value::<SinkConfig>(alerts(json!({}))).unwrap();
        assert!(refusal(json!({"to": "object-storage", "url": "s3://logs"})).contains("access key"));
        assert!(
            refusal(json!({"to": "object-storage", "url": "file:///logs", "key": 1})).contains("unknown field `key`")
        );
        serde_json::from_value::<SinkConfig>(json!({"to": "object-storage", "url": "file:///logs"})).unwrap();
        assert!(refusal(json!({"to": "fax"})).contains("unknown variant `fax`"));
        assert!(
            refusal(json!({"to": "webhook", "url": "https://a", "secret_file": "s", "format": "cef"})).contains("cef")
        );
        serde_json::from_value::<SinkConfig>(syslog(json!({"format": "cef"}))).unwrap();
    }

    #[test]
    fn a_secret_that_is_not_there_or_empty_is_named_by_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("secret");
        let config = json!({"to": "webhook", "url": "https://a.example", "secret_file": file});
        let config: SinkConfig = serde_json::from_value(config).unwrap();
        assert!(config.check_secrets().unwrap_err().to_string().contains("cannot be read"));
        std::fs::write(&file, "\n").unwrap();
        assert!(config.check_secrets().unwrap_err().to_string().contains("is empty"));
        std::fs::write(&file, "s3cret\nrest").unwrap();
        config.check_secrets().unwrap();
    }
}
