//! Text format's tokens: names, numbers, strings, symbols; `#` begins a comment.

use super::TextError;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Identifier,
    Integer,
    Float,
    String,
    Symbol(u8),
    End,
}

/// A token and where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// All tokens of a text; the last one is [`Kind::End`].
pub(super) fn lex(text: &[u8]) -> Result<Vec<Token>, TextError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blank();
        let start = lexer.at;
        let kind = lexer.token()?;
        tokens.push(Token { kind, start, end: lexer.at });
        if kind == Kind::End {
            return Ok(tokens);
        }
    }
}

/// The error at a place.
pub(super) fn error_at(text: &[u8], at: usize, message: impl Into<String>) -> TextError {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
    let mut column = 0;
    for byte in before.get(line_start..).unwrap_or_default() {
        column += if *byte == b'\t' { 8 - column % 8 } else { 1 };
    }
    TextError::Text { line, column: column + 1, message: message.into() }
}

struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        // no byte of a token is NUL
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn skip_while(&mut self, accept: impl Fn(u8) -> bool) {
        while self.text.get(self.at).is_some_and(|byte| accept(*byte)) {
            self.at += 1;
        }
    }

    fn skip_blank(&mut self) {
        loop {
            self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c));
            if self.peek(0) != b'#' {
                return;
            }
            self.skip_while(|byte| byte != b'\n');
        }
    }

    fn token(&mut self) -> Result<Kind, TextError> {
        let Some(&byte) = self.text.get(self.at) else { return Ok(Kind::End) };
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                self.skip_while(is_name);
                Ok(Kind::Identifier)
            }
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_ascii_digit() => self.number(),
            b'"' | b'\'' => self.string(byte),
            0x21..=0x7e => {
                self.at += 1;
                Ok(Kind::Symbol(byte))
            }
            0x80.. => {
                let shown = format!("Interpreting non ascii codepoint {byte}.");
                Err(error_at(self.text, self.at, shown))
            }
            _ => {
                Err(error_at(self.text, self.at, "Invalid control characters encountered in text."))
            }
        }
    }

    fn number(&mut self) -> Result<Kind, TextError> {
        let mut kind = Kind::Integer;
        if self.peek(0) == b'0' && matches!(self.peek(1), b'x' | b'X') {
            self.at += 2;
            if !self.peek(0).is_ascii_hexdigit() {
                return Err(self.error("\"0x\" must be followed by hex digits."));
            }
            self.skip_while(|byte| byte.is_ascii_hexdigit());
        } else {
            let is_octal = self.peek(0) == b'0' && self.peek(1).is_ascii_digit();
            let start = self.at;
            self.skip_while(|byte| byte.is_ascii_digit());
            let digits = self.text.get(start..self.at).unwrap_or_default();
            if let Some(bad) = digits.iter().position(|digit| is_octal && *digit > b'7') {
                self.at = start + bad;
                return Err(self.error("Numbers starting with leading zero must be in octal."));
            }
            if !is_octal {
                kind = self.fraction()?;
            }
        }
        match self.peek(0) {
            byte if is_name(byte) => Err(self.error("Need space between number and identifier.")),
            b'.' if kind == Kind::Float => {
                let text = "Already saw decimal point or exponent; can't have another one.";
                Err(self.error(text))
            }
            b'.' => Err(self.error("Hex and octal numbers must be integers.")),
            _ => Ok(kind),
        }
    }

    fn fraction(&mut self) -> Result<Kind, TextError> {
        let mut kind = Kind::Integer;
        if self.peek(0) == b'.' {
            kind = Kind::Float;
            self.at += 1;
            self.skip_while(|byte| byte.is_ascii_digit());
        }
        if matches!(self.peek(0), b'e' | b'E') {
            kind = Kind::Float;
            self.at += 1;
            if matches!(self.peek(0), b'-' | b'+') {
                self.at += 1;
            }
            if !self.peek(0).is_ascii_digit() {
                return Err(self.error("\"e\" must be followed by exponent."));
            }
            self.skip_while(|byte| byte.is_ascii_digit());
        }
        if matches!(self.peek(0), b'f' | b'F') {
            kind = Kind::Float;
            self.at += 1;
        }
        Ok(kind)
    }

    fn string(&mut self, quote: u8) -> Result<Kind, TextError> {
        self.at += 1;
        loop {
            match self.text.get(self.at) {
                None => return Err(self.error("Unexpected end of string.")),
                Some(b'\n') => {
                    return Err(
                        self.error("Multiline strings are not allowed. Did you miss a \"?.")
                    );
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                Some(&byte) => {
                    self.at += 1;
                    if byte == quote {
                        return Ok(Kind::String);
                    }
                }
            }
        }
    }

    /// Only whether it is one; `unescape` says what it means.
    fn escape(&mut self) -> Result<(), TextError> {
        let hex = |lexer: &Self, count: usize| {
            (1..=count).all(|ahead| lexer.peek(ahead).is_ascii_hexdigit())
        };
        match self.peek(0) {
            b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' | b'?' | b'\'' | b'"' => {}
            b'0'..=b'7' => {}
            b'x' | b'X' if hex(self, 1) => {}
            b'x' | b'X' => return Err(self.error("Expected hex digits for escape sequence.")),
            b'u' if hex(self, 4) => {}
            b'u' => return Err(self.error("Expected four hex digits for \\u escape sequence.")),
            b'U' if hex(self, 8) && self.peek(1) == b'0' && self.peek(2) == b'0' => {}
            b'U' => {
                let text = "Expected eight hex digits up to 10ffff for \\U escape sequence";
                return Err(self.error(text));
            }
            _ => return Err(self.error("Invalid escape sequence in string literal.")),
        }
        self.at += 1;
        Ok(())
    }

    fn error(&self, message: &str) -> TextError {
        error_at(self.text, self.at, message)
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Appends what a string token means.
pub(super) fn unescape(token: &[u8], out: &mut Vec<u8>) {
    let inner = token.get(1..token.len().saturating_sub(1)).unwrap_or_default();
    let mut rest = inner;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some((&escape, after)) = rest.split_first() else { return };
        rest = after;
        match escape {
            b'a' => out.push(0x07),
            b'b' => out.push(0x08),
            b'f' => out.push(0x0c),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(0x0b),
            b'0'..=b'7' => {
                let first = u32::from(escape - b'0');
                out.push(digits(&mut rest, 8, 2, first).to_le_bytes()[0]);
            }
            b'x' | b'X' => out.push(digits(&mut rest, 16, 2, 0).to_le_bytes()[0]),
            b'u' | b'U' => {
                let code = digits(&mut rest, 16, if escape == b'u' { 4 } else { 8 }, 0);
                let code = join_surrogates(code, &mut rest);
                let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => out.push(other),
        }
    }
}

/// Two `\u` in a row may be one character, as in JSON.
fn join_surrogates(code: u32, rest: &mut &[u8]) -> u32 {
    if !(0xd800..0xdc00).contains(&code) {
        return code;
    }
    let Some(mut after) = rest.strip_prefix(b"\\u") else { return code };
    let low = digits(&mut after, 16, 4, 0);
    if !(0xdc00..0xe000).contains(&low) {
        return code;
    }
    *rest = after;
    0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
}

fn digits(rest: &mut &[u8], radix: u32, most: usize, first: u32) -> u32 {
    let mut value = first;
    for _ in 0..most {
        let digit = rest.first().and_then(|byte| char::from(*byte).to_digit(radix));
        let Some(digit) = digit else { break };
        *rest = rest.get(1..).unwrap_or_default();
        value = value.wrapping_mul(radix).wrapping_add(digit);
    }
    value
}
