//! Valid messages out of a fuzzer's choices: fields in any order, as often as may be, lists packed
//! or not, oneofs more than once, unknown fields in between. It knows the descriptors and the wire
//! format, and nothing of either codec.

use std::collections::HashMap;
use std::sync::OnceLock;

use buffa_descriptor::generated::descriptor::feature_set::MessageEncoding;
use buffa_descriptor::generated::descriptor::field_descriptor_proto::{Label, Type};
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorSet,
};
use protocall::buffa::Message;

/// Levels of messages; less than any limit.
const MAX_DEPTH: usize = 24;
/// Strings that are short, empty, long, and of characters of every length.
const TEXTS: [&str; 8] = [
    "",
    "a",
    "plain text",
    "grün, 緑, зелёный, 🟢",
    "exactly sixteen.",
    "a text that is a little longer than all of the others, of one hundred and thirty characters \
     or so, and its length takes two bytes, see",
    "\u{0}\u{7f}",
    "ends in é",
];

/// A fuzzer's bytes as choices; 0 for ever when they are used up.
pub(super) struct Choices<'a> {
    bytes: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(super) fn next_u8(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((first, rest)) => {
                self.bytes = rest;
                *first
            }
            None => 0,
        }
    }

    pub(super) fn next_u16(&mut self) -> u16 {
        u16::from_le_bytes([self.next_u8(), self.next_u8()])
    }

    /// Small numbers, negative ones, and ones of every length.
    fn number(&mut self) -> u64 {
        let choice = self.next_u8();
        let value = u64::from(self.next_u8());
        match choice % 4 {
            0 => value,
            1 => value.wrapping_neg(),
            2 => value << (choice >> 2),
            _ => u64::MAX >> (choice >> 2) ^ value,
        }
    }
}

/// A message, and whether its file's messages are groups unless they say otherwise.
struct Known {
    message: DescriptorProto,
    delimited: bool,
}

impl Known {
    fn is_map_entry(&self) -> bool {
        self.message.options.as_option().and_then(|options| options.map_entry) == Some(true)
    }
}

type Messages = HashMap<String, Known>;

/// The messages by full name.
fn descriptors() -> &'static Messages {
    static MESSAGES: OnceLock<Messages> = OnceLock::new();
    MESSAGES.get_or_init(|| {
        let set = FileDescriptorSet::decode_from_slice(super::proto::FILE_DESCRIPTOR_SET);
        let mut messages = HashMap::new();
        for file in set.iter().flat_map(|set| &set.file) {
            let scope = format!(".{}", file.package.as_deref().unwrap_or_default());
            let features = file.options.as_option().and_then(|of| of.features.as_option());
            let encoding = features.and_then(|features| features.message_encoding);
            let delimited = encoding == Some(MessageEncoding::DELIMITED);
            let members = file.message_type.iter();
            members.for_each(|message| add(&mut messages, &scope, message, delimited));
        }
        messages
    })
}

fn add(messages: &mut Messages, scope: &str, message: &DescriptorProto, delimited: bool) {
    let name = format!("{scope}.{}", message.name.as_deref().unwrap_or_default());
    message.nested_type.iter().for_each(|nested| add(messages, &name, nested, delimited));
    messages.insert(name, Known { message: message.clone(), delimited });
}

/// A message of that name.
///
/// # Panics
/// When there is no such message.
pub(super) fn message(name: &str, choices: &mut Choices<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    fields(name, choices, MAX_DEPTH, &mut out);
    out
}

fn fields(name: &str, choices: &mut Choices<'_>, depth: usize, out: &mut Vec<u8>) {
    let Some(owner) = descriptors().get(name) else { panic!("no message {name}") };
    let message = &owner.message;
    let count = choices.next_u8() % 8;
    for _ in 0..count {
        let choice = usize::from(choices.next_u8());
        match message.field.get(choice % (message.field.len() + 1)) {
            Some(known) => field(owner, known, choices, depth, out),
            None => unknown(choices, depth, out),
        }
    }
}

