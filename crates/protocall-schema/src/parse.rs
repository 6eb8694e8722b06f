//! Pass 2: tokens to syntax tree. Never fails: a statement that cannot be read is reported and
//! skipped, and the next one is read as if nothing had happened.
//! This file holds the cursor and the recovery; the grammar is in `parse/*`.

mod field;
mod file;
mod literal;
mod option;
mod types;

use std::sync::Arc;

use crate::build::scalar;
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::lex::{Token, TokenKind};
use crate::source::{SourceFile, Span};
use crate::syntax::{Block, File, Level, Name, OptionId};

/// Reads a file's tokens. The tree is only meaningful as a whole if no error was reported.
pub(crate) fn parse(
    source: &Arc<SourceFile>,
    tokens: &[Token],
    diagnostics: &mut Diagnostics,
) -> File {
    let mut parser = Parser {
        source,
        tokens,
        at: 0,
        diagnostics,
        depth: 0,
        next_option: 0,
        level: Level::Proto2,
    };
    parser.file()
}

struct Parser<'a> {
    source: &'a Arc<SourceFile>,
    tokens: &'a [Token],
    at: usize,
    diagnostics: &'a mut Diagnostics,
    /// Nesting of messages.
    depth: usize,
    next_option: u32,
    level: Level,
}

/// The statement could not be read; it has been reported.
struct Unreadable;

type Parsed<T> = Result<T, Unreadable>;

impl<'a> Parser<'a> {
    fn token(&self) -> Token {
        self.ahead(0)
    }

    fn ahead(&self, count: usize) -> Token {
        let end = Token { kind: TokenKind::End, span: Span::default() };
        self.tokens.get(self.at + count).or_else(|| self.tokens.last()).copied().unwrap_or(end)
    }

    fn previous(&self) -> Span {
        self.at
            .checked_sub(1)
            .and_then(|at| self.tokens.get(at))
            .map(|t| t.span)
            .unwrap_or_default()
    }

