//! `signet query`

mod answer;
mod session;

use crate::cli::Global;
use crate::client::{Answer, Client};
use crate::command_error::CommandError;
use crate::output::Output;
use answer::{Shape, Table};
use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{IsTerminal, Read};
use std::path::PathBuf;

/// A question in KQL; without one, a session that asks and answers
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  signet query 'AuditLogs | take 5'
  signet query --file seed.kql --csv > grants.csv
  signet query --timespan P1D --output json 'AADServicePrincipalSignInLogs | summarize count() by AppId'
  signet query                           a session: Tab completes, an empty line or `;` asks, Ctrl-D ends")]
pub(crate) struct Query {
    /// The query
    #[arg(conflicts_with = "file")]
    text: Option<String>,
    /// Read the query from a file
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// ISO 8601 duration or interval that narrows every table
    #[arg(long, value_name = "SPAN")]
    timespan: Option<String>,
    /// Print comma-separated values
    #[arg(long)]
    csv: bool,
    /// How long the query may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 180)]
    wait: u64,
}

/// What every question of one run shares.
struct Asker {
    client: Client,
    output: Output,
    shape: Shape,
    timespan: Option<String>,
    wait: u64,
}

impl Query {
    pub(crate) async fn run(self, global: &Global) -> Result<(), CommandError> {
        let (client, output) = (Client::load(&global.load(Vec::new())?.config)?, global.output());
        let shape = match (self.csv, output.is_json()) {
            (true, _) => Shape::Csv,
            (false, true) => Shape::Json,
            (false, false) => Shape::Table,
        };
        let text = match (&self.text, &self.file) {
            (Some(text), _) => Some(text.clone()),
            (None, Some(file)) => Some(
                std::fs::read_to_string(file)
                    .map_err(|error| CommandError::usage(format!("{}: {error}", file.display())))?,
            ),
            (None, None) if std::io::stdin().is_terminal() => None,
            (None, None) => {
                let mut text = String::new();
                std::io::stdin().read_to_string(&mut text).map_err(CommandError::failed)?;
                Some(text)
            }
        };
        let asker = Asker { client, output, shape, timespan: self.timespan, wait: self.wait };
        match text {
            Some(text) => asker.ask(&text).await,
            None => session::run(asker).await,
        }
    }
}

impl Asker {
    /// Asks and prints.
    async fn ask(&self, text: &str) -> Result<(), CommandError> {
        let path = format!("/workspaces/{}/query", self.client.profile().tenant_id);
        let body = json!({ "query": text, "timespan": self.timespan });
        let answer = self.client.ask_logs(Method::POST, &path, Some(&body), self.wait).await?;
        if !answer.status.is_success() {
            return Err(CommandError::failed(refusal(&answer, text)));
        }
        let table =
            Table::read(&answer.body).ok_or_else(|| CommandError::failed("the server's answer has no table"))?;
        table.print(self.output, self.shape);
        if let Some(said) = answer.body.pointer("/error/details/0/innererror/message").and_then(Value::as_str) {
            eprintln!("{said}");
        }
        Ok(())
    }
}

/// What is wrong, and under the line of the query that it is about, where.
fn refusal(answer: &Answer, text: &str) -> String {
    let mut at = answer.body.get("error");
    while let Some(inner) = at.and_then(|error| error.get("innererror")) {
        at = Some(inner);
    }
    let Some(error) = at else { return crate::client::refused(answer).to_string() };
    let message = error.get("message").and_then(Value::as_str).unwrap_or("no reason was given");
    let number = |name: &str| error.get(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    let (Some(line), Some(column)) = (number("line"), number("pos")) else { return message.to_owned() };
    let Some(source) = line.checked_sub(1).and_then(|line| text.lines().nth(line)) else { return message.to_owned() };
    let token = error.get("token").and_then(Value::as_str).map_or(1, |token| token.chars().count().max(1));
    let mark = format!("{}{}", " ".repeat(column.saturating_sub(1)), "^".repeat(token));
    format!("{message}\n  {source}\n  {mark}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;

    #[test]
    fn a_refusal_points_at_what_it_is_about() {
        let body = json!({"error": {"message": "outer", "innererror": {"message": "middle", "innererror": {
            "message": "nothing here is called `x`", "line": 2, "pos": 9, "token": "x"}}}});
        let answer = Answer { status: StatusCode::BAD_REQUEST, body };
        let said = refusal(&answer, "AuditLogs\n| where x == 1");
        assert_eq!(said, "nothing here is called `x`\n  | where x == 1\n          ^");
    }

    #[test]
    fn a_refusal_without_a_place_is_a_sentence() {
        let answer = Answer { status: StatusCode::FORBIDDEN, body: json!({"error": {"message": "no"}}) };
        assert_eq!(refusal(&answer, "AuditLogs"), "no");
    }
}
