//! `reduce`: texts that are alike but for some of their words, by the words that are frequent among all.

use std::collections::{HashMap, HashSet};

use super::{Call, Ran, Row, Run};
use crate::{
    Value,
    value::{as_real, to_text},
};

pub(super) fn run(name: &str) -> Option<Run> {
    (name == "reduce").then_some(reduce as Run)
}

struct Pattern {
    text: String,
    count: i64,
    first: String,
}

/// Words and what stands between them, in turn; a word is letters and digits that are not among the separators.
fn words<'t>(text: &'t str, separators: &str) -> Vec<(bool, &'t str)> {
    let is_word = |c: char| c.is_alphanumeric() && !separators.contains(c);
    let mut parts: Vec<(bool, &str)> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let kind = is_word(first);
        let end = rest.find(|c: char| is_word(c) != kind).unwrap_or(rest.len());
        let (part, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        parts.push((kind, part));
        rest = after;
    }
    parts
}

/// The frequent words of a text as they stand, with one star for whatever is between them that is not.
fn pattern(text: &str, separators: &str, frequent: &HashSet<&str>) -> Option<String> {
    let mut out = String::new();
    let mut some = false;
    let mut pending = String::new();
    for (word, part) in words(text, separators) {
        if !word {
            if part.chars().all(|c| !separators.contains(c)) {
                pending.push_str(part);
            }
        } else if frequent.contains(part) {
            out.push_str(&std::mem::take(&mut pending));
            out.push_str(part);
            some = true;
        } else if out.ends_with('*') {
            pending.clear();
        } else {
            out.push_str(&std::mem::take(&mut pending));
            out.push('*');
        }
    }
    some.then_some(out)
}

/// The first constant is the share of rows above which a word is frequent, the second the separators, the third whether
/// each row is to come out beside its pattern.
fn reduce(call: &Call<'_>) -> Ran<Vec<Row>> {
    let texts: Vec<String> = call.cells.iter().map(|row| row.first().map(to_text).unwrap_or_default()).collect();
    let least = as_real(call.constant(0)).unwrap_or(0.1) * texts.len() as f64;
    let separators = to_text(call.constant(1));
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for text in &texts {
        (call.tick)()?;
        let own: HashSet<&str> =
            words(text, &separators).into_iter().filter(|(word, _)| *word).map(|(_, part)| part).collect();
        own.into_iter().for_each(|word| *counts.entry(word).or_default() += 1);
    }
    let digits = |word: &str| word.bytes().all(|c| c.is_ascii_digit());
    let frequent = counts.into_iter().filter(|(word, count)| *count as f64 > least && !digits(word));
    let frequent: HashSet<&str> = frequent.map(|(word, _)| word).collect();
    let mut patterns: Vec<Pattern> = Vec::new();
    let mut places: HashMap<Option<String>, usize> = HashMap::new();
    let mut of_row = Vec::with_capacity(texts.len());
    for text in &texts {
        (call.tick)()?;
        let found = pattern(text, &separators, &frequent);
        let place = *places.entry(found.clone()).or_insert_with(|| {
            let first = if found.is_some() { text.clone() } else { String::new() };
            patterns.push(Pattern { text: found.unwrap_or("others".to_owned()), count: 0, first });
            patterns.len() - 1
        });
        if let Some(pattern) = patterns.get_mut(place) {
            pattern.count += 1;
        }
        of_row.push(place);
    }
    let cells = |pattern: &Pattern| {
        vec![Value::text(pattern.text.as_str()), Value::Long(pattern.count), Value::text(pattern.first.as_str())]
    };
    if matches!(call.constant(2), Value::Bool(true)) {
        let beside = call
            .rows
            .iter()
            .zip(of_row)
            .filter_map(|(row, place)| Some(row.iter().cloned().chain(cells(patterns.get(place)?)).collect()));
        return Ok(beside.collect());
    }
    patterns.sort_by_key(|pattern| (pattern.text == "others", std::cmp::Reverse(pattern.count)));
    Ok(patterns.iter().map(cells).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_not_frequent_are_stars() {
        let frequent = HashSet::from(["user", "failed"]);
        assert_eq!(pattern("user bob failed", "", &frequent).as_deref(), Some("user * failed"));
        assert_eq!(pattern("user a b", "", &frequent).as_deref(), Some("user *"));
        assert_eq!(pattern("nothing", "", &frequent), None);
    }
}
