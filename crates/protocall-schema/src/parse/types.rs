//! Grammar of messages, enums and services.

use super::{Parsed, Parser, Unreadable};
use crate::code;
use crate::limits::MAX_MESSAGE_NESTING;
use crate::source::Span;
use crate::syntax::{
    Block, Enum, EnumItem, EnumValue, Message, MessageItem, Method, MethodItem, MethodType,
    Service, ServiceItem, Visibility,
};

impl Parser<'_> {
    /// At the keyword `message`.
    pub(super) fn message(&mut self, visibility: Option<(Visibility, Span)>) -> Parsed<Message> {
        let start = self.advance().span;
        let name = self.identifier("the message's name")?;
        let body = self.message_body("message")?;
        let span = start.to(body.close);
        Ok(Message { visibility, name, body, span })
    }

    pub(super) fn message_body(&mut self, owner: &str) -> Parsed<Block<MessageItem>> {
        if self.depth >= MAX_MESSAGE_NESTING {
            let message = format!("messages nest at most {MAX_MESSAGE_NESTING} levels deep");
            let span = self.token().span;
            self.error(code::NESTED_TOO_DEEPLY, message, span, "");
            return Err(Unreadable);
        }
        self.depth += 1;
        let body = self.block(owner, Self::message_item);
        self.depth -= 1;
        body
    }

    fn message_item(&mut self) -> Parsed<MessageItem> {
        if let Some(span) = self.take_symbol(b';') {
            return Ok(MessageItem::Empty(span));
        }
        let visibility = self.visibility()?;
        match self.text(self.token()) {
            "message" => self.message(visibility).map(MessageItem::Message),
            "enum" => self.enumeration(visibility).map(MessageItem::Enum),
            "extend" => self.extend().map(MessageItem::Extend),
            "extensions" => self.extensions().map(MessageItem::Extensions),
            "reserved" => self.reserved(false).map(MessageItem::Reserved),
            "option" => self.option_statement().map(MessageItem::Option),
            "oneof" => self.oneof().map(MessageItem::Oneof),
            _ => self.field().map(MessageItem::Field),
        }
    }

    /// At the keyword `enum`.
    pub(super) fn enumeration(&mut self, visibility: Option<(Visibility, Span)>) -> Parsed<Enum> {
        let start = self.advance().span;
        let name = self.identifier("the enum's name")?;
        let body = self.block("enum", Self::enum_item)?;
        let span = start.to(body.close);
        Ok(Enum { visibility, name, body, span, next: self.token().span })
    }

    fn enum_item(&mut self) -> Parsed<EnumItem> {
        if let Some(span) = self.take_symbol(b';') {
            return Ok(EnumItem::Empty(span));
        }
        match self.text(self.token()) {
            "option" => self.option_statement().map(EnumItem::Option),
            "reserved" => self.reserved(true).map(EnumItem::Reserved),
            _ => self.enum_value().map(EnumItem::Value),
        }
    }

    fn enum_value(&mut self) -> Parsed<EnumValue> {
        let name = self.identifier("the enum value's name")?;
        self.expect_symbol(b'=', "and a number after the enum value's name")?;
        let number = self.number("the enum value's number", true)?;
        let options = self.option_list()?;
        let end = self.end_of_statement()?;
        let span = name.span.to(end);
        Ok(EnumValue { name, number, options, span })
    }

    pub(super) fn service(&mut self) -> Parsed<Service> {
        let start = self.advance().span;
        let name = self.identifier("the service's name")?;
        let body = self.block("service", Self::service_item)?;
        let span = start.to(body.close);
        Ok(Service { name, body, span })
    }

    fn service_item(&mut self) -> Parsed<ServiceItem> {
        if let Some(span) = self.take_symbol(b';') {
            return Ok(ServiceItem::Empty(span));
        }
        match self.text(self.token()) {
            "option" => self.option_statement().map(ServiceItem::Option),
            _ => self.method().map(ServiceItem::Method),
        }
    }

    fn method(&mut self) -> Parsed<Method> {
        let start = self.expect_keyword("rpc")?;
        let name = self.identifier("the method's name")?;
        let input = self.method_type("the request's type")?;
        self.expect_keyword("returns")?;
        let output = self.method_type("the response's type")?;
        if self.is_symbol(b'{') {
            let body = self.block("method", Self::method_item)?;
            let span = start.to(body.close);
            return Ok(Method { name, input, output, body: Some(body), span });
        }
        let end = self.end_of_statement()?;
        Ok(Method { name, input, output, body: None, span: start.to(end) })
    }

    fn method_type(&mut self, what: &str) -> Parsed<MethodType> {
        self.expect_symbol(b'(', &format!("before {what}"))?;
        let stream = self.take_keyword("stream");
        let name = self.type_name(what)?;
        self.expect_symbol(b')', &format!("after {what}"))?;
        Ok(MethodType { stream, name })
    }

    fn method_item(&mut self) -> Parsed<MethodItem> {
        if let Some(span) = self.take_symbol(b';') {
            return Ok(MethodItem::Empty(span));
        }
        if self.is_keyword("option") {
            return self.option_statement().map(MethodItem::Option);
        }
        Err(self.unexpected("`option` or the method's closing brace"))
    }
}
