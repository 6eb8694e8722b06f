//! Grammar of options: statements, lists in brackets, and aggregate values in text format.

use super::{Parsed, Parser};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::lex::TokenKind;
use crate::limits::MAX_OPTION_NESTING;
use crate::source::Span;
use crate::syntax::{
    AggregateField, AggregateName, Name, NamePart, OptionList, OptionSetting, Value, ValueKind,
};

impl Parser<'_> {
    /// `option name = value;`
    pub(super) fn option_statement(&mut self) -> Parsed<OptionSetting> {
        let start = self.advance().span;
        let mut setting = self.option_setting()?;
        let end = self.end_of_statement()?;
        setting.span = start.to(end);
        Ok(setting)
    }

    /// `[name = value, ...]`, if there is one.
    pub(super) fn option_list(&mut self) -> Parsed<Option<OptionList>> {
        let Some(open) = self.take_symbol(b'[') else { return Ok(None) };
        let mut settings = Vec::new();
        loop {
            settings.push(self.option_setting()?);
            if self.take_symbol(b',').is_none() {
                break;
            }
        }
        let close = self.expect_symbol(b']', "or `,` after the option")?;
        Ok(Some(OptionList { settings, span: open.to(close) }))
    }

    fn option_setting(&mut self) -> Parsed<OptionSetting> {
        let id = self.option_id();
        let start = self.token().span;
        let mut name = vec![self.name_part()?];
        while self.take_symbol(b'.').is_some() {
            name.push(self.name_part()?);
        }
        let name_span = start.to(self.previous());
        self.expect_symbol(b'=', "after the option's name")?;
        let value = self.option_value()?;
        let span = start.to(value.span);
        Ok(OptionSetting { id, name, name_span, value, span })
    }

    fn name_part(&mut self) -> Parsed<NamePart> {
        if self.take_symbol(b'(').is_none() {
            let name = self.identifier("an option's name")?;
            return Ok(NamePart { name, extension: false });
        }
        let name = self.dotted_name("the option's full name", true)?;
        self.expect_symbol(b')', "after the custom option's name")?;
        Ok(NamePart { name, extension: true })
    }

    fn option_value(&mut self) -> Parsed<Value> {
        if self.is_symbol(b'{') {
            return self.block_value();
        }
        self.scalar_value(false)
    }

    /// An aggregate whose end is known by counting braces before it is read: a mistake inside,
    /// which protoc sees at the opening brace, leaves the rest of the file readable.
    fn block_value(&mut self) -> Parsed<Value> {
        let (start, mark) = (self.token().span, self.diagnostics.mark());
        let end = self.end_of_braces();
        let Some(end) = end else {
            self.at = self.tokens.len() - 1;
            let diagnostic =
                Diagnostic::error(code::UNCLOSED_BLOCK, "the option's value is never closed")
                    .at(self.source, start, "opened here")
                    .led_by(self.source, self.token().span, "the file ends here")
                    .hint("add the closing `}`");
            self.report(diagnostic);
            return Err(super::Unreadable);
        };
        let value = self.aggregate(b'{', b'}', 0);
        Ok(value.unwrap_or_else(|super::Unreadable| {
            self.diagnostics.lead_since(mark, self.source, start, "in this value");
            self.at = end;
            Value { kind: ValueKind::Unreadable, span: start.to(self.previous()) }
        }))
    }

    /// The token behind the `}` that belongs to the current `{`.
    fn end_of_braces(&self) -> Option<usize> {
        let mut depth = 0usize;
        let rest = self.tokens.iter().enumerate().skip(self.at);
        for (at, token) in rest {
            match token.kind {
                TokenKind::Symbol(b'{') => depth += 1,
                TokenKind::Symbol(b'}') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Some(at + 1);
            }
        }
        None
    }

    /// Text format has more words for what has no digits, and a sign for what is no number.
    fn scalar_value(&mut self, is_text_format: bool) -> Parsed<Value> {
        let start = self.token().span;
        let negative = self.take_symbol(b'-').is_some();
        let token = self.token();
        let text = self.text(token).to_owned();
        let kind = match token.kind {
            TokenKind::Identifier if negative => match (text.as_str(), is_text_format) {
                ("inf", _) => ValueKind::Float(f64::NEG_INFINITY),
                ("nan", false) => ValueKind::Float(f64::NAN),
                (word, true) if is_infinity(word) => ValueKind::Float(f64::NEG_INFINITY),
                (word, true) if word.eq_ignore_ascii_case("nan") => {
                    ValueKind::Float(f64::NAN.copysign(-1.0))
                }
                _ => return Err(self.unexpected("a number, `inf` or `nan` after `-`")),
            },
            TokenKind::Identifier => ValueKind::Identifier(text),
            TokenKind::Integer => match (Self::integer_value(&text), text.parse::<f64>()) {
                (None, Ok(value)) if !text.starts_with('0') => {
                    ValueKind::Huge(if negative { -value } else { value })
                }
                (magnitude, _) => ValueKind::Integer { negative, magnitude },
            },
            TokenKind::Float => {
                let value = text.parse::<f64>().unwrap_or(f64::INFINITY);
                ValueKind::Float(if negative { -value } else { value })
            }
            TokenKind::String if !negative => {
                let (bytes, span) = self.string_literal();
                return Ok(Value { kind: ValueKind::String(bytes), span });
            }
            _ => return Err(self.unexpected("a value")),
        };
        self.advance();
        Ok(Value { kind, span: start.to(token.span) })
    }

    /// `{ name: value ... }` or `< ... >`.
    fn aggregate(&mut self, open: u8, close: u8, depth: usize) -> Parsed<Value> {
        let start = self.expect_symbol(open, "to open the value")?;
        if depth >= MAX_OPTION_NESTING {
            let message = format!("option values nest at most {MAX_OPTION_NESTING} levels deep");
            self.error(code::NESTED_TOO_DEEPLY, message, start, "");
            return Err(super::Unreadable);
        }
        let mut fields = Vec::new();
        loop {
            if let Some(end) = self.take_symbol(close) {
                return Ok(Value { kind: ValueKind::Message(fields), span: start.to(end) });
            }
            fields.push(self.aggregate_field(depth)?);
            if self.take_symbol(b',').is_none() {
                self.take_symbol(b';');
            }
        }
    }

    fn aggregate_field(&mut self, depth: usize) -> Parsed<AggregateField> {
        let (name, kind) = self.aggregate_name()?;
        let colon = self.take_symbol(b':').is_some();
        if !colon && !matches!(self.token().kind, TokenKind::Symbol(b'{' | b'<' | b'[')) {
            return Err(self.unexpected("`:` after the field's name"));
        }
        let value = self.aggregate_value(depth)?;
        Ok(AggregateField { name, kind, colon, value })
    }

    fn aggregate_value(&mut self, depth: usize) -> Parsed<Value> {
        if self.is_symbol(b'{') {
            return self.aggregate(b'{', b'}', depth + 1);
        }
        if self.is_symbol(b'<') {
            return self.aggregate(b'<', b'>', depth + 1);
        }
        let Some(start) = self.take_symbol(b'[') else { return self.scalar_value(true) };
        let mut list = Vec::new();
        if let Some(end) = self.take_symbol(b']') {
            return Ok(Value { kind: ValueKind::List(list), span: start.to(end) });
        }
        loop {
            if self.is_symbol(b'[') {
                return Err(self.unexpected("a value that is not a list"));
            }
            list.push(self.aggregate_value(depth)?);
            if self.take_symbol(b',').is_none() {
                let end = self.expect_symbol(b']', "or `,` in the list")?;
                return Ok(Value { kind: ValueKind::List(list), span: start.to(end) });
            }
        }
    }

    fn aggregate_name(&mut self) -> Parsed<(Name, AggregateName)> {
        let Some(open) = self.take_symbol(b'[') else {
            return Ok((
                self.identifier("a field's name or the closing brace")?,
                AggregateName::Field,
            ));
        };
        let mut name = self.dotted_name("an extension's full name", false)?;
        let mut kind = AggregateName::Extension;
        if self.take_symbol(b'/').is_some() {
            kind = AggregateName::AnyType;
            let rest = self.dotted_name("a message's full name", false)?;
            name.text = format!("{}/{}", name.text, rest.text);
        }
        let close: Span = self.expect_symbol(b']', "after the extension's name")?;
        name.span = open.to(close);
        Ok((name, kind))
    }
}

/// As text format writes it.
fn is_infinity(word: &str) -> bool {
    ["inf", "infinity"].iter().any(|known| word.eq_ignore_ascii_case(known))
}
