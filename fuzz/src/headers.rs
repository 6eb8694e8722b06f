//! HPACK: a sequence of blocks on one connection, each led by two bytes of length; a length of
//! 0xffff stands for a change of the table's size, which the next two bytes give.

use protocall_http2::hpack::{DEFAULT_TABLE_SIZE, Decoder, Encoder, HeaderLimits, Outcome};
use protocall_http2::{Field, Fields};

/// Any blocks are decoded within the limits or refused; what was decoded survives our encoder.
///
/// # Panics
/// When a list is larger than its limits, or comes back changed.
pub fn hpack(input: &[u8]) {
    let limits = HeaderLimits::default();
    let mut decoder = Decoder::new(DEFAULT_TABLE_SIZE);
    let mut again = (Encoder::new(), Decoder::new(DEFAULT_TABLE_SIZE));
    again.0.set_huffman(input.first().is_some_and(|first| first & 1 == 1));
    let mut fields = Fields::new();
    let mut input = input;
    while let Some((length, rest)) = input.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        if length == 0xffff {
            let Some((size, rest)) = rest.split_first_chunk::<2>() else { return };
            decoder.set_max_table_size(usize::from(u16::from_be_bytes(*size)));
            input = rest;
            continue;
        }
        let (block, behind) = rest.split_at(length.min(rest.len()));
        input = behind;
        fields.clear();
        let Ok(outcome) = decoder.decode(block, &limits, &mut fields) else { return };
        assert!(fields.list_size() <= limits.list_bytes, "{} bytes", fields.list_size());
        assert!(fields.len() <= limits.fields, "{} fields", fields.len());
        if outcome == Outcome::Complete {
            round_trip(&fields, &mut again, &limits);
        }
    }
}

fn round_trip(fields: &Fields, (encoder, decoder): &mut (Encoder, Decoder), limits: &HeaderLimits) {
    let mut block = Vec::new();
    encoder.begin_block(&mut block);
    for (at, field) in fields.iter().enumerate() {
        let field = match at % 3 {
            0 => Field::indexed(field.name, field.value),
            1 => Field::literal(field.name, field.value),
            _ => Field::secret(field.name, field.value),
        };
        encoder.encode(&field, &mut block);
    }
    let mut back = Fields::new();
    let outcome = decoder.decode(&block, limits, &mut back);
    assert_eq!(outcome, Ok(Outcome::Complete), "our own block");
    let pairs = |fields: &Fields| -> Vec<(Vec<u8>, Vec<u8>)> {
        fields.iter().map(|field| (field.name.to_vec(), field.value.to_vec())).collect()
    };
    assert_eq!(pairs(fields), pairs(&back));
    assert_eq!(fields.malformed(), back.malformed());
}
