//! The examples of RFC 7541 appendix C, decoded; and encoded where the encoder's policy (grow the
//! table, no Huffman code unless asked) is that of the example.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use protocall_http2::hpack::{DEFAULT_TABLE_SIZE, Decoder, Encoder, HeaderLimits, Outcome};
use protocall_http2::{Field, Fields, Origin};

type List<'a> = &'a [(&'a str, &'a str)];

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
        .collect()
}

fn pairs(fields: &Fields) -> Vec<(String, String)> {
    fields
        .iter()
        .map(|field| {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            (text(field.name), text(field.value))
        })
        .collect()
}

fn expect(decoder: &mut Decoder, hex: &str, list: List<'_>) -> Vec<Origin> {
    let mut fields = Fields::new();
    let outcome = decoder.decode(&unhex(hex), &HeaderLimits::default(), &mut fields);
    assert_eq!(outcome, Ok(Outcome::Complete), "{hex}");
    let list: Vec<_> = list.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    assert_eq!(pairs(&fields), list);
    assert_eq!(fields.malformed(), None);
    fields.iter().map(|field| field.origin).collect()
}

fn encode(encoder: &mut Encoder, list: &[Field<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    encoder.begin_block(&mut out);
    list.iter().for_each(|field| encoder.encode(field, &mut out));
    out
}

/// An empty table shows itself: its first index names no entry.
fn assert_table_is_empty(decoder: &mut Decoder) {
    let mut fields = Fields::new();
    assert!(decoder.decode(&[0xbe], &HeaderLimits::default(), &mut fields).is_err());
}

const INSERTED: (&str, List<'_>) = (
    "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
    &[("custom-key", "custom-header")],
);
const PATH: (&str, List<'_>) = ("040c 2f73 616d 706c 652f 7061 7468", &[(":path", "/sample/path")]);
const PASSWORD: (&str, List<'_>) =
    ("1008 7061 7373 776f 7264 0673 6563 7265 74", &[("password", "secret")]);

#[test]
fn c2_field_representations() {
    let decoder = &mut Decoder::new(DEFAULT_TABLE_SIZE);
    expect(decoder, INSERTED.0, INSERTED.1);
    assert_eq!(expect(decoder, "be", INSERTED.1), [Origin::Dynamic(0)]);

    for (hex, list) in [PATH, PASSWORD, ("82", &[(":method", "GET")])] {
        let decoder = &mut Decoder::new(DEFAULT_TABLE_SIZE);
        expect(decoder, hex, list);
        assert_table_is_empty(decoder);
    }
}

#[test]
fn c2_encoded() {
    let one = |field: Field<'_>| encode(&mut Encoder::new(), &[field]);
    assert_eq!(one(Field::indexed(b"custom-key", b"custom-header")), unhex(INSERTED.0));
    assert_eq!(one(Field::literal(b":path", b"/sample/path")), unhex(PATH.0));
    assert_eq!(one(Field::secret(b"password", b"secret")), unhex(PASSWORD.0));
    assert_eq!(one(Field::indexed(b":method", b"GET")), [0x82]);
}

const REQUESTS: [List<'_>; 3] = [
    &[(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "www.example.com")],
    &[
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "www.example.com"),
        ("cache-control", "no-cache"),
    ],
    &[
        (":method", "GET"),
        (":scheme", "https"),
        (":path", "/index.html"),
        (":authority", "www.example.com"),
        ("custom-key", "custom-value"),
    ],
];

const C3: [&str; 3] = [
    "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
    "8286 84be 5808 6e6f 2d63 6163 6865",
    "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
];

const C4: [&str; 3] = [
    "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
    "8286 84be 5886 a8eb 1064 9cbf",
    "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
];

#[test]
fn c3_and_c4_requests() {
    for blocks in [C3, C4] {
        let decoder = &mut Decoder::new(DEFAULT_TABLE_SIZE);
        expect(decoder, blocks[0], REQUESTS[0]);
        let origins = expect(decoder, blocks[1], REQUESTS[1]);
        let known = [Origin::Static(2), Origin::Static(6), Origin::Static(4), Origin::Dynamic(0)];
        assert_eq!(origins, [&known[..], &[Origin::Literal]].concat());
        let origins = expect(decoder, blocks[2], REQUESTS[2]);
        assert_eq!(origins[3], Origin::Dynamic(0));
    }
}

#[test]
fn c3_and_c4_encoded() {
    for (blocks, huffman) in [(C3, false), (C4, true)] {
        let mut encoder = Encoder::new();
        encoder.set_huffman(huffman);
        for (block, list) in blocks.iter().zip(REQUESTS) {
            let fields: Vec<_> =
                list.iter().map(|(n, v)| Field::indexed(n.as_bytes(), v.as_bytes())).collect();
            assert_eq!(encode(&mut encoder, &fields), unhex(block));
        }
    }
}

const RESPONSES: [List<'_>; 3] = [
    &[
        (":status", "302"),
        ("cache-control", "private"),
        ("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
        ("location", "https://www.example.com"),
    ],
    &[
        (":status", "307"),
        ("cache-control", "private"),
        ("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
        ("location", "https://www.example.com"),
    ],
    &[
        (":status", "200"),
        ("cache-control", "private"),
        ("date", "Mon, 21 Oct 2013 20:13:22 GMT"),
        ("location", "https://www.example.com"),
        ("content-encoding", "gzip"),
        ("set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"),
    ],
];

const C5: [&str; 3] = [
    "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133
     2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70
     6c65 2e63 6f6d",
    "4803 3330 37c1 c0bf",
    "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d
     54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049
     5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e
     3d31",
];

const C6: [&str; 3] = [
    "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6
     2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
    "4883 640e ffc1 c0bf",
    "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab
     77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f
     9587 3160 65c0 03ed 4ee5 b106 3d50 07",
];

/// The table of 256 bytes evicts one entry in the second response and four in the third.
#[test]
fn c5_and_c6_responses_with_evictions() {
    for blocks in [C5, C6] {
        let decoder = &mut Decoder::new(256);
        expect(decoder, blocks[0], RESPONSES[0]);
        let origins = expect(decoder, blocks[1], RESPONSES[1]);
        assert_eq!(
            origins,
            [Origin::Literal, Origin::Dynamic(1), Origin::Dynamic(2), Origin::Dynamic(3)]
        );
        let origins = expect(decoder, blocks[2], RESPONSES[2]);
        assert_eq!(origins[1], Origin::Dynamic(1));
        assert_eq!(origins[3], Origin::Dynamic(3));
        // three entries are left: set-cookie, content-encoding, date
        let last = RESPONSES[2];
        let origins = expect(decoder, "bebfc0", &[last[5], last[4], last[2]]);
        assert_eq!(origins, [Origin::Dynamic(7), Origin::Dynamic(6), Origin::Dynamic(5)]);
        let mut fields = Fields::new();
        assert!(decoder.decode(&[0xc1], &HeaderLimits::default(), &mut fields).is_err());
    }
}
