//! Properties of encoder and decoder together, over whole connections: random lists in sequences
//! of blocks, with sizes that change between them; and of the decoder alone, on any bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::*;
use protocall_http2::hpack::{DEFAULT_TABLE_SIZE, Decoder, Encoder, HeaderLimits, Outcome};
use protocall_http2::{Field, Fields, Indexing, Origin};

const ROOMY: HeaderLimits = HeaderLimits { list_bytes: 1 << 20, fields: 1000 };

#[derive(Clone, Debug)]
struct Owned {
    name: String,
    value: String,
    indexing: Indexing,
}

impl Owned {
    fn field(&self) -> Field<'_> {
        let (name, value) = (self.name.as_bytes(), self.value.as_bytes());
        Field { name, value, indexing: self.indexing }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Block(Vec<Owned>),
    /// SETTINGS_HEADER_TABLE_SIZE of the decoding side, at once acknowledged.
    TableSize(usize),
    Huffman(bool),
}

/// Few names and short values, so that fields come again.
fn field() -> impl Strategy<Value = Owned> {
    let name = prop_oneof![
        3 => "[a-c]{1,2}",
        2 => prop::sample::select(vec![":path", ":status", "content-type", "via", "te", "cookie"])
            .prop_map(str::to_owned),
        1 => "[a-z0-9-]{1,40}",
    ];
    let value = prop_oneof![
        4 => "[0-3]{0,2}",
        2 => "[!-~]{0,40}",
        1 => "[!-~]{0,300}",
        1 => prop::sample::select(vec!["200", "/", "GET", "gzip, deflate"]).prop_map(str::to_owned),
    ];
    let indexing = prop_oneof![
        6 => Just(Indexing::Indexed),
        1 => Just(Indexing::Literal),
        1 => Just(Indexing::Never),
    ];
    (name, value, indexing).prop_map(|(name, value, indexing)| Owned { name, value, indexing })
}

fn step() -> impl Strategy<Value = Step> {
    let sizes = prop_oneof![
        Just(0_usize),
        Just(31),
        Just(150),
        Just(1000),
        Just(DEFAULT_TABLE_SIZE),
        Just(1 << 20),
        0_usize..5000,
    ];
    prop_oneof![
        8 => vec(field(), 0..12).prop_map(Step::Block),
        1 => sizes.prop_map(Step::TableSize),
        1 => any::<bool>().prop_map(Step::Huffman),
    ]
}

/// Both ends of one direction, and what the test knows of them.
struct Pair {
    encoder: Encoder,
    decoder: Decoder,
    fields: Fields,
    /// What each insertion number has stood for.
    meanings: HashMap<u64, (Vec<u8>, Vec<u8>)>,
}

impl Pair {
    fn new() -> Self {
        Self {
            encoder: Encoder::new(),
            decoder: Decoder::new(DEFAULT_TABLE_SIZE),
            fields: Fields::new(),
            meanings: HashMap::new(),
        }
    }

    fn encode(&mut self, list: &[Owned]) -> Vec<u8> {
        let mut out = Vec::new();
        self.encoder.begin_block(&mut out);
        list.iter().for_each(|owned| self.encoder.encode(&owned.field(), &mut out));
        out
    }

