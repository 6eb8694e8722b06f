//! Header lists on their way into HTTP/2, put together on the stack.

use protocall_http2::{Field, Indexing, Part};

/// Parts that a list mostly has at most; longer ones are put together on the heap.
const FEW: usize = 8;

/// Hands all parts over in one slice.
pub(crate) fn with_parts<'a, I: Iterator<Item = Part<'a>>, R>(
    parts: impl Fn() -> I,
    send: impl FnOnce(&[Part<'a>]) -> R,
) -> R {
    let mut few = [literal((&[], &[])); FEW];
    let mut count = 0;
    for part in parts() {
        let Some(place) = few.get_mut(count) else {
            let all: Vec<_> = parts().collect();
            return send(&all);
        };
        *place = part;
        count += 1;
    }
    send(few.get(..count).unwrap_or_default())
}

/// A field that differs from call to call.
pub(crate) const fn literal<'a>((name, value): (&'a [u8], &'a [u8])) -> Part<'a> {
    Part::Field(Field { name, value, indexing: Indexing::Literal })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_arrives_in_order_however_many_there_are() {
        let names: Vec<String> = (0..2 * FEW).map(|index| format!("field-{index}")).collect();
        for count in 0..names.len() {
            let parts = || names.iter().take(count).map(|name| literal((name.as_bytes(), b"")));
            with_parts(parts, |all| {
                let sent = all.iter().map(|part| match part {
                    Part::Field(field) => field.name,
                    Part::Template(_) => b"template",
                });
                assert!(sent.eq(names.iter().take(count).map(String::as_bytes)), "{count}");
            });
        }
    }
}
