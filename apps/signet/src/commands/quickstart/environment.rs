//! What the examples need, in a file; and how to run them.

use super::objects::{Made, RESOURCE, ROLE};
use super::walk::Walk;
use crate::command_error::CommandError;
use crate::commands::find::member;
use crate::data_dir::write_private;

const FILE: &str = "quickstart.env";
const RESOURCE_URL: &str = "http://127.0.0.1:8090/orders";

/// Writes the settings of `examples/`. Secrets stay in files of their own.
pub(super) fn write(walk: &Walk, made: &Made) -> Result<(), CommandError> {
    let profile = walk.client.profile();
    let settings = [
        ("SIGNET_URL", profile.url.clone()),
        ("SIGNET_CA", walk.file("tls/ca.pem").display().to_string()),
        ("TENANT_ID", profile.tenant_id.clone()),
        ("BLUEPRINT_ID", member(&made.blueprint, "appId")?.to_owned()),
        ("BLUEPRINT_SECRET_FILE", made.blueprint_secret_file.display().to_string()),
        ("AGENT_ID", member(&made.agent, "id")?.to_owned()),
        ("RESOURCE", RESOURCE.to_owned()),
        ("RESOURCE_URL", RESOURCE_URL.to_owned()),
        ("RESOURCE_APP_ID", member(&made.resource, "appId")?.to_owned()),
        ("RESOURCE_SECRET_FILE", made.resource_secret_file.display().to_string()),
        ("REQUIRED_ROLE", ROLE.to_owned()),
    ];
    let lines: String = settings.iter().map(|(name, value)| format!("{name}={}\n", quoted(value))).collect();
    let file = walk.file(FILE);
    write_private(&file, lines.as_bytes())
        .map_err(|error| CommandError::failed(format!("cannot write {}: {error}", file.display())))
}

/// For a POSIX shell.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// How to run the examples.
pub(super) fn explain(walk: &Walk) {
    let load = format!("set -a; . {}; set +a", walk.file(FILE).display());
    walk.headline("Now an agent of your own, with Microsoft's MSAL for Python, unmodified. In one shell the API:");
    walk.repeat("cd examples/python-resource && python3 -m venv .venv && .venv/bin/pip install -r requirements.txt");
    walk.repeat(&format!("{load}; .venv/bin/python resource.py"));
    walk.say("and in another the agent:");
    walk.repeat("cd examples/python-agent && python3 -m venv .venv && .venv/bin/pip install -r requirements.txt");
    walk.repeat(&format!("{load}; .venv/bin/python agent.py"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_one_word_in_the_shell() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }
}
