//! Text to messages.

use buffa_descriptor::generated::descriptor::field_descriptor_proto::Type;

use super::TextError;
use super::lex::{self, Kind, Token};
use super::tree::{self, Tree, Value};
use super::types::{Field, Message, Types};
use crate::limits::MAX_TEXT_NESTING;
use crate::number::to_f32;

const ANY: &str = "google.protobuf.Any";

type Outcome<T> = Result<T, TextError>;

/// A message's content, and warnings.
pub(super) fn parse(
    types: &Types<'_>,
    message: &Message<'_>,
    text: &[u8],
) -> Outcome<(Tree, Vec<TextError>)> {
    let tokens = lex::lex(text)?;
    let mut parser = Parser { types, text, tokens, at: 0, warnings: Vec::new() };
    let mut tree = Tree::default();
    while parser.token().kind != Kind::End {
        parser.field(message, &mut tree, MAX_TEXT_NESTING)?;
    }
    Ok((tree, parser.warnings))
}

struct Parser<'t, 's, 'a> {
    types: &'t Types<'s>,
    text: &'a [u8],
    tokens: Vec<Token>,
    at: usize,
    warnings: Vec<TextError>,
}

impl<'t, 's> Parser<'t, 's, '_> {
    fn token(&self) -> Token {
        let last = self.tokens.last().copied();
        let end = Token { kind: Kind::End, start: self.text.len(), end: self.text.len() };
        self.tokens.get(self.at).copied().or(last).unwrap_or(end)
    }

    fn word(&self) -> String {
        let Token { start, end, .. } = self.token();
        String::from_utf8_lossy(self.text.get(start..end).unwrap_or_default()).into_owned()
    }

    fn error<T>(&self, message: impl Into<String>) -> Outcome<T> {
        Err(lex::error_at(self.text, self.token().start, message))
    }

    fn looks_at(&self, symbol: u8) -> bool {
        self.token().kind == Kind::Symbol(symbol)
    }

    fn take(&mut self, symbol: u8) -> bool {
        let found = self.looks_at(symbol);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: u8) -> Outcome<()> {
        if self.take(symbol) {
            return Ok(());
        }
        let found = self.word();
        self.error(format!("Expected \"{}\", found \"{found}\".", char::from(symbol)))
    }

    fn identifier(&mut self) -> Outcome<String> {
        let word = self.word();
        if self.token().kind != Kind::Identifier {
            return self.error(format!("Expected identifier, got: {word}"));
        }
        self.at += 1;
        Ok(word)
    }

    fn field(&mut self, message: &Message<'s>, tree: &mut Tree, depth: usize) -> Outcome<()> {
        let start = self.token();
        if self.looks_at(b'[') {
            let (prefix, name) = self.bracketed()?;
            if message.full_name == ANY {
                self.any(message, tree, &prefix, &name, depth)?;
                self.separator();
                return Ok(());
            }
            if !prefix.is_empty() {
                return self.error("Extension name contains \"/\"");
            }
            let Some(field) = self.types.extension(message, &name) else {
                return self.error(format!(
                    "Extension \"{name}\" is not defined or is not an extension of \"{}\".",
                    message.full_name
                ));
            };
            return self.values(message, tree, field, start, &name, depth);
        }
        let name = self.identifier()?;
        if let Some(field) = message.named(&name) {
            return self.values(message, tree, field, start, &name, depth);
        }
        if !message.reserved_names.contains(name.as_str()) {
            return self.error(format!(
                "Message type \"{}\" has no field named \"{name}\".",
                message.full_name
            ));
        }
        self.skip_value(depth)?;
        self.separator();
        Ok(())
    }

    fn separator(&mut self) {
        if !self.take(b';') {
            self.take(b',');
        }
    }

    /// `[a.b.c]` or `[prefix/a.b.c]`: what is before the last slash, with it, and what is after.
    fn bracketed(&mut self) -> Outcome<(String, String)> {
        self.expect(b'[')?;
        let mut name = String::new();
        while !self.looks_at(b']') {
            if self.token().kind == Kind::End || self.looks_at(b'[') || self.looks_at(b'{') {
                self.expect(b']')?;
            }
            name.push_str(&self.word());
            self.at += 1;
        }
        self.expect(b']')?;
        let (prefix, name) = match name.rsplit_once('/') {
            Some((prefix, name)) => (format!("{prefix}/"), name.to_owned()),
            None => (String::new(), name),
        };
        let is_name = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if let Some(part) = name.split('.').find(|part| !is_name(part)) {
            return self.error(format!("Invalid identifier in type name, got: \"{part}\""));
        }
        Ok((prefix, name))
    }

    /// `[type.googleapis.com/a.B] { .. }`
    fn any(
        &mut self,
        any: &Message<'s>,
        tree: &mut Tree,
        prefix: &str,
        name: &str,
        depth: usize,
    ) -> Outcome<()> {
        if prefix.is_empty() {
            return self.error("Type URL prefix is missing");
        }
        self.take(b':');
        let types = self.types;
        let Some(message) = types.message(name) else {
            return self.error(format!(
                "Could not find type \"{prefix}{name}\" stored in google.protobuf.Any."
            ));
        };
        let content = self.block(message, depth)?;
        if !tree.known.is_empty() {
            return self.error("Non-repeated Any specified multiple times.");
        }
        let mut bytes = Vec::new();
        tree::write(types, message, &content, false, &mut bytes);
        for (name, value) in
            [("type_url", format!("{prefix}{name}").into_bytes()), ("value", bytes)]
        {
            if let Some(field) = any.named(name) {
                tree.put(any, field, Value::Bytes(value));
            }
        }
        Ok(())
    }

    fn block(&mut self, message: &Message<'s>, depth: usize) -> Outcome<Tree> {
        let Some(depth) = depth.checked_sub(1) else {
            return self.error(format!(
                "Message is too deep, the parser exceeded the configured recursion limit of \
                 {MAX_TEXT_NESTING}."
            ));
        };
        let close = if self.take(b'<') {
            b'>'
        } else {
            self.expect(b'{')?;
            b'}'
        };
        let mut tree = Tree::default();
        while !self.looks_at(b'>') && !self.looks_at(b'}') {
            self.field(message, &mut tree, depth)?;
        }
        self.expect(close)?;
        Ok(tree)
    }

    fn values(
        &mut self,
        message: &Message<'s>,
        tree: &mut Tree,
        field: &Field<'s>,
        start: Token,
        name: &str,
        depth: usize,
    ) -> Outcome<()> {
        if field.is_deprecated {
            let text = format!("text format contains deprecated field \"{name}\"");
            self.warnings.push(lex::error_at(self.text, start.end, text));
        }
        self.check_single(message, tree, field, name)?;
        if field.is_message() {
            self.take(b':');
        } else {
            self.expect(b':')?;
        }
        if field.repeated && self.take(b'[') {
            if !self.take(b']') {
                loop {
                    let value = self.value(field, depth)?;
                    tree.put(message, field, value);
                    if self.take(b']') {
                        break;
                    }
                    self.expect(b',')?;
                }
            }
        } else {
            let value = self.value(field, depth)?;
            tree.put(message, field, value);
        }
        self.separator();
        Ok(())
    }

    /// A single field is set once, and of a oneof only one.
    fn check_single(
        &self,
        message: &Message<'s>,
        tree: &Tree,
        field: &Field<'s>,
        name: &str,
    ) -> Outcome<()> {
        if field.repeated {
            return Ok(());
        }
        if tree.known.contains_key(&field.number) {
            return self
                .error(format!("Non-repeated field \"{name}\" is specified multiple times."));
        }
        let Some(oneof) = field.oneof else { return Ok(()) };
        let is_set = |other: &&Field<'_>| {
            other.oneof == Some(oneof) && tree.known.contains_key(&other.number)
        };
        let Some(other) = message.fields().find(is_set) else { return Ok(()) };
        self.error(format!(
            "Field \"{name}\" is specified along with field \"{}\", another member of oneof \"{}\".",
            other.name,
            message.oneofs.get(oneof).copied().unwrap_or_default()
        ))
    }

    fn value(&mut self, field: &Field<'s>, depth: usize) -> Outcome<Value> {
        if field.is_message() {
            let types = self.types;
            let Some(message) = types.message(field.type_name) else {
                return self.error(format!("there is no message `{}`", field.type_name));
            };
            return Ok(Value::Message(self.block(message, depth)?));
        }
        let bits = match field.ty {
            Type::TYPE_STRING | Type::TYPE_BYTES => return self.string().map(Value::Bytes),
            Type::TYPE_INT32 | Type::TYPE_SINT32 | Type::TYPE_SFIXED32 => {
                self.signed(i32::MAX as u64)? as u64
            }
            Type::TYPE_INT64 | Type::TYPE_SINT64 | Type::TYPE_SFIXED64 => {
                self.signed(i64::MAX as u64)? as u64
            }
            Type::TYPE_UINT32 | Type::TYPE_FIXED32 => self.unsigned(u64::from(u32::MAX))?,
            Type::TYPE_UINT64 | Type::TYPE_FIXED64 => self.unsigned(u64::MAX)?,
            Type::TYPE_DOUBLE => self.float()?.to_bits(),
            Type::TYPE_FLOAT => u64::from(to_f32(self.float()?).to_bits()),
            Type::TYPE_BOOL => self.boolean(field)?,
            _ => self.enumerator(field)?,
        };
        Ok(Value::Number(bits))
    }

    fn string(&mut self) -> Outcome<Vec<u8>> {
        if self.token().kind != Kind::String {
            let found = self.word();
            return self.error(format!("Expected string, got: {found}"));
        }
        let mut value = Vec::new();
        while self.token().kind == Kind::String {
            let Token { start, end, .. } = self.token();
            lex::unescape(self.text.get(start..end).unwrap_or_default(), &mut value);
            self.at += 1;
        }
        Ok(value)
    }

    fn unsigned(&mut self, most: u64) -> Outcome<u64> {
        let word = self.word();
        if self.token().kind != Kind::Integer {
            return self.error(format!("Expected integer, got: {word}"));
        }
        match integer(&word).filter(|value| *value <= most) {
            Some(value) => {
                self.at += 1;
                Ok(value)
            }
            None => self.error(format!("Integer out of range ({word})")),
        }
    }

    fn signed(&mut self, most: u64) -> Outcome<i64> {
        if self.take(b'-') {
            // two's complement has one more of them
            let value = self.unsigned(most.saturating_add(1))?;
            return Ok((value as i64).wrapping_neg());
        }
        Ok(self.unsigned(most)? as i64)
    }

    fn float(&mut self) -> Outcome<f64> {
        let negative = self.take(b'-');
        let word = self.word();
        let lower = word.to_ascii_lowercase();
        let value = match self.token().kind {
            Kind::Integer if word.len() > 1 && word.starts_with('0') => {
                return self.error(format!("Expect a decimal number, got: {word}"));
            }
            Kind::Integer | Kind::Float => lower.trim_end_matches('f').parse().unwrap_or(f64::NAN),
            Kind::Identifier if matches!(lower.as_str(), "inf" | "infinity") => f64::INFINITY,
            Kind::Identifier if lower == "nan" => f64::NAN,
            Kind::Identifier => return self.error(format!("Expected double, got: {lower}")),
            _ => return self.error(format!("Expected double, got: {word}")),
        };
        self.at += 1;
        Ok(if negative { -value } else { value })
    }

    fn boolean(&mut self, field: &Field<'_>) -> Outcome<u64> {
        if self.token().kind == Kind::Integer {
            return self.unsigned(1);
        }
        let word = self.identifier()?;
        match word.as_str() {
            "true" | "True" | "t" => Ok(1),
            "false" | "False" | "f" => Ok(0),
            _ => self.error(format!(
                "Invalid value for boolean field \"{}\". Value: \"{word}\".",
                field.name
            )),
        }
    }

    fn enumerator(&mut self, field: &Field<'_>) -> Outcome<u64> {
        let Some(item) = self.types.enumeration(field.type_name) else {
            return self.error(format!("there is no enum `{}`", field.type_name));
        };
        let (shown, number) = match self.token().kind {
            Kind::Identifier => {
                let name = self.identifier()?;
                let number = item.number_of(&name);
                (name, number)
            }
            Kind::Integer | Kind::Symbol(b'-') => {
                let number = self.signed(i32::MAX as u64)? as i32;
                let known = !item.closed || item.name_of(number).is_some();
                (number.to_string(), known.then_some(number))
            }
            _ => {
                let found = self.word();
                return self.error(format!("Expected integer or identifier, got: {found}"));
            }
        };
        match number {
            Some(number) => Ok(number as u64),
            None => self.error(format!(
                "Unknown enumeration value of \"{shown}\" for field \"{}\".",
                field.name
            )),
        }
    }

    /// The value of a field whose name is reserved: any that is well-formed.
    fn skip_value(&mut self, depth: usize) -> Outcome<()> {
        if self.take(b':') && !self.looks_at(b'{') && !self.looks_at(b'<') {
            return self.skip_scalar(depth);
        }
        self.skip_block(depth)
    }

    fn skip_block(&mut self, depth: usize) -> Outcome<()> {
        let Some(depth) = depth.checked_sub(1) else {
            return self.error("Message is too deep");
        };
        let close = if self.take(b'<') {
            b'>'
        } else {
            self.expect(b'{')?;
            b'}'
        };
        while !self.looks_at(b'>') && !self.looks_at(b'}') {
            if self.looks_at(b'[') {
                self.bracketed()?;
            } else {
                self.identifier()?;
            }
            self.skip_value(depth)?;
            self.separator();
        }
        self.expect(close)
    }

    fn skip_scalar(&mut self, depth: usize) -> Outcome<()> {
        let Some(depth) = depth.checked_sub(1) else {
            return self.error("Message is too deep");
        };
        if self.token().kind == Kind::String {
            return self.string().map(drop);
        }
        if self.take(b'[') {
            while !self.take(b']') {
                if self.looks_at(b'{') || self.looks_at(b'<') {
                    self.skip_block(depth)?;
                } else {
                    self.skip_scalar(depth)?;
                }
                if !self.looks_at(b']') {
                    self.expect(b',')?;
                }
            }
            return Ok(());
        }
        let negative = self.take(b'-');
        let word = self.word().to_ascii_lowercase();
        let is_name = self.token().kind == Kind::Identifier;
        if negative && is_name && !matches!(word.as_str(), "inf" | "infinity" | "nan") {
            return self.error(format!("Invalid float number: {word}"));
        }
        if !matches!(self.token().kind, Kind::Integer | Kind::Float | Kind::Identifier) {
            let found = self.word();
            return self.error(format!("Cannot skip field value, unexpected token: {found}"));
        }
        self.at += 1;
        Ok(())
    }
}

fn integer(text: &str) -> Option<u64> {
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok();
    }
    match text.strip_prefix('0') {
        Some(octal) if !octal.is_empty() => u64::from_str_radix(octal, 8).ok(),
        _ => text.parse().ok(),
    }
}
