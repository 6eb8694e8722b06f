//! Pass 1: text to tokens. Never fails: what is not a token is reported and left out.
//! Comments are skipped here; `comments` reads them again where source info needs them.
//! Language specification: "Lexical elements" of the proto2 and proto3 specifications.

use std::sync::Arc;

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::{SourceFile, Span};

/// What a token is; its text is its span's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Identifier,
    Integer,
    Float,
    String,
    Symbol(u8),
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

/// Splits a file into tokens; the last one is always [`TokenKind::End`].
pub(crate) fn lex(source: &Arc<SourceFile>, diagnostics: &mut Diagnostics) -> Vec<Token> {
    let mut lexer =
        Lexer { source, bytes: source.text().as_bytes(), at: 0, tokens: Vec::new(), diagnostics };
    if source.text().starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    while lexer.token() {}
    lexer.push(TokenKind::End, lexer.bytes.len());
    lexer.tokens
}

struct Lexer<'a> {
    source: &'a Arc<SourceFile>,
    bytes: &'a [u8],
    at: usize,
    tokens: Vec<Token>,
    diagnostics: &'a mut Diagnostics,
}

impl Lexer<'_> {
    /// Reads one token or one piece of what lies between tokens; false at the end.
    fn token(&mut self) -> bool {
        let start = self.at;
        let Some(byte) = self.peek(0) else { return false };
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c => self.at += 1,
            b'/' if self.peek(1) == Some(b'/') => self.line_comment(),
            b'/' if self.peek(1) == Some(b'*') => self.block_comment(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                self.skip_while(is_identifier_byte);
                self.push(TokenKind::Identifier, start);
            }
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_some_and(|b| b.is_ascii_digit()) => self.number(),
            b'"' | b'\'' => self.string(byte),
            0x21..=0x7e => {
                self.at += 1;
                self.push(TokenKind::Symbol(byte), start);
            }
            _ => self.bad_character(),
        }
        true
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        self.tokens.push(Token { kind, span: Span::new(start, self.at) });
    }

    fn skip_while(&mut self, accept: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&accept) {
            self.at += 1;
        }
    }

    fn error(&mut self, code: code::Code, message: &str, start: usize, label: &str, hint: &str) {
        let mut diagnostic =
            Diagnostic::error(code, message).at(self.source, Span::new(start, self.at), label);
        if !hint.is_empty() {
            diagnostic = diagnostic.hint(hint);
        }
        self.diagnostics.push(diagnostic);
    }

    fn line_comment(&mut self) {
        self.skip_while(|b| b != b'\n');
    }

    fn block_comment(&mut self) {
        let start = self.at;
        self.at += 2;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b'*'), Some(b'/')) => {
                    self.at += 2;
                    return;
                }
                (Some(b'/'), Some(b'*')) => {
                    let inner = self.at;
                    self.at += 2;
                    let hint = "block comments do not nest: the first `*/` ends the comment";
                    self.error(code::BAD_COMMENT, "`/*` inside a block comment", inner, "", hint);
                }
                (Some(_), _) => self.at += 1,
                (None, _) => {
                    let (open, end) = (Span::new(start, start + 2), Span::new(self.at, self.at));
                    let message = "block comment is never closed";
                    let diagnostic = Diagnostic::error(code::BAD_COMMENT, message)
                        .at(self.source, open, "opened here")
                        .led_by(self.source, end, "the file ends here")
                        .hint("close it with `*/`");
                    self.diagnostics.push(diagnostic);
                    return;
                }
            }
        }
    }

    fn number(&mut self) {
        let start = self.at;
        let hex = self.peek(0) == Some(b'0') && matches!(self.peek(1), Some(b'x' | b'X'));
        let mut kind = TokenKind::Integer;
        let mut problem = None;
        if hex {
            self.at += 2;
            let digits = self.at;
            self.skip_while(|b| b.is_ascii_hexdigit());
            if self.at == digits {
                problem = Some("`0x` must be followed by hexadecimal digits");
            }
        } else {
            self.skip_while(|b| b.is_ascii_digit());
            let digits = self.bytes.get(start..self.at).unwrap_or_default();
            if self.peek(0) == Some(b'.') {
                kind = TokenKind::Float;
                self.at += 1;
                self.skip_while(|b| b.is_ascii_digit());
            }
            if matches!(self.peek(0), Some(b'e' | b'E')) {
                kind = TokenKind::Float;
                self.at += 1;
                if matches!(self.peek(0), Some(b'+' | b'-')) {
                    self.at += 1;
                }
                let exponent = self.at;
                self.skip_while(|b| b.is_ascii_digit());
                if self.at == exponent {
                    problem = Some("`e` must be followed by an exponent");
                }
            }
            let octal = digits.len() > 1 && digits.first() == Some(&b'0');
            if kind == TokenKind::Integer
                && octal
                && digits.iter().any(|b| !(b'0'..=b'7').contains(b))
            {
                problem = Some("a number that starts with 0 is octal: its digits are 0 to 7");
            }
        }
        if self.peek(0).is_some_and(is_identifier_byte) {
            self.skip_while(is_identifier_byte);
            problem = problem.or(Some("a number and a name must be separated by a space"));
        } else if self.peek(0) == Some(b'.') {
            self.at += 1;
            problem = problem.or(Some("a number has at most one decimal point"));
        }
        if let Some(problem) = problem {
            self.error(code::BAD_NUMBER, "malformed number", start, problem, "");
        }
        self.push(kind, start);
    }

    fn string(&mut self, quote: u8) {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek(0) {
                None | Some(b'\n') => {
                    let message = "string is never closed";
                    let hint = format!("add the closing {} on the same line", char::from(quote));
                    self.error(code::UNTERMINATED_STRING, message, start, "", &hint);
                    break;
                }
                Some(b'\\') if self.peek(1).is_some_and(|b| b != b'\n') => self.at += 2,
                Some(byte) => {
                    self.at += 1;
                    if byte == quote {
                        break;
                    }
                }
            }
        }
        // An escaped multi-byte character may end outside the text only if the file ends in it.
        self.at = self.at.min(self.bytes.len());
        self.push(TokenKind::String, start);
    }

    fn bad_character(&mut self) {
        let start = self.at;
        let character = self.source.text().get(start..).and_then(|rest| rest.chars().next());
        self.at += character.map_or(1, char::len_utf8);
        let shown = character.map_or_else(String::new, |c| c.escape_default().to_string());
        // One report for a whole run of them.
        while let Some(next) = self.peek(0).filter(|b| !b.is_ascii()) {
            let _ = next;
            self.at += 1;
        }
        let message = format!("unexpected character `{shown}`");
        let hint = "outside strings and comments only ASCII is allowed";
        self.error(code::UNEXPECTED_CHARACTER, &message, start, "", hint);
    }
}

fn is_identifier_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