fn field(
    owner: &Known,
    field: &FieldDescriptorProto,
    choices: &mut Choices<'_>,
    depth: usize,
    out: &mut Vec<u8>,
) {
    let number = field.number.unwrap_or_default() as u32;
    let of = field.r#type.unwrap_or_default();
    match of {
        Type::TYPE_MESSAGE | Type::TYPE_GROUP => {
            if depth > 0 {
                nested(owner, field, choices, depth - 1, out);
            }
            return;
        }
        Type::TYPE_STRING | Type::TYPE_BYTES => {
            tag(number, 2, out);
            delimited(text(of, choices), out);
            return;
        }
        _ => {}
    }
    if field.label == Some(Label::LABEL_REPEATED) && choices.next_u8() & 1 == 0 {
        let mut packed = Vec::new();
        for _ in 0..choices.next_u8() % 20 {
            scalar(of, choices, &mut packed);
        }
        tag(number, 2, out);
        delimited(&packed, out);
    } else {
        tag(number, wire_type(of), out);
        scalar(of, choices, out);
    }
}

fn text(of: Type, choices: &mut Choices<'_>) -> &'static [u8] {
    let choice = usize::from(choices.next_u8());
    let text = TEXTS[choice % TEXTS.len()].as_bytes();
    // bytes may be cut anywhere
    match of {
        Type::TYPE_BYTES => text.get(choice >> 3..).unwrap_or_default(),
        _ => text,
    }
}

fn nested(
    owner: &Known,
    field: &FieldDescriptorProto,
    choices: &mut Choices<'_>,
    depth: usize,
    out: &mut Vec<u8>,
) {
    let encoding = field
        .options
        .as_option()
        .and_then(|options| options.features.as_option())
        .and_then(|features| features.message_encoding);
    let name = field.type_name.as_deref().unwrap_or_default();
    let as_group = encoding.map_or(owner.delimited, |own| own == MessageEncoding::DELIMITED);
    // maps are never groups, nor is what is in them
    let in_map =
        owner.is_map_entry() || descriptors().get(name).is_some_and(|known| known.is_map_entry());
    let group = field.r#type == Some(Type::TYPE_GROUP) || as_group && !in_map;
    let number = field.number.unwrap_or_default() as u32;
    let mut inner = Vec::new();
    fields(name, choices, depth, &mut inner);
    if group {
        tag(number, 3, out);
        out.extend_from_slice(&inner);
        tag(number, 4, out);
    } else {
        tag(number, 2, out);
        delimited(&inner, out);
    }
}

/// A field of a number that no message here has, groups of such fields included.
fn unknown(choices: &mut Choices<'_>, depth: usize, out: &mut Vec<u8>) {
    let choice = choices.next_u8();
    let number = 600 + u32::from(choice >> 3);
    match choice % 8 {
        0 | 1 => {
            tag(number, 0, out);
            varint(choices.number(), out);
        }
        2 => {
            tag(number, 1, out);
            out.extend_from_slice(&choices.number().to_le_bytes());
        }
        3 => {
            tag(number, 5, out);
            out.extend_from_slice(&[choices.next_u8(); 4]);
        }
        4 | 5 => {
            tag(number, 2, out);
            delimited(text(Type::TYPE_BYTES, choices), out);
        }
        _ => {
            tag(number, 3, out);
            for _ in 0..choices.next_u8() % 3 * usize::from(depth > 0) as u8 {
                unknown(choices, depth - 1, out);
            }
            tag(number, 4, out);
        }
    }
}

fn wire_type(of: Type) -> u32 {
    match of {
        Type::TYPE_DOUBLE | Type::TYPE_FIXED64 | Type::TYPE_SFIXED64 => 1,
        Type::TYPE_FLOAT | Type::TYPE_FIXED32 | Type::TYPE_SFIXED32 => 5,
        _ => 0,
    }
}

fn scalar(of: Type, choices: &mut Choices<'_>, out: &mut Vec<u8>) {
    let value = choices.number();
    match wire_type(of) {
        1 => out.extend_from_slice(&value.to_le_bytes()),
        5 => out.extend_from_slice(&(value as u32).to_le_bytes()),
        _ => varint(value, out),
    }
}

fn tag(number: u32, wire_type: u32, out: &mut Vec<u8>) {
    varint(u64::from(number << 3 | wire_type), out);
}

fn delimited(bytes: &[u8], out: &mut Vec<u8>) {
    varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
