//! Decodes blocks that another implementation made (`hpack_fixtures/python_hpack.txt`), and sends
//! the same lists through our own encoder.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use protocall_http2::hpack::{DEFAULT_TABLE_SIZE, Decoder, Encoder, HeaderLimits, Outcome};
use protocall_http2::{Field, Fields};

const FIXTURES: &str = include_str!("hpack_fixtures/python_hpack.txt");

/// The file's blocks; a change of this number is a change of the file.
const BLOCKS: usize = 81;

type List = Vec<(Vec<u8>, Vec<u8>)>;

enum Step {
    Story,
    Allow(usize),
    Block(Vec<u8>, List),
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |c: u8| char::from(c).to_digit(16).unwrap() as u8;
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn unescape(text: &str) -> Vec<u8> {
    let mut parts = text.split("\\x");
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.extend(unhex(&part[..2]));
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    bytes
}

fn parse() -> Vec<Step> {
    let mut steps = Vec::new();
    for line in FIXTURES.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.trim_start().split_once(' ').unwrap();
        match (line.starts_with(' '), word) {
            (true, name) => match steps.last_mut() {
                Some(Step::Block(_, list)) => list.push((unescape(name), unescape(rest))),
                _ => panic!("a field outside a block: {line}"),
            },
            (false, "story") => steps.push(Step::Story),
            (false, "allow") => steps.push(Step::Allow(rest.parse().unwrap())),
            (false, "block") => steps.push(Step::Block(unhex(rest), Vec::new())),
            _ => panic!("unknown line: {line}"),
        }
    }
    steps
}

fn limits() -> HeaderLimits {
    HeaderLimits { list_bytes: 1 << 20, fields: 1000 }
}

fn assert_decodes(decoder: &mut Decoder, block: &[u8], list: &List, fields: &mut Fields) {
    fields.clear();
    assert_eq!(decoder.decode(block, &limits(), fields), Ok(Outcome::Complete));
    assert_eq!(fields.malformed(), None);
    let decoded: List = fields.iter().map(|f| (f.name.to_vec(), f.value.to_vec())).collect();
    assert_eq!(decoded, *list);
    let size: usize = list.iter().map(|(name, value)| name.len() + value.len() + 32).sum();
    assert_eq!(fields.list_size(), size);
}

#[test]
fn every_block_decodes_to_its_list() {
    let (mut decoder, mut fields) = (Decoder::new(DEFAULT_TABLE_SIZE), Fields::new());
    let mut blocks = 0;
    for step in parse() {
        match step {
            Step::Story => decoder = Decoder::new(DEFAULT_TABLE_SIZE),
            Step::Allow(size) => decoder.set_max_table_size(size),
            Step::Block(block, list) => {
                assert_decodes(&mut decoder, &block, &list, &mut fields);
                blocks += 1;
            }
        }
    }
    assert_eq!(blocks, BLOCKS);
}

#[test]
fn every_list_survives_our_own_encoder() {
    for huffman in [false, true] {
        let (mut decoder, mut encoder) = (Decoder::new(DEFAULT_TABLE_SIZE), Encoder::new());
        let (mut fields, mut out) = (Fields::new(), Vec::new());
        for step in parse() {
            match step {
                Step::Story => {
                    (decoder, encoder) = (Decoder::new(DEFAULT_TABLE_SIZE), Encoder::new());
                    encoder.set_huffman(huffman);
                }
                Step::Allow(size) => {
                    decoder.set_max_table_size(size);
                    encoder.set_peer_table_size(size);
                }
                Step::Block(_, list) => {
                    out.clear();
                    encoder.begin_block(&mut out);
                    for (name, value) in &list {
                        encoder.encode(&Field::indexed(name, value), &mut out);
                    }
                    assert_decodes(&mut decoder, &out, &list, &mut fields);
                }
            }
        }
    }
}
