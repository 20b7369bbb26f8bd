//! File, environment and flags, laid over each other and the defaults.

use super::Config;
use super::key::{KEYS, Key};
use super::nearest::nearest;
use super::sinks;
use signet_exports::SinkConfig;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

const PREFIX: &str = "SIGNET_";

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The table of keys.
    Default,
    /// Another key's value.
    Derived(&'static str),
    /// The configuration file.
    File(PathBuf),
    /// This variable.
    Environment(String),
    /// This flag.
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Derived(key) => write!(f, "default, from {key}"),
            Self::File(file) => write!(f, "{}", file.display()),
            Self::Environment(variable) => f.write_str(variable),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {reason}", file.display())]
    Unreadable { file: PathBuf, reason: String },
    /// The file is not TOML.
    #[error("{} is not TOML: {reason}", file.display())]
    Malformed { file: PathBuf, reason: String },
    /// Nobody knows the key.
    #[error("{place}: there is no key `{key}`{}; docs/configuration.md lists all", hint(*nearest))]
    UnknownKey { key: String, place: String, nearest: Option<&'static str> },
    /// The value cannot be what the key needs.
    #[error("{place}: `{key}` {reason}")]
    Invalid { key: String, place: String, reason: String },
}

fn hint(nearest: Option<&'static str>) -> String {
    nearest.map(|nearest| format!(" (did you mean `{nearest}`?)")).unwrap_or_default()
}

type Layers = BTreeMap<&'static str, (Value, Source)>;

/// The effective configuration, and where each value comes from.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    /// Typed and checked.
    pub(crate) config: Config,
    values: Layers,
}

impl Loaded {
    /// Reads `file` if one is given, then `environment`, then `flags` (flag, key, value as in the environment).
    pub(crate) fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        flags: &[(&'static str, &'static str, String)],
    ) -> Result<Self, ConfigError> {
        let mut values = defaults();
        let sinks = file.map(|file| read_file(file, &mut values)).transpose()?.unwrap_or_default();
        read_environment(environment, &mut values)?;
        for (flag, key, value) in flags {
            set(&mut values, key, value, Source::Flag(flag))?;
        }
        derive_public_url(&mut values);
        Ok(Self { config: Config { exports: sinks, ..typed(&values)? }, values })
    }

    /// The configuration as TOML, each value with its source.
    pub(crate) fn to_toml(&self) -> String {
        let (mut text, mut table) = (String::new(), "");
        for key in KEYS {
            let (at, name) = key.name.rsplit_once('.').unwrap_or(("", key.name));
            if at != table {
                table = at;
                text += &format!("\n[{table}]\n");
            }
            text += &format!("# {}\n", key.about);
            text += &match self.values.get(key.name) {
                Some((value, source)) => format!("{name} = {value} # {source}\n"),
                None => format!("# {name} is not set\n"),
            };
        }
        text + &self.sinks_to_toml()
    }

    fn sinks_to_toml(&self) -> String {
        let sinks = self.config.exports.iter().filter_map(|(name, sink)| {
            let table = toml::to_string(sink).ok()?;
            Some(format!("\n[{}.{name}]\n{table}", sinks::SINKS))
        });
        sinks.collect()
    }

    /// Keys whose values differ and that a running process cannot take over.
    pub(crate) fn changed_beyond_reload(&self, next: &Self) -> Vec<&'static str> {
        let value = |of: &Self, key: &Key| of.values.get(key.name).map(|(value, _)| value.clone());
        let changed = KEYS.iter().filter(|key| !key.live && value(self, key) != value(next, key)).map(|key| key.name);
        let sinks = (self.config.exports != next.config.exports).then_some(sinks::SINKS);
        changed.chain(sinks).collect()
    }
}

fn defaults() -> Layers {
    let default = |key: &'static Key| Some((key.name, (key.parse(key.default?)?, Source::Default)));
    KEYS.iter().filter_map(default).collect()
}