    fn text(&self, token: Token) -> &'a str {
        self.source.slice(token.span)
    }

    fn advance(&mut self) -> Token {
        let token = self.token();
        if token.kind != TokenKind::End {
            self.at += 1;
        }
        token
    }

    fn at_end(&self) -> bool {
        self.token().kind == TokenKind::End
    }

    fn is_symbol(&self, symbol: u8) -> bool {
        self.token().kind == TokenKind::Symbol(symbol)
    }

    fn is_keyword(&self, keyword: &str) -> bool {
        let token = self.token();
        token.kind == TokenKind::Identifier && self.text(token) == keyword
    }

    fn take_symbol(&mut self, symbol: u8) -> Option<Span> {
        self.is_symbol(symbol).then(|| self.advance().span)
    }

    fn take_keyword(&mut self, keyword: &str) -> Option<Span> {
        self.is_keyword(keyword).then(|| self.advance().span)
    }

    fn expect_symbol(&mut self, symbol: u8, after: &str) -> Parsed<Span> {
        match self.take_symbol(symbol) {
            Some(span) => Ok(span),
            None => Err(self.unexpected(&format!("`{}` {after}", char::from(symbol)))),
        }
    }

    fn expect_keyword(&mut self, keyword: &str) -> Parsed<Span> {
        match self.take_keyword(keyword) {
            Some(span) => Ok(span),
            None => Err(self.unexpected(&format!("`{keyword}`"))),
        }
    }

    fn identifier(&mut self, what: &str) -> Parsed<Name> {
        let token = self.token();
        if token.kind != TokenKind::Identifier {
            return Err(self.unexpected(what));
        }
        self.advance();
        Ok(Name { text: self.text(token).to_owned(), span: token.span })
    }

    /// `a.b.c`, with a leading dot if `absolute` allows it.
    fn dotted_name(&mut self, what: &str, absolute: bool) -> Parsed<Name> {
        let mut name = Name { text: String::new(), span: self.token().span };
        if absolute && self.take_symbol(b'.').is_some() {
            name.text.push('.');
        }
        loop {
            let part = self.identifier(what)?;
            name.text.push_str(&part.text);
            name.span = name.span.to(part.span);
            if self.take_symbol(b'.').is_none() {
                return Ok(name);
            }
            name.text.push('.');
        }
    }

    /// The name of a type. `int32` and its like are whole types: nothing can follow their dot, even
    /// where a package is called so. A leading dot makes any name one of a package.
    fn type_name(&mut self, what: &str) -> Parsed<Name> {
        let token = self.token();
        let word = self.text(token);
        if token.kind == TokenKind::Identifier && (scalar(word).is_some() || word == "group") {
            return self.identifier(what);
        }
        self.dotted_name(what, true)
    }

    /// Consumes the `;` of a statement. A missing one is reported where it should stand, and
    /// parsing goes on as if it were there when the next token begins a new line or a new block.
    fn end_of_statement(&mut self) -> Parsed<Span> {
        if let Some(span) = self.take_symbol(b';') {
            return Ok(span);
        }
        let previous = self.previous();
        let next = self.token();
        let place = Span { start: previous.end, end: previous.end };
        let (line, _) = self.source.human_position(previous.end);
        let (next_line, _) = self.source.human_position(next.span.start);
        let resumes = next_line > line || next.kind == TokenKind::Symbol(b'}') || self.at_end();
        if !resumes {
            return Err(self.unexpected("`;` at the end of the statement"));
        }
        self.report(
            Diagnostic::error(code::MISSING_SEMICOLON, "missing `;` at the end of the statement")
                .at(self.source, place, "add `;` here")
                .led_by(self.source, next.span, "here another statement begins"),
        );
        Ok(previous)
    }

    /// Reports the current token and what should be there instead.
    fn unexpected(&mut self, expected: &str) -> Unreadable {
        let token = self.token();
        let found = match token.kind {
            TokenKind::End => "the end of the file".to_owned(),
            TokenKind::String => "a string".to_owned(),
            _ => format!("`{}`", self.text(token)),
        };
        let message = format!("expected {expected}, found {found}");
        let diagnostic = Diagnostic::error(code::UNEXPECTED_TOKEN, message).at(
            self.source,
            token.span,
            format!("expected {expected}"),
        );
        self.report(diagnostic);
        Unreadable
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn error(&mut self, code: code::Code, message: impl Into<String>, span: Span, label: &str) {
        let diagnostic = Diagnostic::error(code, message).at(self.source, span, label);
        self.report(diagnostic);
    }

    /// Skips the rest of a statement: to behind its `;` or its block, or to the `}` that ends the
    /// block it stands in.
    fn skip_statement(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.token().kind {
                TokenKind::End => return,
                TokenKind::Symbol(b'{') => depth += 1,
                TokenKind::Symbol(b'}') if depth == 0 => return,
                TokenKind::Symbol(b'}') => {
                    depth -= 1;
                    if depth == 0 {
                        self.advance();
                        self.take_symbol(b';');
                        return;
                    }
                }
                TokenKind::Symbol(b';') if depth == 0 => {
                    self.advance();
                    return;
                }
                _ => {}
            }
            self.advance();
        }
    }

    /// `{ items }`; `owner` names the construct in the report of a missing `}`.
    fn block<T>(
        &mut self,
        owner: &str,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
    ) -> Parsed<Block<T>> {
        let open = self.expect_symbol(b'{', &format!("to open the {owner}"))?;
        let mut items = Vec::new();
        loop {
            if let Some(close) = self.take_symbol(b'}') {
                return Ok(Block { open, items, close });
            }
            if self.at_end() {
                let message = format!("the {owner} is never closed");
                let diagnostic = Diagnostic::error(code::UNCLOSED_BLOCK, message)
                    .at(self.source, open, "opened here")
                    .led_by(self.source, self.token().span, "the file ends here")
                    .hint("add the closing `}`");
                self.report(diagnostic);
                return Ok(Block { open, items, close: self.previous() });
            }
            let before = self.at;
            match item(self) {
                Ok(item) => items.push(item),
                Err(Unreadable) => {
                    self.skip_statement();
                    self.progress_since(before);
                }
            }
        }
    }

    /// Guards every loop of recovery: a token that nothing consumed is dropped.
    fn progress_since(&mut self, before: usize) {
        if self.at == before && !self.is_symbol(b'}') {
            self.advance();
        }
    }

    fn option_id(&mut self) -> OptionId {
        self.next_option += 1;
        OptionId(self.next_option)
    }
}
