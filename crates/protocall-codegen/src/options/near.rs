//! The names that somebody probably meant who wrote one that is not there.

/// How many names are offered: more is a list to search, not a hint.
const SHOWN: usize = 3;

/// The names among `known`, and the packages and types around them, that are most like `path`,
/// best first. A name without its package, or in another one, is found as well.
pub(super) fn names<'n>(path: &str, known: impl Iterator<Item = &'n str>) -> Vec<String> {
    let wanted = path.trim_matches('.').to_lowercase();
    let mut found: Vec<(usize, &str)> = Vec::new();
    for name in known {
        let parents = name.char_indices().filter(|(at, c)| *c == '.' && *at > 0);
        let parents = parents.filter_map(|(at, _)| name.get(..at));
        for name in parents.chain([name]) {
            if let Some(distance) = distance(&wanted, name.trim_start_matches('.')) {
                found.push((distance, name));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(SHOWN).map(|(_, name)| name.to_owned()).collect()
}

/// How far apart two names are; `None` if nobody takes one for the other.
fn distance(wanted: &str, name: &str) -> Option<usize> {
    if wanted.is_empty() {
        return None;
    }
    let name = name.to_lowercase();
    if is_tail(&name, wanted) || is_tail(wanted, &name) {
        return Some(1);
    }
    let last = |text: &str| text.rsplit('.').next().unwrap_or_default().to_owned();
    let whole = edits(wanted, &name);
    if whole <= 1 + wanted.len() / 8 {
        return Some(whole);
    }
    // the right name in the wrong place
    (last(wanted) == last(&name)).then_some(whole)
}

/// Whether `tail` is the last segments of `name`.
fn is_tail(name: &str, tail: &str) -> bool {
    name.strip_suffix(tail).is_some_and(|head| head.ends_with('.'))
}

/// Letters to insert, to delete or to exchange on the way from one text to the other.
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, a) in from.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        let mut next = vec![left];
        for (b, above) in to.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(a != *b)).min(left + 1).min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
