//! The name that was probably meant.

/// The candidate nearest to `name`, if one is near enough.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    let limit = 1 + name.chars().count() / 4;
    candidates
        .map(|candidate| (distance(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

fn distance(left: &str, right: &str) -> usize {
    if left.len() > 128 || right.len() > 128 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (index, a) in left.chars().enumerate() {
        let mut last = index + 1;
        let mut next = vec![last];
        for ((b, above), diagonal) in right.chars().zip(row.iter().skip(1)).zip(row.iter()) {
            last = (above + 1).min(last + 1).min(diagonal + usize::from(a != b));
            next.push(last);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}
