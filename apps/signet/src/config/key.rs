//! The table of keys: name, type, default, and what each is for.

use toml::Value;

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyType {
    /// Text, also addresses, URLs and paths.
    Text,
    /// A whole number.
    Integer,
    /// A number, perhaps with a fraction.
    Number,
    /// A list of texts; in the environment, with commas between.
    List,
}

/// One key.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name, tables separated by dots.
    pub(super) name: &'static str,
    /// Its type.
    pub(super) kind: KeyType,
    /// As it would be written in the environment.
    pub(super) default: Option<&'static str>,
    /// Whether SIGHUP applies a change; all others need a restart.
    pub(super) live: bool,
    /// What it is for.
    pub(super) about: &'static str,
}

use KeyType::{Integer, List, Number, Text};

/// Every key, in the order in which they are shown.
#[rustfmt::skip]
pub(super) const KEYS: &[Key] = &[
    Key { name: "data_dir", kind: Text, default: Some("./signet-data"), live: false, about: "Where everything is kept. One process owns it at a time." },
    Key { name: "listen", kind: Text, default: Some("127.0.0.1:8443"), live: false, about: "Address and port of the public listener, which always speaks TLS." },
    Key { name: "public_url", kind: Text, default: None, live: false, about: "The URL that clients use: the start of every issuer and link. Without it, `https://localhost` with the port of `listen`." },
    Key { name: "management_listen", kind: Text, default: Some("127.0.0.1:9443"), live: false, about: "Address and port of `/healthz`, `/readyz` and `/metrics`, over plain HTTP: bind it where only the operator reaches it." },
    Key { name: "storage.url", kind: Text, default: None, live: false, about: "`postgresql://user@host:port/database?…` of the database that several nodes share, see docs/operations/postgresql.md. Without it everything lies in `data_dir`, and there is one node." },
    Key { name: "storage.password_file", kind: Text, default: None, live: false, about: "File with the password of the role in `storage.url`, on its first line." },
    Key { name: "storage.schema", kind: Text, default: Some("migrate"), live: false, about: "What a start does with an older schema in that database: `migrate` brings it up to date, `check` refuses and leaves it to `signet database migrate`." },
    Key { name: "storage.max_view_age_seconds", kind: Number, default: Some("2"), live: false, about: "How old a node's view of the other nodes' changes may become before it answers 503 and reports not ready; from 0.6 to 60." },
    Key { name: "cache.reads", kind: Integer, default: Some("200000"), live: false, about: "Objects and lists of the directory that are kept decoded in memory, 1 KiB each or so; at least 1000. More agents than that are served from the database's own pages." },
    Key { name: "cache.page_kib", kind: Integer, default: Some("8192"), live: false, about: "Memory for the embedded database's pages, in KiB for each of its connections; at least 1024." },
    Key { name: "tls.certificate", kind: Text, default: None, live: false, about: "PEM file with the certificate chain, leaf first. Without it the server makes a local CA in `data_dir/tls` and a certificate for localhost. The file is read again on SIGHUP." },
    Key { name: "tls.key", kind: Text, default: None, live: false, about: "PEM file with the private key of `tls.certificate`." },
    Key { name: "tls.extra_names", kind: List, default: Some(""), live: false, about: "Further host names and addresses for the local certificate, besides localhost." },
    Key { name: "log.level", kind: Text, default: Some("info"), live: true, about: "`error`, `warn`, `info`, `debug` or `trace`; parts may differ: `info,signet_tokens=debug`." },
    Key { name: "log.format", kind: Text, default: Some("text"), live: false, about: "`text` or `json`. Logs go to standard error." },
    Key { name: "fetch.allow", kind: List, default: Some(""), live: false, about: "Hosts (`issuer.internal`, `localhost:9000`), addresses and networks (`10.1.0.0/16`) that outside issuers may have though they are private or special. With a port, that port alone." },
    Key { name: "fetch.extra_ca", kind: List, default: Some(""), live: false, about: "PEM files of certificate authorities to trust for outside issuers, besides the system's." },
    Key { name: "fetch.timeout_seconds", kind: Integer, default: Some("5"), live: false, about: "For one outbound request, from the look-up of the name to the last byte." },
    Key { name: "queries.external_data", kind: List, default: Some(""), live: false, about: "What `externaldata` may read in a query of any tenant: folders, which end in `/`, and whole addresses, such as `https://raw.githubusercontent.com/contoso/lists/`. Plain `http://` is read where it is written so. A private address must be in `fetch.allow` too." },
    Key { name: "keys.rotation_days", kind: Integer, default: Some("90"), live: false, about: "How long a token-signing key signs before its successor is published." },
    Key { name: "logs.audit_retention_days", kind: Number, default: Some("400"), live: false, about: "How long audit records can be queried. Security administrators set it per tenant (`/security/logTables`), see docs/operations/retention.md. A part of a day is taken as such." },
    Key { name: "logs.retention_days", kind: Number, default: Some("365"), live: false, about: "The same of every other table's records: sign-ins, calls, what was asked of the logs." },
    Key { name: "logs.total_retention_days", kind: Number, default: Some("2556"), live: false, about: "How long records are kept in all, where there is an archive (`archive.url`): what can be queried no longer lies there until then." },
    Key { name: "logs.shortest_retention_days", kind: Number, default: Some("30"), live: false, about: "What no tenant may go below." },
    Key { name: "logs.shorten_after_days", kind: Number, default: Some("30"), live: false, about: "How long a tenant's retention still counts as it was after it was shortened." },
    Key { name: "logs.wait_for_readers_days", kind: Number, default: Some("30"), live: false, about: "How long beyond its retention a record waits for a sink or the alert rules, if they have not read it." },
    Key { name: "logs.purge_interval_seconds", kind: Integer, default: Some("3600"), live: false, about: "How often records whose time is over are looked for." },
    Key { name: "archive.url", kind: Text, default: None, live: false, about: "Where records go when their retention is over, as Parquet with what proves them, and the logs' anchors with them: `file:///var/lib/signet-archive`, or `s3://bucket/what/names/begin/with`. Without it what leaves is gone." },
    Key { name: "archive.endpoint", kind: Text, default: None, live: false, about: "`https` URL of the server of a bucket that is not Amazon's. A private address must be in `fetch.allow`, an authority of its own in `fetch.extra_ca`." },
    Key { name: "archive.region", kind: Text, default: None, live: false, about: "Region of the bucket. Without it, `us-east-1`." },
    Key { name: "archive.access_key_id", kind: Text, default: None, live: false, about: "The public half of the bucket's access key." },
    Key { name: "archive.secret_file", kind: Text, default: None, live: false, about: "File with the secret half, on its first line; read each time." },
    Key { name: "telemetry.otlp_endpoint", kind: Text, default: None, live: false, about: "Base URL of an OpenTelemetry collector that takes OTLP over HTTP, such as `https://collector.example:4318`; `/v1/traces` is added to it. Without it nothing is traced." },
    Key { name: "telemetry.headers_file", kind: Text, default: None, live: false, about: "File with headers for the collector, such as its API key: one `name: value` a line." },
    Key { name: "telemetry.service_name", kind: Text, default: Some("signet"), live: false, about: "`service.name` of the traces." },
    Key { name: "telemetry.sample_ratio", kind: Number, default: Some("1"), live: false, about: "Which part of the traces that begin here is kept, from 0 to 1. A trace that a caller began (`traceparent`) is kept if the caller keeps it." },
    Key { name: "telemetry.extra_ca", kind: List, default: Some(""), live: false, about: "PEM files of certificate authorities to trust for the collector, besides the system's." },
    Key { name: "transparency.published", kind: List, default: Some(""), live: false, about: "Ids of tenants whose transparency log anybody may read. Sizes and times of a log tell what a tenant does; without this only readers of its audit records see it." },
    Key { name: "transparency.witnesses", kind: List, default: Some(""), live: false, about: "Witnesses that cosign the logs of the record: `<verifier key> <URL>` each, see docs/operations/transparency.md. A private address must be in `fetch.allow`." },
    Key { name: "transparency.anchor_dir", kind: Text, default: None, live: false, about: "Directory that the newest checkpoint of every log is written to once a day: best on storage that this machine cannot change later." },
    Key { name: "transparency.anchor_url", kind: Text, default: None, live: false, about: "HTTPS address that it is sent to once a day, signed as Standard Webhooks have it. A private address must be in `fetch.allow`." },
    Key { name: "transparency.anchor_secret_file", kind: Text, default: None, live: false, about: "File with the secret that signs what is sent there, on its first line; `whsec_` and base64, or any text." },
    Key { name: "witness.name", kind: Text, default: None, live: false, about: "What the key of `signet witness` is called. Without it, the host of `public_url` and `/witness`." },
    Key { name: "witness.logs", kind: List, default: Some(""), live: false, about: "Logs that `signet witness` cosigns: the verifier key of each, as `signet logs checkpoint --key` prints it." },
    Key { name: "limits.connections", kind: Integer, default: Some("16384"), live: false, about: "Connections of the public listener at a time." },
    Key { name: "limits.header_bytes", kind: Integer, default: Some("32768"), live: false, about: "Bytes of request line and headers together; at least 8192." },
    Key { name: "limits.request_seconds", kind: Integer, default: Some("30"), live: false, about: "From headers read to answer ready." },
    Key { name: "limits.lame_duck_seconds", kind: Integer, default: Some("0"), live: false, about: "How long new connections are still served after SIGTERM, while `/readyz` answers 503: as long as a load balancer takes to look there." },
    Key { name: "limits.drain_seconds", kind: Integer, default: Some("20"), live: false, about: "How long requests in flight may take after that before they are cut." },
];

