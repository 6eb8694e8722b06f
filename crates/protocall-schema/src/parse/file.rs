//! Grammar of a file's own statements: syntax, package, import, and the hand-over to the others.

use super::{Parsed, Parser, Unreadable};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;
use crate::source::Span;
use crate::suggest;
use crate::syntax::{File, Import, ImportKind, Item, Level, Package, Syntax, Visibility};

const KEYWORDS: [&str; 9] =
    ["syntax", "edition", "package", "import", "option", "message", "enum", "service", "extend"];

impl Parser<'_> {
    pub(super) fn file(&mut self) -> File {
        let mut file = File::default();
        let first = self.token().span;
        file.syntax = self.syntax();
        self.level = file.level();
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
        self.check_import_order(&file);
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
            b"2023" if is_edition => Level::Edition2023,
            b"2024" if is_edition => Level::Edition2024,
            _ => self.unknown_level(is_edition, &value, value_span),
        };
        Ok(Some(Syntax { level, span: keyword.span.to(end) }))
    }

    /// Answers with the rules that cause the fewest follow-up errors.
    fn unknown_level(&mut self, is_edition: bool, value: &[u8], span: Span) -> Level {
        let value = String::from_utf8_lossy(value).into_owned();
        let (code, message, hint) = match (is_edition, value.as_str()) {
            (true, "proto2" | "proto3") => (
                code::UNKNOWN_EDITION,
                format!("\"{value}\" is a syntax, not an edition"),
                format!("write `syntax = \"{value}\";`"),
            ),
            (true, _) => (
                code::UNKNOWN_EDITION,
                format!("unknown edition \"{value}\""),
                "the known ones are \"2023\" and \"2024\"".to_owned(),
            ),
            (false, "2023" | "2024") => (
                code::UNKNOWN_SYNTAX,
                format!("\"{value}\" is an edition, not a syntax"),
                format!("write `edition = \"{value}\";`"),
            ),
            (false, _) => (
                code::UNKNOWN_SYNTAX,
                format!("unknown syntax \"{value}\""),
                "the known ones are \"proto2\" and \"proto3\"".to_owned(),
            ),
        };
        let diagnostic = Diagnostic::error(code, message).at(self.source, span, "").hint(hint);
        self.report(diagnostic);
        if is_edition { Level::Edition2024 } else { Level::Proto3 }
    }

    fn item(&mut self) -> Parsed<Item> {
        if let Some(span) = self.take_symbol(b';') {
            return Ok(Item::Empty(span));
        }
        let visibility = self.visibility()?;
        let token = self.token();
        match self.text(token) {
            "message" => self.message(visibility).map(Item::Message),
            "enum" => self.enumeration(visibility).map(Item::Enum),
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
        } else if let Some(span) = self.take_keyword("option") {
            (kind, kind_span) = (ImportKind::Option, span);
        }
        self.check_import_kind(kind, kind_span);
        if self.token().kind != TokenKind::String {
            return Err(self.unexpected("the imported file's path as a string"));
        }
        let (path, path_span) = self.utf8_literal();
        let end = self.end_of_statement()?;
        Ok(Import { kind, kind_span, path, path_span, span: start.to(end) })
    }

    fn check_import_kind(&mut self, kind: ImportKind, span: Span) {
        let is_2024 = self.level >= Level::Edition2024;
        match kind {
            ImportKind::Option if !is_2024 => {
                let message = "`import option` exists from edition 2024 on";
                self.error(code::BAD_IMPORT_KIND, message, span, "remove this");
            }
            ImportKind::Weak if is_2024 => {
                let message = "`import weak` ends with edition 2023";
                let diagnostic = Diagnostic::error(code::BAD_IMPORT_KIND, message)
                    .at(self.source, span, "")
                    .hint("for custom options write `import option`");
                self.report(diagnostic);
            }
            _ => {}
        }
    }

    /// `export` or `local`, which are names like any other before edition 2024.
    pub(super) fn visibility(&mut self) -> Parsed<Option<(Visibility, Span)>> {
        if self.level < Level::Edition2024 {
            return Ok(None);
        }
        let visibility = if let Some(span) = self.take_keyword("export") {
            (Visibility::Export, span)
        } else if let Some(span) = self.take_keyword("local") {
            (Visibility::Local, span)
        } else {
            return Ok(None);
        };
        if self.is_keyword("message") || self.is_keyword("enum") {
            return Ok(Some(visibility));
        }
        Err(self.unexpected("`message` or `enum`: nothing else is exported or local"))
    }

    /// Option imports come last, since descriptors keep them in a list of their own.
    fn check_import_order(&mut self, file: &File) {
        let mut option_import: Option<Span> = None;
        for import in file.imports() {
            if import.kind == ImportKind::Option {
                option_import.get_or_insert(import.span);
            } else if let Some(first) = option_import {
                let message = "imports come before all option imports";
                let diagnostic = Diagnostic::error(code::BAD_IMPORT_KIND, message)
                    .at(self.source, import.span, "move this up")
                    .also(self.source, first, "the first option import");
                self.report(diagnostic);
            }
        }
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
