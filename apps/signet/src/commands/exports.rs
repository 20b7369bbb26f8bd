//! `signet exports`

use crate::cli::Global;
use crate::client::Client;
use crate::command_error::CommandError;
use crate::output::Output;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

/// What is handed on to other systems
#[derive(Debug, Subcommand)]
pub(crate) enum Exports {
    /// Records that a receiver refused for what they are
    #[command(subcommand)]
    DeadLetters(DeadLetters),
}

/// Records that a receiver refused
#[derive(Debug, Subcommand)]
pub(crate) enum DeadLetters {
    /// List them, with what the receiver said
    List {
        /// Those of one sink alone
        #[arg(long)]
        sink: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Show one
    Show {
        /// Its id
        id: String,
    },
    /// Have them sent again, once you have mended why they were refused; one that is taken is gone from the list
    #[command(after_help = "Example: signet exports dead-letters resend --sink siem")]
    Resend(Which),
    /// Give them up; the records stay in the log
    Drop(Which),
}

/// One, or all of a sink.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Which {
    /// Its id
    id: Option<String>,
    /// All of this sink
    #[arg(long)]
    sink: Option<String>,
}

const SET: &str = "/security/exportDeadLetters";
const COLUMNS: [(&str, &str); 6] = [
    ("ID", "id"),
    ("SINK", "sink"),
    ("TABLE", "table"),
    ("RECORD", "record"),
    ("REFUSED SINCE", "createdDateTime"),
    ("REASON", "reason"),
];

impl Exports {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let Self::DeadLetters(words) = self;
        let client = Client::load(&global.load(Vec::new())?.config)?;
        let output = global.output();
        match words {
            DeadLetters::List { sink, limit } => {
                output.list(&client.pages(&listed(sink.as_deref()), limit).await?, &COLUMNS);
            }
            DeadLetters::Show { id } => show(output, &client.get(&format!("{SET}/{id}")).await?),
            DeadLetters::Resend(which) => {
                let count = each(&client, which, "resend").await?;
                output
                    .note(&format!("Asked for {count}; look at the list in a few seconds for what was refused again."));
            }
            DeadLetters::Drop(which) => {
                let count = each(&client, which, "drop").await?;
                output.note(&format!("Dropped {count}; the records stay in the log."));
            }
        }
        Ok(())
    }
}

fn listed(sink: Option<&str>) -> String {
    match sink {
        Some(sink) => {
            let filter = format!("sink eq '{}'", sink.replace('\'', "''"));
            let query: String =
                url::form_urlencoded::Serializer::new(String::new()).append_pair("$filter", &filter).finish();
            format!("{SET}?{query}")
        }
        None => SET.to_owned(),
    }
}

/// Does it to each that is meant; to how many.
async fn each(client: &Client, which: Which, action: &str) -> Result<usize, CommandError> {
    let ids = match (which.id, which.sink) {
        (Some(id), _) => vec![id],
        (None, sink) => {
            let letters = client.pages(&listed(sink.as_deref()), usize::MAX).await?;
            letters.iter().filter_map(|letter| Some(letter.get("id")?.as_str()?.to_owned())).collect()
        }
    };
    for id in &ids {
        client.post(&format!("{SET}/{id}/{action}"), &json!({})).await?;
    }
    Ok(ids.len())
}

fn show(output: Output, letter: &Value) {
    output.object(
        letter,
        &[
            ("id", "id"),
            ("sink", "sink"),
            ("table", "table"),
            ("record", "record"),
            ("refused since", "createdDateTime"),
            ("reason", "reason"),
            ("to be sent again", "isResendRequested"),
        ],
    );
}
