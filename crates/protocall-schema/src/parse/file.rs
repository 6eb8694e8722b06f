//! Grammar of a file's own statements: syntax, package, import, and the hand-over to the others.

use super::{Parsed, Parser, Unreadable};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;
use crate::source::Span;
use crate::suggest;
use crate::syntax::{File, Import, ImportKind, Item, Level, Package, Syntax};

const KEYWORDS: [&str; 8] =
    ["syntax", "package", "import", "option", "message", "enum", "service", "extend"];

impl Parser<'_> {
    pub(super) fn file(&mut self) -> File {
        let mut file = File::default();
        let first = self.token().span;
        file.syntax = self.syntax();
        while !self.at_end() {
            let before = self.at;
            match self.item() {
                Ok(item) => file.items.push(item),
                Err(Unreadable) => {
                    self.skip_statement();
                    self.stray_brace();
                    self.progress_since(before);
                }
            }
        }
        // Without a token the span runs from the end back to the start, as in protoc.
        file.span = if self.at == 0 {
            Span { start: first.start, end: 0 }
        } else {
            first.to(self.previous())
        };
        self.check_repeated_package(&file);
        file
    }

    fn syntax(&mut self) -> Option<Syntax> {
        let start = self.token().span;
        if !self.is_keyword("syntax") && !self.is_keyword("edition") {
            let message = "no syntax line: the file is read as proto2";
            let diagnostic = Diagnostic::warning(code::MISSING_SYNTAX, message)
                .at(self.source, start, "")
                .hint("begin the file with `syntax = \"proto3\";`");
            self.report(diagnostic);
            return None;
        }
        match self.syntax_line() {
            Ok(syntax) => syntax,
            Err(Unreadable) => {
                self.skip_statement();
                None
            }
        }
    }

    fn syntax_line(&mut self) -> Parsed<Option<Syntax>> {
        let keyword = self.advance();
        let is_edition = self.text(keyword) == "edition";
        self.expect_symbol(b'=', "after the keyword")?;
        if self.token().kind != TokenKind::String {
            return Err(self.unexpected("a string, for instance `\"proto3\"`"));
        }
        let (value, value_span) = self.string_literal();
        let end = self.end_of_statement()?;
        let level = match value.as_slice() {
            b"proto2" if !is_edition => Level::Proto2,
            b"proto3" if !is_edition => Level::Proto3,
            _ => {
                let value = String::from_utf8_lossy(&value).into_owned();
                let diagnostic = if is_edition {
                    let message = format!("editions are not supported yet (edition \"{value}\")");
                    Diagnostic::error(code::EDITIONS_UNSUPPORTED, message)
                        .at(self.source, value_span, "")
                        .hint("use `syntax = \"proto3\";`")
                } else {
                    let message = format!("unknown syntax \"{value}\"");
                    Diagnostic::error(code::UNKNOWN_SYNTAX, message)
                        .at(self.source, value_span, "")
                        .hint("the known ones are \"proto2\" and \"proto3\"")
                };
                self.report(diagnostic);
                // Read on under the rules with the fewest follow-up errors.
                Level::Proto3
            }
        };
        Ok(Some(Syntax { level, span: keyword.span.to(end) }))
    }

    fn item(&mut self) -> Parsed<Item> {
        if let Some(span) = self.take_symbol(b';') {
            return Ok(Item::Empty(span));
        }
        let token = self.token();
        match self.text(token) {
            "message" => self.message().map(Item::Message),
            "enum" => self.enumeration().map(Item::Enum),
            "service" => self.service().map(Item::Service),
            "extend" => self.extend().map(Item::Extend),
            "import" => self.import().map(Item::Import),
            "package" => self.package().map(Item::Package),
            "option" => self.option_statement().map(Item::Option),
            "syntax" | "edition" => {
                let message = "the syntax line must be the file's first statement";
                self.error(code::REPEATED_STATEMENT, message, token.span, "");
                Err(Unreadable)
            }
            _ => Err(self.unknown_item()),
        }
    }

    fn unknown_item(&mut self) -> Unreadable {
        let token = self.token();
        if self.is_symbol(b'}') {
            return Unreadable; // reported by stray_brace
        }
        let text = self.text(token).to_owned();
        let hint = suggest::similar(&text, KEYWORDS.into_iter())
            .filter(|_| token.kind == TokenKind::Identifier)
            .map(|keyword| format!("did you mean `{keyword}`?"));
        let message = "expected a statement such as `message`, `service` or `import`";
        let diagnostic = Diagnostic::error(code::UNEXPECTED_TOKEN, message)
            .at(self.source, token.span, "")
            .maybe_hint(hint);
        self.report(diagnostic);
        Unreadable
    }

    fn stray_brace(&mut self) {
        if self.is_symbol(b'}') {
            let span = self.advance().span;
            self.error(code::UNEXPECTED_TOKEN, "`}` closes nothing", span, "");
        }
    }

    fn package(&mut self) -> Parsed<Package> {
        let start = self.advance().span;
        let name = self.dotted_name("a package name", false)?;
        let end = self.end_of_statement()?;
        Ok(Package { name, span: start.to(end) })
    }

    fn import(&mut self) -> Parsed<Import> {
        let start = self.advance().span;
        let mut kind = ImportKind::Plain;
        let mut kind_span = Span::default();
        if let Some(span) = self.take_keyword("public") {
            (kind, kind_span) = (ImportKind::Public, span);
        } else if let Some(span) = self.take_keyword("weak") {
            (kind, kind_span) = (ImportKind::Weak, span);
        }
        if self.token().kind != TokenKind::String {
            return Err(self.unexpected("the imported file's path as a string"));
        }
        let (path, path_span) = self.utf8_literal();
        let end = self.end_of_statement()?;
        Ok(Import { kind, kind_span, path, path_span, span: start.to(end) })
    }

    fn check_repeated_package(&mut self, file: &File) {
        let mut first: Option<&Package> = None;
        for item in &file.items {
            let Item::Package(package) = item else { continue };
            match first {
                None => first = Some(package),
                Some(first) => {
                    let diagnostic =
                        Diagnostic::error(code::REPEATED_STATEMENT, "a file has one package only")
                            .at(self.source, package.span, "")
                            .also(self.source, first.span, "the first one");
                    self.report(diagnostic);
                }
            }
        }
    }
}
