//! The tables `[exports.NAME]` of the configuration file: each is a sink, declared by `signet-exports`.

use super::layers::ConfigError;
use signet_exports::SinkConfig;
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Table, Value};

/// The table that they lie in.
pub(super) const SINKS: &str = "exports";
const LONGEST_NAME: usize = 40;

/// Takes the sinks out of what a file says.
pub(super) fn take(all: &mut Table, file: &Path) -> Result<BTreeMap<String, SinkConfig>, ConfigError> {
    let invalid = |key: String, reason: String| ConfigError::Invalid { key, place: file.display().to_string(), reason };
    let sinks = match all.remove(SINKS) {
        None => return Ok(BTreeMap::new()),
        Some(Value::Table(sinks)) => sinks,
        Some(_) => return Err(invalid(SINKS.to_owned(), "must be a table of sinks, `[exports.NAME]`".to_owned())),
    };
    let read = |(name, value): (String, Value)| {
        let key = format!("{SINKS}.{name}");
        if !is_name(&name) {
            let reason = format!("must be named by up to {LONGEST_NAME} small letters, digits and hyphens");
            return Err(invalid(key, reason));
        }
        let sink: SinkConfig = serde_path_to_error::deserialize(value)
            .map_err(|error| invalid(key, format!("cannot be used: {}", error.inner().to_string().trim_end())))?;
        Ok((name, sink))
    };
    sinks.into_iter().map(read).collect()
}

/// Names stand in metrics, leases and cursors.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(plain)
}
