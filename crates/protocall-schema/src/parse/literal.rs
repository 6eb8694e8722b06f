//! Literals: strings with their escapes, integers, floats.

use super::{Parsed, Parser};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;
use crate::source::Span;
use crate::syntax::Number;

/// Highest number that `\U` takes; protoc looks at the digits alone.
const MAX_CODE: u32 = 0x1f_ffff;

/// Bytes of the second half of a pair, as it is written.
const SECOND_HALF: usize = r"\uDC00".len();

/// Two halves of a character beyond 16 bits: the first one's number, and the text that follows it.
fn surrogate_pair(first: u32, rest: &str) -> Option<u32> {
    let digits = rest.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let second = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    let is_pair = (0xd800..0xdc00).contains(&first) && (0xdc00..0xe000).contains(&second);
    is_pair.then(|| 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
}

/// A number as UTF-8 would write it, were it a character: halves of pairs may stand alone in bytes.
fn push_code(code: u32, out: &mut Vec<u8>) {
    if let Some(character) = char::from_u32(code) {
        out.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
        return;
    }
    let (lead, tails) =
        if code < 0x1_0000 { (0xe0 | (code >> 12), 2) } else { (0xf0 | (code >> 18), 3) };
    out.push(lead.to_le_bytes()[0]);
    for place in (0..tails).rev() {
        out.push((0x80 | ((code >> (6 * place)) & 0x3f)).to_le_bytes()[0]);
    }
}

impl Parser<'_> {
    /// One or more adjacent string tokens, joined. The caller has seen that there is one.
    pub(super) fn string_literal(&mut self) -> (Vec<u8>, Span) {
        let mut value = Vec::new();
        let mut span = self.token().span;
        while self.token().kind == TokenKind::String {
            let token = self.advance();
            self.unescape(token.span, &mut value);
            span = span.to(token.span);
        }
        (value, span)
    }

    /// A string that must be text.
    pub(super) fn utf8_literal(&mut self) -> (String, Span) {
        let (bytes, span) = self.string_literal();
        match String::from_utf8(bytes) {
            Ok(text) => (text, span),
            Err(error) => {
                self.error(code::BAD_ESCAPE, "the string is not valid UTF-8", span, "");
                (String::from_utf8_lossy(error.as_bytes()).into_owned(), span)
            }
        }
    }

    fn unescape(&mut self, span: Span, out: &mut Vec<u8>) {
        let text = self.source.slice(span);
        let quote = text.chars().next().unwrap_or('"');
        let body = text.strip_prefix(quote).unwrap_or(text);
        let mut bytes = body.bytes().enumerate().peekable();
        let mut problems = Vec::new();
        while let Some((at, byte)) = bytes.next() {
            if byte == quote as u8 {
                break;
            }
            if byte != b'\\' {
                out.push(byte);
                continue;
            }
            let Some((_, escape)) = bytes.next() else { break };
            let mut digits = |radix: u32, most: usize, first: u32| {
                let mut value = first;
                let mut count = 0;
                while count < most {
                    let digit = bytes.peek().and_then(|(_, b)| char::from(*b).to_digit(radix));
                    let Some(digit) = digit else { break };
                    bytes.next();
                    value = value.wrapping_mul(radix).wrapping_add(digit);
                    count += 1;
                }
                (value, count)
            };
            match escape {
                b'a' => out.push(0x07),
                b'b' => out.push(0x08),
                b'f' => out.push(0x0c),
                b'n' => out.push(b'\n'),
                b'r' => out.push(b'\r'),
                b't' => out.push(b'\t'),
                b'v' => out.push(0x0b),
                b'\\' | b'\'' | b'"' | b'?' => out.push(escape),
                b'0'..=b'7' => {
                    let (value, _) = digits(8, 2, u32::from(escape - b'0'));
                    out.push(value.to_le_bytes()[0]);
                }
                b'x' | b'X' => match digits(16, 2, 0) {
                    (_, 0) => problems.push((at, "`\\x` needs hexadecimal digits")),
                    (value, _) => out.push(value.to_le_bytes()[0]),
                },
                b'u' | b'U' => {
                    let wanted = if escape == b'u' { 4 } else { 8 };
                    let (value, count) = digits(16, wanted, 0);
                    if count < wanted || value > MAX_CODE {
                        problems.push((at, "not the code of a character"));
                        continue;
                    }
                    let rest = body.get(at + 2 + count..).unwrap_or_default();
                    let pair = surrogate_pair(value, rest);
                    if pair.is_some() {
                        let _ = bytes.nth(SECOND_HALF - 1);
                    }
                    push_code(pair.unwrap_or(value), out);
                }
                _ => problems.push((at, "unknown escape")),
            }
        }
        for (at, label) in problems {
            let start = span.start as usize + quote.len_utf8() + at;
            let place = Span::new(start, (start + 2).min(span.end as usize));
            let diagnostic = Diagnostic::error(code::BAD_ESCAPE, "invalid escape in a string")
                .at(self.source, place, label)
                .hint("write `\\\\` for a backslash");
            self.report(diagnostic);
        }
    }

    /// The value of an integer token; `None` when it does not fit into 64 bits.
    pub(super) fn integer_value(text: &str) -> Option<u64> {
        if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            return u64::from_str_radix(hex, 16).ok();
        }
        match text.strip_prefix('0') {
            Some(octal) if !octal.is_empty() => u64::from_str_radix(octal, 8).ok(),
            _ => text.parse().ok(),
        }
    }

    /// A number of a field, range or enum value, with `-` if `signed`.
    pub(super) fn number(&mut self, what: &str, signed: bool) -> Parsed<Number> {
        let start = self.token().span;
        let negative = signed && self.take_symbol(b'-').is_some();
        let token = self.token();
        if token.kind != TokenKind::Integer {
            return Err(self.unexpected(what));
        }
        self.advance();
        let magnitude = Self::integer_value(self.text(token)).and_then(|v| i64::try_from(v).ok());
        let value =
            magnitude.map(|v| if negative { -v } else { v }).and_then(|v| i32::try_from(v).ok());
        let span = start.to(token.span);
        if value.is_none() {
            self.error(code::NUMBER_OUT_OF_RANGE, "the number does not fit into 32 bits", span, "");
        }
        Ok(Number { value, span })
    }
}
