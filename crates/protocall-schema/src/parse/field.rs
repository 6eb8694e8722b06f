//! Grammar of fields, groups, maps, extension blocks, oneofs and ranges.

use super::{Parsed, Parser, Unreadable};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;
use crate::source::Span;
use crate::syntax::{
    Extend, Extensions, Field, FieldType, Label, Name, Number, Oneof, OneofItem, Range, RangeEnd,
    Reserved, ReservedWhat,
};

impl Parser<'_> {
    pub(super) fn field(&mut self) -> Parsed<Field> {
        let start = self.token().span;
        let label = self.label();
        let (ty, ty_span) = self.field_type()?;
        let name = self.identifier("the field's name")?;
        let number = self.field_number(&name)?;
        let options = self.option_list()?;
        let (ty, end) = match ty {
            FieldType::Group(_) => {
                self.check_group_name(&name);
                let body = self.message_body("group")?;
                let end = body.close;
                (FieldType::Group(body), end)
            }
            other => (other, self.end_of_statement()?),
        };
        Ok(Field { label, ty, ty_span, name, number, options, span: start.to(end) })
    }

    fn label(&mut self) -> Option<(Label, Span)> {
        let label = match self.text(self.token()) {
            "optional" => Label::Optional,
            "required" => Label::Required,
            "repeated" => Label::Repeated,
            _ => return None,
        };
        let span = self.advance().span;
        self.check_label(label, span);
        Some((label, span))
    }

    fn check_label(&mut self, label: Label, span: Span) {
        let (message, hint) = match label {
            Label::Optional => (
                "editions have no `optional` label",
                "remove it: fields have presence unless `features.field_presence` is IMPLICIT",
            ),
            Label::Required => (
                "editions have no `required` label",
                "write `[features.field_presence = LEGACY_REQUIRED]` instead",
            ),
            Label::Repeated => return,
        };
        if self.level.is_edition() {
            let diagnostic = Diagnostic::error(code::EDITION_LABEL, message)
                .at(self.source, span, "")
                .hint(hint);
            self.report(diagnostic);
        }
    }

    /// A group's body follows later: an empty one stands in for it.
    fn field_type(&mut self) -> Parsed<(FieldType, Span)> {
        let start = self.token().span;
        let map = self.is_keyword("map") && self.ahead(1).kind == TokenKind::Symbol(b'<');
        if map {
            self.advance();
            self.advance();
            let key = self.type_in_map("the key's type")?;
            self.expect_symbol(b',', "after the key's type")?;
            let value = self.type_in_map("the value's type")?;
            let end = self.expect_symbol(b'>', "after the value's type")?;
            return Ok((FieldType::Map { key, value }, start.to(end)));
        }
        // `group Name = 1 {`: a field of a type called `group` has no capital name and block.
        if self.is_keyword("group") && self.ahead(1).kind == TokenKind::Identifier {
            let span = self.advance().span;
            if self.level.is_edition() {
                let diagnostic = Diagnostic::error(code::BAD_GROUP, "editions have no groups")
                    .at(self.source, span, "")
                    .hint(
                        "write a message and a field with `features.message_encoding = DELIMITED`",
                    );
                self.report(diagnostic);
            }
            let body = crate::syntax::Block { open: span, items: Vec::new(), close: span };
            return Ok((FieldType::Group(body), span));
        }
        // only a map's type begins with this word
        let name = match self.is_keyword("map") {
            true => self.identifier("a type")?,
            false => self.type_name("a type")?,
        };
        let span = name.span;
        Ok((FieldType::Plain(name), span))
    }

    fn type_in_map(&mut self, what: &str) -> Parsed<Name> {
        let name = self.type_name(what)?;
        if name.text == "group" {
            self.error(code::BAD_GROUP, "a map holds no groups", name.span, "");
        }
        Ok(name)
    }

    fn field_number(&mut self, name: &Name) -> Parsed<Number> {
        if self.take_symbol(b'=').is_none() {
            if matches!(self.token().kind, TokenKind::Symbol(b';' | b'[')) {
                let message = format!("field `{}` has no number", name.text);
                let place = Span { start: name.span.end, end: name.span.end };
                let diagnostic = Diagnostic::error(code::MISSING_FIELD_NUMBER, message).at(
                    self.source,
                    place,
                    "add ` = ` and a number that no other field has",
                );
                self.report(diagnostic);
                return Err(Unreadable);
            }
            return Err(self.unexpected("`=` and the field's number"));
        }
        self.number("the field's number", true)
    }

    fn check_group_name(&mut self, name: &Name) {
        if !name.text.starts_with(|c: char| c.is_ascii_uppercase()) {
            let message = "a group's name begins with a capital letter";
            self.error(code::BAD_GROUP, message, name.span, "");
        }
    }

    pub(super) fn extend(&mut self) -> Parsed<Extend> {
        let start = self.advance().span;
        let extendee = self.type_name("the name of the message to extend")?;
        let body = self.block("extend block", Self::field)?;
        if body.items.is_empty() {
            let message = "an extend block holds at least one field";
            let diagnostic = Diagnostic::error(code::UNEXPECTED_TOKEN, message)
                .at(self.source, body.open, "opened here")
                .led_by(self.source, body.close, "closed here");
            self.report(diagnostic);
        }
        let span = start.to(body.close);
        Ok(Extend { extendee, body, span })
    }

    pub(super) fn oneof(&mut self) -> Parsed<Oneof> {
        let start = self.advance().span;
        let name = self.identifier("the oneof's name")?;
        let body = self.block("oneof", Self::oneof_item)?;
        let span = start.to(body.close);
        Ok(Oneof { name, body, span })
    }

    fn oneof_item(&mut self) -> Parsed<OneofItem> {
        if self.is_keyword("option") {
            return self.option_statement().map(OneofItem::Option);
        }
        if ["optional", "required", "repeated"].iter().any(|label| self.is_keyword(label)) {
            let message = "fields of a oneof have no label";
            let span = self.advance().span;
            self.error(code::MISPLACED_LABEL, message, span, "remove this");
        }
        let field = self.field()?;
        if matches!(field.ty, FieldType::Map { .. }) {
            let message = "a map cannot be a member of a oneof";
            self.error(code::MISPLACED_LABEL, message, field.ty_span, "");
        }
        Ok(OneofItem::Field(field))
    }

    pub(super) fn extensions(&mut self) -> Parsed<Extensions> {
        let start = self.advance().span;
        let ranges = self.ranges(false)?;
        let options = self.option_list()?;
        let end = self.end_of_statement()?;
        Ok(Extensions { ranges, options, span: start.to(end) })
    }

    /// `reserved 2, 9 to 11;` or `reserved "a", "b";`, with negative numbers in enums.
    pub(super) fn reserved(&mut self, in_enum: bool) -> Parsed<Reserved> {
        let start = self.advance().span;
        let what = match self.token().kind {
            TokenKind::String if self.level.is_edition() => {
                let token = self.token();
                let diagnostic = Diagnostic::error(
                    code::UNEXPECTED_TOKEN,
                    "a reserved name is an identifier in editions",
                )
                .at(self.source, token.span, "remove the quotes");
                self.report(diagnostic);
                return Err(Unreadable);
            }
            TokenKind::String => ReservedWhat::Names(self.reserved_names()),
            TokenKind::Identifier if self.level.is_edition() => {
                ReservedWhat::Names(self.reserved_identifiers()?)
            }
            TokenKind::Identifier => {
                let token = self.token();
                let text = self.text(token).to_owned();
                let diagnostic = Diagnostic::error(
                    code::UNEXPECTED_TOKEN,
                    "a reserved name is written as a string",
                )
                .at(self.source, token.span, format!("write `\"{text}\"`"));
                self.report(diagnostic);
                return Err(Unreadable);
            }
            _ => ReservedWhat::Ranges(self.ranges(in_enum)?),
        };
        let end = self.end_of_statement()?;
        Ok(Reserved { what, span: start.to(end) })
    }

    fn reserved_names(&mut self) -> Vec<Name> {
        let mut names = Vec::new();
        while self.token().kind == TokenKind::String {
            let (text, span) = self.utf8_literal();
            let mut bytes = text.bytes();
            let starts_well = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
            if !starts_well || !bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                let message = format!("reserved name \"{text}\" is not an identifier");
                let diagnostic =
                    Diagnostic::warning(code::NAME_RESERVED, message).at(self.source, span, "");
                self.report(diagnostic);
            }
            names.push(Name { text, span });
            if self.take_symbol(b',').is_none() {
                break;
            }
        }
        names
    }

    fn reserved_identifiers(&mut self) -> Parsed<Vec<Name>> {
        let mut names = Vec::new();
        loop {
            names.push(self.identifier("a reserved name")?);
            if self.take_symbol(b',').is_none() {
                return Ok(names);
            }
        }
    }

    fn ranges(&mut self, signed: bool) -> Parsed<Vec<Range>> {
        let mut ranges = Vec::new();
        loop {
            let start = self.number("a number or a range of numbers", signed)?;
            let mut end = RangeEnd::Same;
            if self.take_keyword("to").is_some() {
                end = match self.take_keyword("max") {
                    Some(span) => RangeEnd::Max(span),
                    None => RangeEnd::To(self.number("the last number or `max`", signed)?),
                };
            }
            let span = start.span.to(self.previous());
            ranges.push(Range { start, end, span });
            if self.take_symbol(b',').is_none() {
                return Ok(ranges);
            }
        }
    }
}