/// Puts what the file says over `values`; the sinks in it are no keys.
fn read_file(file: &Path, values: &mut Layers) -> Result<BTreeMap<String, SinkConfig>, ConfigError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| ConfigError::Unreadable { file: file.to_owned(), reason: error.to_string() })?;
    let mut table: Table = text.parse().map_err(|error: toml::de::Error| ConfigError::Malformed {
        file: file.to_owned(),
        reason: error.to_string(),
    })?;
    let sinks = sinks::take(&mut table, file)?;
    let mut found = Vec::new();
    flatten("", table, &mut found);
    for (name, value) in found {
        let place = file.display().to_string();
        let key = Key::find(&name).ok_or_else(|| unknown(name, &place))?;
        if !key.accepts(&value) {
            let reason = format!("must be {}", key.expected());
            return Err(ConfigError::Invalid { key: key.name.to_owned(), place, reason });
        }
        values.insert(key.name, (value, Source::File(file.to_owned())));
    }
    Ok(sinks)
}

fn flatten(prefix: &str, table: Table, found: &mut Vec<(String, Value)>) {
    for (name, value) in table {
        let name = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            Value::Table(inner) if Key::find(&name).is_none() && !inner.is_empty() => flatten(&name, inner, found),
            Value::Table(_) if is_table(&name) => {}
            value => found.push((name, value)),
        }
    }
}

fn is_table(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.rsplit_once('.').is_some_and(|(table, _)| table == name))
}

fn read_environment(
    environment: impl Iterator<Item = (String, String)>,
    values: &mut Layers,
) -> Result<(), ConfigError> {
    for (variable, value) in environment {
        let Some(rest) = variable.strip_prefix(PREFIX) else { continue };
        if let Some(key) = KEYS.iter().find(|key| key.variable() == variable) {
            set(values, key.name, &value, Source::Environment(variable))?;
        } else if rest.contains("__") {
            // WHY: other programs have variables with this prefix too, but none with two underscores.
            return Err(unknown(rest.to_lowercase().replace("__", "."), &variable));
        }
    }
    Ok(())
}

fn set(values: &mut Layers, name: &str, text: &str, source: Source) -> Result<(), ConfigError> {
    let key = Key::find(name).ok_or_else(|| unknown(name.to_owned(), &source.to_string()))?;
    let value = key.parse(text).ok_or_else(|| ConfigError::Invalid {
        key: key.name.to_owned(),
        place: source.to_string(),
        reason: format!("must be {}", key.expected()),
    })?;
    values.insert(key.name, (value, source));
    Ok(())
}

fn unknown(key: String, place: &str) -> ConfigError {
    let nearest = nearest(&key, KEYS.iter().map(|key| key.name));
    ConfigError::UnknownKey { key, place: place.to_owned(), nearest }
}

fn derive_public_url(values: &mut Layers) {
    let listen = values.get("listen").and_then(|(value, _)| value.as_str()?.parse::<SocketAddr>().ok());
    if let (Some(listen), false) = (listen, values.contains_key("public_url")) {
        let url = format!("https://localhost:{}", listen.port());
        values.insert("public_url", (Value::String(url), Source::Derived("listen")));
    }
}

fn typed(values: &Layers) -> Result<Config, ConfigError> {
    let mut root = Table::new();
    for (name, (value, _)) in values {
        let (table, name) = name.split_once('.').unwrap_or(("", name));
        if table.is_empty() {
            root.insert(name.to_owned(), value.clone());
        } else if let Value::Table(inner) = root.entry(table).or_insert_with(|| Value::Table(Table::new())) {
            inner.insert(name.to_owned(), value.clone());
        }
    }
    let invalid = |key: &str, reason: String| {
        let place = values.get(key).map_or_else(|| "configuration".to_owned(), |(_, source)| source.to_string());
        ConfigError::Invalid { key: key.to_owned(), place, reason }
    };
    let config: Config = serde_path_to_error::deserialize(root).map_err(|error| {
        let reason = format!("cannot be used: {}", error.inner().to_string().trim_end());
        invalid(&error.path().to_string(), reason)
    })?;
    match config.contradiction() {
        Some((key, reason)) => Err(invalid(key, format!("cannot be used: {reason}"))),
        None => Ok(config),
    }
}
