//! Finds the name that was probably meant.
//! Compares last components, so that a missing package prefix is found as well.

use crate::limits::MAX_SUGGESTION_LENGTH;

/// The scalar type that somebody who comes from another language has in mind.
pub(crate) fn scalar_of_other_languages(name: &str) -> Option<&'static str> {
    Some(match name {
        "int" | "integer" | "Integer" | "i32" | "short" | "int16" | "int8" => "int32",
        "long" | "Long" | "bigint" | "i64" => "int64",
        "uint" | "u32" | "uint16" | "uint8" => "uint32",
        "ulong" | "u64" => "uint64",
        "f32" | "float32" => "float",
        "f64" | "float64" | "decimal" | "number" => "double",
        "boolean" | "Boolean" => "bool",
        "str" | "String" | "text" | "varchar" => "string",
        "byte" | "blob" | "binary" | "Bytes" => "bytes",
        _ => return None,
    })
}

/// The candidate most similar to `name`, if one is near enough to be worth showing.
pub(crate) fn similar<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    if name.is_empty() || name.len() > MAX_SUGGESTION_LENGTH {
        return None;
    }
    let wanted = name.to_ascii_lowercase();
    let allowed = (name.len() / 3).clamp(1, 4);
    candidates
        .filter(|candidate| candidate.len() <= MAX_SUGGESTION_LENGTH && *candidate != name)
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= allowed)
        .map(|candidate| (distance(&wanted, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Edit distance in bytes, a swap of neighbours counting as one edit.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at =
                |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut best =
                (at(&last, j) + usize::from(x != y)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_small_slips_only() {
        let names = ["HelloRequest", "HelloResponse", "int32", "string"];
        let find = |name| similar(name, names.into_iter());
        assert_eq!(find("HelloRequets"), Some("HelloRequest"));
        assert_eq!(find("helloresponse"), Some("HelloResponse"));
        assert_eq!(find("sting"), Some("string"));
        assert_eq!(find("Unrelated"), None);
        assert_eq!(find(""), None);
        assert_eq!(scalar_of_other_languages("str"), Some("string"));
        assert_eq!(scalar_of_other_languages("Strange"), None);
    }
}
