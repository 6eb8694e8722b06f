//! Protobuf's text format for buffa's messages: reading, as the format's rules want it.
//!
//! buffa reads the format, but takes the names in brackets as they stand. Here they are put in
//! order before it sees them: blanks and comments, which may stand within, are taken out, and an
//! `Any` is found by the type behind its last slash, whatever the domain. Writing is buffa's;
//! `extension` has what it lacks of extensions.

pub mod extension;

use std::borrow::Cow;
use std::ops::Range;

use buffa::text::{ParseError, TextDecoder, TextFormat};

/// The prefix of the URLs that types are registered under.
const DOMAIN: &str = "type.googleapis.com/";

/// Reads a message from text.
///
/// Extensions and the contents of an `Any` must be registered before
/// ([`buffa::type_registry::set_type_registry`]).
///
/// # Errors
/// [`ParseError`] with line and column, the column as if names in brackets held no blanks: wrong
/// syntax, an unknown field or type, a value of the wrong type, or more than
/// [`buffa::DEFAULT_ELEMENT_MEMORY_LIMIT`] bytes of elements.
pub fn decode_from_str<M: TextFormat + Default>(text: &str) -> Result<M, ParseError> {
    let mut message = M::default();
    merge_from_str(&mut message, text)?;
    Ok(message)
}

/// Merges text into a message: values are replaced, lists appended to, messages merged.
///
/// # Errors
/// As [`decode_from_str`]; the message is then partly merged.
pub fn merge_from_str<M: TextFormat>(message: &mut M, text: &str) -> Result<(), ParseError> {
    message.merge_text(&mut TextDecoder::new(&normalized(text)))
}

/// The text with its names in brackets as buffa wants them; the text itself if they are.
///
/// For programs that hold a [`TextDecoder`] of their own, with other limits.
#[must_use]
pub fn normalized(text: &str) -> Cow<'_, str> {
    if !text.contains('[') {
        return Cow::Borrowed(text);
    }
    let mut walk = Walk { text, at: 0, done: 0, out: String::new(), open: Vec::new() };
    walk.run();
    if walk.done == 0 {
        return Cow::Borrowed(text);
    }
    let mut out = walk.out;
    out.push_str(&text[walk.done..]);
    Cow::Owned(out)
}

/// What a value stands in.
enum Open<'a> {
    List,
    /// A message; if it is an `Any`'s of another domain, the URL to be said behind it.
    Message(Option<Cow<'a, str>>),
}

/// Goes over the text once, and copies it with other names in brackets. It knows no more of the
/// syntax than tells a name in brackets from a list; what is wrong is left for buffa to say.
struct Walk<'a> {
    text: &'a str,
    /// The next byte to look at.
    at: usize,
    /// Up to here the text is in `out`.
    done: usize,
    out: String,
    open: Vec<Open<'a>>,
}

/// What comes next in a message.
enum Next<'a> {
    Name,
    /// The value of a field, which may be an `Any` with this URL.
    Value(Option<Cow<'a, str>>),
}

impl<'a> Walk<'a> {
    fn run(&mut self) {
        let mut next = Next::Name;
        while let Some(&byte) = self.text.as_bytes().get(self.at) {
            let begin = self.at;
            self.at += 1;
            next = match (byte, next) {
                (b'#', next) => {
                    self.at = after_comment(self.text, begin);
                    next
                }
                (b'"' | b'\'', _) => {
                    self.at = after_string(self.text, begin, byte);
                    Next::Name
                }
                (b'[', Next::Name) if !matches!(self.open.last(), Some(Open::List)) => {
                    let Some(end) = after_brackets(self.text, self.at) else { return };
                    let url = self.name(begin..end);
                    Next::Value(url)
                }
                (b'[', _) => {
                    self.open.push(Open::List);
                    Next::Value(None)
                }
                (b'{' | b'<', Next::Value(url)) => {
                    self.open.push(Open::Message(url));
                    Next::Name
                }
                (b'{' | b'<', Next::Name) => {
                    self.open.push(Open::Message(None));
                    Next::Name
                }
                (b']' | b'}' | b'>', _) => {
                    self.close();
                    Next::Name
                }
                (b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_', next) => {
                    self.at = after_word(self.text, begin);
                    match next {
                        Next::Name if !matches!(self.open.last(), Some(Open::List)) => {
                            Next::Value(None)
                        }
                        _ => Next::Name,
                    }
                }
                (_, next) => next,
            };
        }
    }