    fn assert_decodes(&mut self, block: &[u8], list: &[Owned]) {
        self.fields.clear();
        let outcome = self.decoder.decode(block, &ROOMY, &mut self.fields);
        assert_eq!(outcome, Ok(Outcome::Complete));
        assert_eq!(self.fields.malformed(), None);
        assert_eq!(self.fields.len(), list.len());
        for (decoded, sent) in self.fields.iter().zip(list) {
            assert_eq!(decoded.name, sent.name.as_bytes());
            assert_eq!(decoded.value, sent.value.as_bytes());
            if sent.indexing == Indexing::Never {
                assert_eq!(decoded.origin, Origin::Literal);
            }
            if let Origin::Dynamic(number) = decoded.origin {
                let meaning = (decoded.name.to_vec(), decoded.value.to_vec());
                let known = self.meanings.entry(number).or_insert_with(|| meaning.clone());
                assert_eq!(*known, meaning);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn lists_round_trip_over_a_connection(steps in vec(step(), 1..60)) {
        let mut pair = Pair::new();
        for step in &steps {
            match step {
                Step::TableSize(size) => {
                    pair.encoder.set_peer_table_size(*size);
                    pair.decoder.set_max_table_size(*size);
                }
                Step::Huffman(on) => pair.encoder.set_huffman(*on),
                Step::Block(list) => {
                    let block = pair.encode(list);
                    pair.assert_decodes(&block, list);
                }
            }
        }
    }

    /// What the generation promises: while it stands still, old bytes mean what they meant.
    #[test]
    fn bytes_can_be_replayed_while_the_generation_stands(
        lists in vec((vec(field(), 0..6), 0_usize..3), 1..40),
    ) {
        let mut pair = Pair::new();
        let mut kept: Vec<(u64, Vec<u8>, Vec<Owned>)> = Vec::new();
        for (list, size) in lists {
            let mut start = Vec::new();
            pair.encoder.set_peer_table_size([600, 2000, 4096][size]);
            pair.decoder.set_max_table_size([600, 2000, 4096][size]);
            pair.encoder.begin_block(&mut start);
            pair.assert_decodes(&start, &[]);

            let before = pair.encoder.generation();
            let block = pair.encode(&list);
            pair.assert_decodes(&block, &list);
            if pair.encoder.generation() == before {
                kept.push((before, block, list));
            }
            let now = pair.encoder.generation();
            for (generation, block, list) in &kept {
                if *generation == now {
                    pair.assert_decodes(block, list);
                }
            }
        }
    }

    #[test]
    fn a_frozen_encoder_never_evicts(list in vec(field(), 200..400)) {
        let mut pair = Pair::new();
        let mut frozen_at = None;
        for owned in &list {
            let block = pair.encode(std::slice::from_ref(owned));
            pair.assert_decodes(&block, std::slice::from_ref(owned));
            if pair.encoder.is_frozen() {
                let generation = pair.encoder.generation();
                prop_assert_eq!(*frozen_at.get_or_insert(generation), generation);
            }
        }
    }

    /// Any bytes: an answer within the limits, never a panic.
    #[test]
    fn any_bytes_are_answered(blocks in vec(vec(any::<u8>(), 0..200), 1..10)) {
        let limits = HeaderLimits { list_bytes: 500, fields: 20 };
        let (mut decoder, mut fields) = (Decoder::new(300), Fields::new());
        for block in blocks {
            fields.clear();
            let _ = decoder.decode(&block, &limits, &mut fields);
            prop_assert!(fields.list_size() <= limits.list_bytes && fields.len() <= limits.fields);
            prop_assert!(fields.iter().map(|f| f.name.len() + f.value.len() + 32).sum::<usize>()
                == fields.list_size());
        }
    }

    /// Honest blocks with a few octets changed reach deeper than noise does.
    #[test]
    fn damaged_blocks_are_answered(
        lists in vec(vec(field(), 0..8), 1..8),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        huffman in any::<bool>(),
    ) {
        let mut pair = Pair::new();
        pair.encoder.set_huffman(huffman);
        let limits = HeaderLimits { list_bytes: 400, fields: 6 };
        for list in &lists {
            let mut block = pair.encode(list);
            for (at, octet) in &damage {
                if !block.is_empty() {
                    let at = at.index(block.len());
                    block[at] = *octet;
                }
            }
            pair.fields.clear();
            let result = pair.decoder.decode(&block, &limits, &mut pair.fields);
            prop_assert!(pair.fields.list_size() <= limits.list_bytes);
            if result.is_err() {
                break;
            }
        }
    }

    /// Limits cut the list and nothing else: the table goes on as if there were none.
    #[test]
    fn limits_leave_the_table_in_step(lists in vec(vec(field(), 0..10), 1..20)) {
        let mut pair = Pair::new();
        let (mut cut, mut cut_fields) = (Decoder::new(DEFAULT_TABLE_SIZE), Fields::new());
        let limits = HeaderLimits { list_bytes: 1200, fields: 4 };
        for list in &lists {
            let block = pair.encode(list);
            pair.assert_decodes(&block, list);
            cut_fields.clear();
            let outcome = cut.decode(&block, &limits, &mut cut_fields);
            let is_over = list.len() > limits.fields || pair.fields.list_size() > limits.list_bytes;
            if outcome.is_err() {
                prop_assert!(pair.fields.list_size() > 4 * limits.list_bytes || list.len() > 16);
                return Ok(());
            }
            let expected = if is_over { Outcome::TooLarge } else { Outcome::Complete };
            prop_assert_eq!(outcome, Ok(expected));
            for (a, b) in cut_fields.iter().zip(pair.fields.iter()) {
                prop_assert_eq!((a.name, a.value, a.origin), (b.name, b.value, b.origin));
            }
        }
    }
}
