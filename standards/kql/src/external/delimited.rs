//! Cells between commas or the like.

/// The records of a text. SPEC: RFC 4180 2, with any character between cells; lines may end with LF alone. A line without
/// anything in its cells is none.
pub(super) fn records(text: &str, by: char) -> Vec<Vec<String>> {
    let (mut records, mut record, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (quoted, character) {
            (true, '"') if characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            (true, '"') => quoted = false,
            (false, '"') if cell.is_empty() => quoted = true,
            (false, found) if found == by => record.push(std::mem::take(&mut cell)),
            (false, '\r') if characters.peek() == Some(&'\n') => {}
            (false, '\n') => {
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            (_, other) => cell.push(other),
        }
    }
    if !cell.is_empty() || !record.is_empty() {
        record.push(cell);
        records.push(record);
    }
    records.retain(|record| record.iter().any(|cell| !cell.is_empty()));
    records
}

#[cfg(test)]
mod tests {
    use super::records;

    #[test]
    fn rfc4180_quotes_hold_delimiters_line_ends_and_doubled_quotes() {
        let found = records("a;b\r\n\"x;1\";\"two\nlines\"\n;\n\"say \"\"no\"\"\";\nla\"st", ';');
        assert_eq!(found, [vec!["a", "b"], vec!["x;1", "two\nlines"], vec!["say \"no\"", ""], vec!["la\"st"]]);
        assert!(records("\n\r\n", ',').is_empty());
    }
}
