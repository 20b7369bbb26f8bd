//! What the steps share: the client, the place where files go, and how a step looks.

use crate::client::Client;
use crate::command_error::CommandError;
use crate::data_dir::DataDir;
use crate::output::Output;
use crate::profile::ProfileCredential;
use std::path::PathBuf;

/// The walk.
pub(super) struct Walk {
    pub(super) client: Client,
    output: Output,
    data: DataDir,
    steps: u32,
}

impl Walk {
    /// Before the first step.
    pub(super) fn new(client: Client, output: Output, data: DataDir) -> Self {
        Self { client, output, data, steps: 0 }
    }

    /// Says what runs where.
    pub(super) fn greet(&self, continued: bool) -> Result<(), CommandError> {
        let profile = self.client.profile();
        let state = if continued { "continues with the data in" } else { "runs on embedded storage in" };
        self.output.line(&format!("Signet {state} {}", self.file("").display()));
        self.output.line(&format!("  {}  (trust {})", profile.url, self.file("tls/ca.pem").display()));
        self.output.line(&format!("  tenant {}, administrator {}", profile.tenant_id, profile.client_id));
        self.output.line("\nTo repeat the HTTP calls below, in a shell of your own:");
        self.repeat(&format!("set -a; . {}; set +a", self.file("quickstart.env").display()));
        // An administrator with a key signs its assertions, which no line of shell does.
        if let Some(ProfileCredential::Secret { client_secret_file }) = &profile.credential {
            self.repeat(&format!(
                "TOKEN=$(curl -s --cacert $SIGNET_CA $SIGNET_URL/$TENANT_ID/oauth2/v2.0/token -d grant_type=client_credentials \
                 -d client_id={} --data-urlencode client_secret@{} -d scope=$SIGNET_URL/.default | jq -r .access_token)",
                profile.client_id,
                client_secret_file.display()
            ));
        }
        Ok(())
    }

    /// Begins a step.
    pub(super) fn step(&mut self, title: &str) {
        self.steps += 1;
        self.output.line(&format!("\n{}", self.output.bold(&format!("{}. {title}", self.steps))));
    }

    /// Something apart from the steps.
    pub(super) fn headline(&self, sentence: &str) {
        self.output.line(&format!("\n{sentence}"));
    }

    /// What happened.
    pub(super) fn say(&self, sentence: &str) {
        self.output.line(&format!("   {sentence}"));
    }

    /// What happened, as it should.
    pub(super) fn good(&self, sentence: &str) {
        self.say(&self.output.good(sentence));
    }

    /// What was refused, as it should be.
    pub(super) fn refused(&self, sentence: &str) {
        self.say(&self.output.bad(sentence));
    }

    /// The command or call that does it again.
    pub(super) fn repeat(&self, command: &str) {
        self.output.line(&self.output.dim(&format!("   $ {command}")));
    }

    /// A `signet` command on this data directory.
    pub(super) fn repeat_command(&self, words: &str) {
        self.repeat(&format!("signet {words} --data-dir {}", self.data.path().display()));
    }

    /// A call of the directory API.
    pub(super) fn repeat_call(&self, method: &str, path: &str, body: &serde_json::Value) {
        self.repeat(&format!(
            "curl --cacert $SIGNET_CA -H \"authorization: Bearer $TOKEN\" -H content-type:application/json -X {method} \
             \"$SIGNET_URL/v1.0{path}\" -d '{body}'"
        ));
    }

    /// A file in the data directory, absolute.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        let path = self.data.path().join(name);
        std::path::absolute(&path).unwrap_or(path)
    }
}
