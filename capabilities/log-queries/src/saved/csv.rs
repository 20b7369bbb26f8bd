//! Comma-separated values.

/// The records of a text. SPEC: RFC 4180 2; lines may end with LF alone.
pub(super) fn records(text: &str) -> Vec<Vec<String>> {
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
            (false, ',') => record.push(std::mem::take(&mut cell)),
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
    use super::*;

    #[test]
    fn rfc4180_quotes_hold_commas_line_ends_and_doubled_quotes() {
        let found = records("a,b\r\n\"x,1\",\"two\nlines\"\n\n\"say \"\"no\"\"\",\nlast");
        let wanted = [vec!["a", "b"], vec!["x,1", "two\nlines"], vec!["say \"no\"", ""], vec!["last"]];
        assert_eq!(found, wanted);
        assert!(records("\n\r\n").is_empty());
    }
}
