//! `--print_free_field_numbers`: which numbers the messages of a file have left.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use protocall_build::descriptor::DescriptorProto;

/// The highest number that a field may have.
const MAX: i32 = 536_870_911;

/// A line for each message, those inside of it first.
pub(super) fn list(message: &DescriptorProto, scope: &str, out: &mut String) {
    let name = message.name.as_deref().unwrap_or_default();
    let name = if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") };
    for nested in &message.nested_type {
        list(nested, &name, out);
    }
    // writing to a String cannot fail
    let _ = write!(out, "{name:<35} free:");
    let mut next = 1;
    for (start, end) in taken(message) {
        if next >= end {
            continue;
        }
        let _ = match start - next {
            ..=0 => Ok(()),
            1 => write!(out, " {next}"),
            _ => write!(out, " {next}-{}", start - 1),
        };
        next = end;
    }
    if next <= MAX {
        let _ = write!(out, " {next}-INF");
    }
    out.push('\n');
}

/// Ranges of numbers, ordered, without their ends.
fn taken(message: &DescriptorProto) -> BTreeSet<(i32, i32)> {
    let fields = message.field.iter().filter_map(|field| field.number);
    let mut taken: BTreeSet<(i32, i32)> =
        fields.map(|number| (number, number.saturating_add(1))).collect();
    let range = |start: Option<i32>, end: Option<i32>| Some((start?, end?));
    taken.extend(message.extension_range.iter().filter_map(|r| range(r.start, r.end)));
    taken.extend(message.reserved_range.iter().filter_map(|r| range(r.start, r.end)));
    taken
}
