//! Headers for the collector, from a file: they may hold its key.

use crate::command_error::CommandError;
use reqwest::header::{HeaderName, HeaderValue};
use std::collections::HashMap;
use std::path::Path;

/// Reads one `name: value` a line; empty lines and lines that begin with `#` are left out.
pub(super) fn read(file: &Path) -> Result<HashMap<String, String>, CommandError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| CommandError::usage(format!("telemetry.headers_file {}: {error}", file.display())))?;
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            // The line is not repeated: it may hold a secret.
            header(line).ok_or_else(|| {
                let place = format!("telemetry.headers_file {}, line {number}", file.display());
                CommandError::usage(format!("{place} is not `name: value`"))
            })
        })
        .collect()
}

fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let (name, value) = (name.trim(), value.trim());
    HeaderName::try_from(name).ok()?;
    HeaderValue::try_from(value).ok()?;
    Some((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invariant_12_what_is_no_header_is_named_by_its_line_and_not_repeated() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("headers");
        assert!(read(&file).is_err());
        for wrong in ["hunter2", "na me: hunter2", "name: hunter2\u{7f}"] {
            std::fs::write(&file, format!("# of the collector\n{wrong}\n")).unwrap();
            let refused = read(&file).unwrap_err().to_string();
            assert!(refused.contains("line 2") && !refused.contains("hunter2"), "{refused}");
        }
        std::fs::write(&file, "\n# of the collector\nAuthorization: Bearer a:b \n").unwrap();
        let read = read(&file).unwrap();
        assert_eq!(read.into_iter().collect::<Vec<_>>(), [("Authorization".to_owned(), "Bearer a:b".to_owned())]);
    }
}
