//! Text format beside protoc: messages made at random, with fields of every number and wire type,
//! as text by both sides, and that text as bytes again. Few large messages, since a protoc in
//! Python takes long to start.

use std::path::Path;
use std::process::Command;

use super::corpus::CORPORA;
use super::{LIMIT, Protoc, empty, ours};
use crate::error::{Context, Error};
use crate::process;
use crate::workspace::Workspace;

/// A file of protobuf's test messages for Go, and a type of it.
const TYPES: &[(&str, &str)] = &[
    ("internal/testprotos/test/test.proto", "goproto.proto.test.TestAllTypes"),
    ("internal/testprotos/test/test.proto", "goproto.proto.test.TestAllExtensions"),
    ("internal/testprotos/test3/test.proto", "goproto.proto.test3.TestAllTypes"),
    ("internal/testprotos/testeditions/test.proto", "goproto.proto.testeditions.TestAllTypes"),
];
const SEEDS: u64 = 4;
const FIELDS: usize = 3_000;

pub(super) fn check(workspace: &Workspace, protoc: &Protoc) -> Result<(), Error> {
    let corpus = CORPORA.iter().find(|corpus| corpus.name == "protobuf-go");
    let corpus = corpus.ok_or_else(|| Error::new("no corpus of protobuf's test messages"))?;
    let files = corpus.files(workspace, &protoc.includes)?;
    let folder = empty(workspace.cache("compat")?.join("text"))?;
    let roots: Vec<String> =
        files.roots.iter().map(|root| format!("-I{}", root.display())).collect();
    let mut compared = 0;
    for (file, ty) in TYPES {
        for seed in 0..SEEDS {
            let bytes = Random(seed * 977 + 1).message(FIELDS);
            let both = |flags: &[String], input: &[u8]| -> Result<Vec<u8>, Error> {
                let call = |mut command: Command, side: &str| {
                    command.args(flags);
                    if flags.len() > 1 {
                        command.args(&roots).arg(file);
                    }
                    pipe(&folder, side, command, input)
                };
                let theirs = call(protoc.command(workspace), "theirs")?;
                let ours = call(ours(workspace), "ours")?;
                if theirs == ours {
                    return Ok(theirs);
                }
                let text =
                    format!("{ty}, seed {seed}, {}: {}", flags.join(" "), first(&theirs, &ours));
                Err(Error::new(text))
            };
            let text = both(&[format!("--decode={ty}"), "-I.".to_owned()], &bytes)?;
            both(&["--decode_raw".to_owned()], &bytes)?;
            // unknown fields cannot be read back: they are left out
            let known = without_unknown(&String::from_utf8_lossy(&text));
            both(&[format!("--encode={ty}"), "-I.".to_owned()], known.as_bytes())?;
            compared += known.lines().count();
        }
    }
    println!("        {compared} lines of text are the same, and their bytes");
    Ok(())
}

/// Runs a program with a file as its standard input, and gives its standard output.
fn pipe(folder: &Path, side: &str, mut command: Command, input: &[u8]) -> Result<Vec<u8>, Error> {
    let (from, to) = (folder.join("input"), folder.join(side));
    std::fs::write(&from, input).context(from.display())?;
    // the shell opens the files, since `finish` keeps standard streams to itself
    let words: Vec<_> = std::iter::once(command.get_program().to_owned())
        .chain(command.get_args().map(ToOwned::to_owned))
        .collect();
    let mut shell = Command::new("sh");
    shell.args(["-c", "input=$1 output=$2; shift 2; \"$@\" < \"$input\" > \"$output\"", "sh"]);
    shell.arg(&from).arg(&to).args(words);
    command = shell;
    process::finish(command, LIMIT)?.success()?;
    std::fs::read(&to).context(to.display())
}

fn first(theirs: &[u8], ours: &[u8]) -> String {
    let place = theirs.iter().zip(ours).position(|(a, b)| a != b);
    let place = place.unwrap_or_else(|| theirs.len().min(ours.len()));
    let around = |bytes: &[u8]| {
        let shown = bytes.get(place.saturating_sub(80)..bytes.len().min(place + 80));
        format!("{:?}", String::from_utf8_lossy(shown.unwrap_or_default()))
    };
    format!("at byte {place}\nprotoc: {}\nours:   {}", around(theirs), around(ours))
}

/// Without the fields that have numbers for names.
fn without_unknown(text: &str) -> String {
    let mut out = String::new();
    let mut skipped: Option<usize> = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        if let Some(depth) = skipped {
            if indent == depth && line.trim() == "}" {
                skipped = None;
            }
        } else if line.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
            skipped = line.ends_with('{').then_some(indent);
        } else {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

/// Numbers that a seed repeats (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Records of every kind.
    fn message(&mut self, fields: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..fields {
            let number = 1 + self.below(540);
            self.record(number, &mut out);
        }
        out
    }

    fn record(&mut self, number: u64, out: &mut Vec<u8>) {
        let kind = self.below(8);
        let wire_type = [0, 1, 2, 2, 2, 2, 5, 3].get(kind as usize).copied().unwrap_or(0);
        varint(number << 3 | wire_type, out);
        match wire_type {
            0 => {
                let bits = self.below(64);
                varint(self.next() >> bits, out);
            }
            1 => out.extend(self.next().to_le_bytes()),
            5 => out.extend((self.next() as u32).to_le_bytes()),
            3 => {
                let inner = 1 + self.below(15);
                varint(inner << 3, out);
                out.push(self.below(100) as u8);
                varint(number << 3 | 4, out);
            }
            _ => {
                let payload = self.payload();
                varint(payload.len() as u64, out);
                out.extend(payload);
            }
        }
    }

    /// Sixteen bytes, or a multiple, that are everything at once, since the field's type is not
    /// known here: ASCII text, a message, and a packed run of any kind of number.
    fn payload(&mut self) -> Vec<u8> {
        let mut payload = Vec::new();
        for _ in 0..self.below(4) {
            let mut pairs = 8;
            if self.below(2) == 0 {
                let number = 1 + self.below(15);
                payload.extend([(number << 3 | 2) as u8, 8]);
                pairs = 7;
            }
            for _ in 0..pairs {
                let number = 1 + self.below(15);
                payload.extend([(number << 3) as u8, self.below(0x80) as u8]);
            }
        }
        payload
    }
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