impl Key {
    /// The key of this name.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// Its environment variable: `fetch.extra_ca` is `SIGNET_FETCH__EXTRA_CA`.
    pub(super) fn variable(&self) -> String {
        format!("SIGNET_{}", self.name.replace('.', "__").to_uppercase())
    }

    /// Reads a value as the environment has it.
    pub(super) fn parse(&self, text: &str) -> Option<Value> {
        match self.kind {
            Text => Some(Value::String(text.to_owned())),
            Integer => text.trim().parse().ok().map(Value::Integer),
            Number => text.trim().parse().ok().map(Value::Float),
            List => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Some(Value::Array(parts.map(|part| Value::String(part.to_owned())).collect()))
            }
        }
    }

    /// Whether a value from the file has the right type.
    pub(super) fn accepts(&self, value: &Value) -> bool {
        match (self.kind, value) {
            (Text, Value::String(_)) | (Integer | Number, Value::Integer(_)) | (Number, Value::Float(_)) => true,
            (List, Value::Array(parts)) => parts.iter().all(Value::is_str),
            _ => false,
        }
    }

    /// What to write, in words.
    pub(super) fn expected(&self) -> &'static str {
        match self.kind {
            Text => "a text in quotes",
            Integer => "a whole number",
            Number => "a number",
            List => "a list of texts",
        }
    }
}