    /// Puts a name in brackets in order. Returns the URL of an `Any` that buffa would not know.
    fn name(&mut self, range: Range<usize>) -> Option<Cow<'a, str>> {
        self.at = range.end;
        let inside = &self.text[range.start + 1..range.end - 1];
        let name = without_blanks(inside);
        let url = match name.rsplit_once('/') {
            Some((prefix, of_type)) if is_prefix(prefix) && is_name(of_type) => {
                name.len() != DOMAIN.len() + of_type.len() || !name.starts_with(DOMAIN)
            }
            None if is_name(&name) => false,
            _ => return None,
        };
        if !url && matches!(name, Cow::Borrowed(_)) {
            return None;
        }
        self.out.push_str(&self.text[self.done..range.start]);
        self.done = range.end;
        self.out.push('[');
        match name.rsplit_once('/').filter(|_| url) {
            Some((_, of_type)) => self.out.extend([DOMAIN, of_type]),
            None => self.out.push_str(&name),
        }
        // what follows stays in its line; at the end of a name, buffa takes blanks
        self.out.extend(inside.chars().filter(|c| *c == '\n'));
        self.out.push(']');
        url.then_some(name)
    }

    fn close(&mut self) {
        if let Some(Open::Message(Some(url))) = self.open.pop() {
            self.out.push_str(&self.text[self.done..self.at]);
            self.done = self.at;
            // an `Any` takes the last URL that it is told; of its characters none needs an escape
            self.out.extend([" type_url: \"", &url, "\""]);
        }
    }
}

/// Behind the line's end.
fn after_comment(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

/// Behind a string's closing quote.
fn after_string(text: &str, at: usize, quote: u8) -> usize {
    let mut escaped = false;
    let end = text.as_bytes()[at + 1..].iter().position(|&byte| {
        let closes = byte == quote && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    end.map_or(text.len(), |end| at + 1 + end + 1)
}

/// Behind a word or a number.
fn after_word(text: &str, at: usize) -> usize {
    let in_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let bytes = &text.as_bytes()[at..];
    let mut end = at;
    let mut previous = 0;
    for byte in bytes {
        // the sign of an exponent
        let sign = matches!(byte, b'-' | b'+') && matches!(previous, b'e' | b'E');
        if !in_word(byte) && !sign {
            break;
        }
        previous = *byte;
        end += 1;
    }
    end
}

/// Behind the bracket that closes a name; one in a comment does not.
fn after_brackets(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let found = at + text[at..].find([']', '#'])?;
        if text.as_bytes()[found] == b']' {
            return Some(found + 1);
        }
        at = after_comment(text, found);
    }
}

/// A name without the blanks and comments in it.
fn without_blanks(name: &str) -> Cow<'_, str> {
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c');
    if !name.contains(is_blank) && !name.contains('#') {
        return Cow::Borrowed(name);
    }
    let lines = name.split('\n').map(|line| line.split('#').next().unwrap_or_default());
    Cow::Owned(lines.flat_map(|line| line.chars().filter(|c| !is_blank(*c))).collect())
}

/// A type's or an extension's full name.
fn is_name(name: &str) -> bool {
    name.split('.').all(|part| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}

/// What may stand before the last slash of a URL: unreserved characters, sub-delimiters and escapes
/// of RFC 3986 (section 2), but no apostrophe, as in protobuf's text format.
fn is_prefix(prefix: &str) -> bool {
    let mut parts = prefix.split('%');
    let allowed = |text: &str| {
        text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~!$&()*+,;=/".contains(&b))
    };
    let first = parts.next().unwrap_or_default();
    !prefix.is_empty()
        && allowed(first)
        && parts.all(|part| {
            let escape = part.as_bytes().first_chunk::<2>();
            escape.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) && allowed(part)
        })
}

#[cfg(test)]
mod tests;
