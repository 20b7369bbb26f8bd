//! A session on a terminal: lines with history, names completed.

use super::Asker;
use crate::command_error::CommandError;
use reqwest::Method;
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Config, Context, Editor, Helper, Highlighter, Hinter};
use serde_json::Value;
use std::path::PathBuf;

/// What a query is made of besides names of tables and columns.
const WORDS: &str = "ago and as asc between bin by contains count countif datetime datatable dcount desc distinct \
    dynamic endswith evaluate extend has has_all has_any iff in inner isempty isnotempty isnotnull join kind \
    leftanti leftouter let limit lookup make_list make_set make-series materialize matches max min mv-apply mv-expand \
    not now on or order parse parse_json print project project-away project-keep project-rename project-reorder \
    range regex render rightanti sample search serialize sort split startswith strcat sum summarize take tolower top \
    tostring toscalar union where withsource";

/// Asks until the end of input.
pub(super) async fn run(asker: Asker) -> Result<(), CommandError> {
    let names = names(&asker).await?;
    let history = history_file();
    let config = Config::builder().auto_add_history(true).build();
    let mut editor: Editor<Names, FileHistory> = Editor::with_config(config).map_err(CommandError::failed)?;
    editor.set_helper(Some(Names(names)));
    if let Some(file) = &history {
        // The first session finds none.
        let _ = editor.load_history(file);
    }
    asker.output.note("An empty line or `;` asks, Tab completes, Ctrl-D ends.");
    loop {
        match tokio::task::block_in_place(|| editor.readline("kql> ")) {
            Ok(text) if asked(&text).is_empty() => {}
            Ok(text) => {
                if let Err(error) = asker.ask(asked(&text)).await {
                    eprintln!("{error}");
                }
            }
            // What was typed is dropped, and a new line begins.
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(CommandError::failed(error)),
        }
    }
    if let Some(file) = &history
        && let Err(error) = editor.save_history(file)
    {
        tracing::warn!(%error, file = %file.display(), "the history could not be kept");
    }
    Ok(())
}

/// The query without what ended it.
fn asked(text: &str) -> &str {
    text.trim().trim_end_matches(';').trim_end()
}

/// Under the user's state directory (XDG), made if need be.
fn history_file() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let state = state.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/state")))?;
    let folder = state.join("signet");
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder.join("query-history"))
}

/// Names of tables and columns, and words, in order.
async fn names(asker: &Asker) -> Result<Vec<String>, CommandError> {
    let path = format!("/workspaces/{}/metadata", asker.client.profile().tenant_id);
    let answer = asker.client.ask_logs(Method::GET, &path, None, 30).await?;
    if !answer.status.is_success() {
        return Err(crate::client::refused(&answer));
    }
    let list = |of: &Value, name: &str| of.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let name = |of: &Value| of.get("name").and_then(Value::as_str).map(str::to_owned);
    let mut names: Vec<String> = WORDS.split_whitespace().map(str::to_owned).collect();
    for table in list(&answer.body, "tables").iter().chain(&list(&answer.body, "functions")) {
        names.extend(name(table));
        names.extend(list(table, "columns").iter().filter_map(name));
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Completes names; a query goes on until an empty line or a semicolon.
#[derive(Helper, Hinter, Highlighter)]
struct Names(Vec<String>);

impl Completer for Names {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let before = line.get(..at).unwrap_or(line);
        let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
        let start = before
            .rfind(|character| !is_part(character))
            .map_or(0, |end| end + before.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
        let begun = before.get(start..).unwrap_or_default().to_lowercase();
        if begun.is_empty() {
            return Ok((start, Vec::new()));
        }
        Ok((start, self.0.iter().filter(|name| name.to_lowercase().starts_with(&begun)).cloned().collect()))
    }
}

impl Validator for Names {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input();
        let ended = text.trim().is_empty() || text.trim_end().ends_with(';') || text.ends_with('\n');
        Ok(if ended { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(line: &str) -> (usize, Vec<String>) {
        let names = Names(["AuditLogs", "AADRiskyAgents", "mv-expand", "where"].map(str::to_owned).to_vec());
        let history = FileHistory::new();
        names.complete(line, line.len(), &Context::new(&history)).unwrap()
    }

    #[test]
    fn names_are_completed_whatever_their_case_and_words_with_a_dash_whole() {
        assert_eq!(completed("au"), (0, vec!["AuditLogs".to_owned()]));
        assert_eq!(completed("AuditLogs | mv-e"), (12, vec!["mv-expand".to_owned()]));
        assert_eq!(completed("union (wh"), (7, vec!["where".to_owned()]));
        assert_eq!(completed("AuditLogs | "), (12, Vec::new()));
        assert_eq!(completed("x ü"), (2, Vec::new()));
    }

    #[test]
    fn what_ends_a_query_is_no_part_of_it() {
        assert_eq!(asked("AuditLogs\n| count;\n"), "AuditLogs\n| count");
        assert_eq!(asked(" ; "), "");
    }
}
