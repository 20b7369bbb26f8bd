//! What a command prints: a table for people, JSON for scripts.

use clap::ValueEnum;
use serde_json::Value;
use std::io::{IsTerminal, Write};

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// Aligned columns
    #[default]
    Table,
    /// One JSON document
    Json,
}

/// The place where results go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    format: Format,
    colour: bool,
    /// Characters in a line of the terminal.
    width: Option<usize>,
}

impl Output {
    /// Prints as `format` says, in colour on a terminal alone.
    pub(crate) fn new(format: Format) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
        let width = size.map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
        Self { format, colour: wanted && std::io::stdout().is_terminal(), width }
    }

    /// Whether a script reads this.
    pub(crate) fn is_json(self) -> bool {
        self.format == Format::Json
    }

    /// A JSON document.
    pub(crate) fn json(self, value: &Value) {
        self.line(&serde_json::to_string_pretty(value).unwrap_or_default());
    }

    /// A list of objects: these members of each, under headings.
    pub(crate) fn list(self, items: &[Value], columns: &[(&str, &str)]) {
        if self.is_json() {
            return self.json(&Value::Array(items.to_vec()));
        }
        self.table(&align(&cells(items, columns)));
    }

    /// The same; what a terminal has no room for side by side stands one below the other, without what is empty.
    pub(crate) fn wide_list(self, items: &[Value], columns: &[(&str, &str)]) {
        if self.is_json() {
            return self.json(&Value::Array(items.to_vec()));
        }
        let rows = cells(items, columns);
        let lines = align(&rows);
        let has_room = |width: usize| lines.iter().all(|line| line.chars().count() <= width);
        if self.width.is_none_or(has_room) {
            return self.table(&lines);
        }
        for (number, block) in blocks(&rows).iter().enumerate() {
            self.line(&self.dim(&format!("── {} ──", number + 1)));
            block.iter().for_each(|line| self.line(line));
        }
    }

    fn table(self, lines: &[String]) {
        for (number, line) in lines.iter().enumerate() {
            self.line(&if number == 0 { self.bold(line) } else { line.clone() });
        }
    }

    /// One object: its members one below the other.
    pub(crate) fn object(self, item: &Value, rows: &[(&str, &str)]) {
        if self.is_json() {
            return self.json(item);
        }
        let rows: Vec<Vec<String>> =
            rows.iter().map(|(label, member)| vec![(*label).to_owned(), text(item.get(*member))]).collect();
        align(&rows).iter().for_each(|line| self.line(line));
    }

    /// A sentence for people; scripts do not see it.
    pub(crate) fn note(self, sentence: &str) {
        if !self.is_json() {
            self.line(sentence);
        }
    }

    /// A line as it is.
    pub(crate) fn line(self, line: &str) {
        // A reader that has gone away wants no more lines.
        let _ = writeln!(std::io::stdout(), "{line}");
    }

    /// Emphasised.
    pub(crate) fn bold(self, text: &str) -> String {
        self.styled("1", text)
    }

    /// Less important.
    pub(crate) fn dim(self, text: &str) -> String {
        self.styled("2", text)
    }

    /// As it should be.
    pub(crate) fn good(self, text: &str) -> String {
        self.styled("32", text)
    }

    /// Not as it should be.
    pub(crate) fn bad(self, text: &str) -> String {
        self.styled("31", text)
    }

    fn styled(self, style: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// A member as a cell.
fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        // Control characters in what strangers chose must not reach the terminal.
        Some(Value::String(text)) => text.chars().filter(|character| !character.is_control()).collect(),
        Some(Value::Array(items)) => items.iter().map(|item| self::text(Some(item))).collect::<Vec<_>>().join(", "),
        Some(other) => other.to_string(),
    }
}

/// The headings, then a row for each item.
fn cells(items: &[Value], columns: &[(&str, &str)]) -> Vec<Vec<String>> {
    let heading = columns.iter().map(|(heading, _)| (*heading).to_owned()).collect();
    let row = |item: &Value| columns.iter().map(|(_, member)| text(item.get(*member))).collect();
    std::iter::once(heading).chain(items.iter().map(row)).collect()
}

/// Of each row the headings with their values.
fn blocks(rows: &[Vec<String>]) -> Vec<Vec<String>> {
    let Some((headings, rows)) = rows.split_first() else { return Vec::new() };
    let block = |row: &Vec<String>| {
        let filled = headings.iter().zip(row).filter(|(_, cell)| !matches!(cell.as_str(), "" | "-"));
        align(&filled.map(|(heading, cell)| vec![heading.clone(), cell.clone()]).collect::<Vec<_>>())
    };
    rows.iter().map(block).collect()
}

fn align(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_as_a_block_leaves_out_what_is_empty() {
        let items = [json!({"a": "x", "bb": null, "ccc": ""}), json!({"a": 1, "bb": "y", "ccc": "z"})];
        let rows = cells(&items, &[("A", "a"), ("BB", "bb"), ("CCC", "ccc")]);
        assert_eq!(blocks(&rows), [vec!["A  x"], vec!["A    1", "BB   y", "CCC  z"]]);
    }

    #[test]
    fn columns_are_aligned_and_control_characters_stay_out() {
        let rows = [vec!["a".to_owned(), "b".to_owned()], vec!["long".to_owned(), "c".to_owned()]];
        assert_eq!(align(&rows), ["a     b", "long  c"]);
        assert_eq!(text(Some(&json!("x\u{1b}[31m\n"))), "x[31m");
        assert_eq!(text(Some(&json!(["a", 1, null]))), "a, 1, -");
    }
}
