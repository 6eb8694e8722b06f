//! Comments of the `.proto` file as documentation of the generated item.
//!
//! Comments are prose by people who never thought of rustdoc: what looks like code is kept from
//! being compiled as a test, and what looks like a link or a tag from being taken for one.

use std::collections::HashMap;

use buffa_descriptor::generated::descriptor::FileDescriptorProto;
use buffa_descriptor::generated::descriptor::source_code_info::Location;
use proc_macro2::TokenStream;
use quote::quote;

/// Field numbers in `descriptor.proto`: `FileDescriptorProto.service`,
/// `ServiceDescriptorProto.method`.
const SERVICE: i32 = 6;
const METHOD: i32 = 2;

/// An indentation of this many columns makes a code block in Markdown (CommonMark 0.31, 4.4).
const CODE_INDENT: usize = 4;

/// The comments of one file's services and methods.
pub(crate) struct Comments<'a>(HashMap<&'a [i32], &'a Location>);

impl<'a> Comments<'a> {
    pub(crate) fn new(file: &'a FileDescriptorProto) -> Self {
        let locations = file.source_code_info.as_option().map(|info| info.location.as_slice());
        let of_services = locations
            .unwrap_or_default()
            .iter()
            .filter(|location| location.path.first() == Some(&SERVICE))
            .map(|location| (location.path.as_slice(), location));
        Self(of_services.collect())
    }

    pub(crate) fn service(&self, service: usize) -> Vec<String> {
        self.at(&[SERVICE, number(service)])
    }

    pub(crate) fn method(&self, service: usize, method: usize) -> Vec<String> {
        self.at(&[SERVICE, number(service), METHOD, number(method)])
    }

    /// What stands before the declaration, or else behind it.
    fn at(&self, path: &[i32]) -> Vec<String> {
        let comment = self.0.get(path).and_then(|location| {
            location.leading_comments.as_deref().or(location.trailing_comments.as_deref())
        });
        comment.map(markdown).unwrap_or_default()
    }
}

/// Documentation attributes, one a line.
pub(crate) fn attributes(lines: &[String]) -> TokenStream {
    let lines = lines.iter().map(|line| match line.as_str() {
        "" => String::new(),
        line => format!(" {line}"),
    });
    quote! { #(#[doc = #lines])* }
}

fn number(index: usize) -> i32 {
    i32::try_from(index).unwrap_or(i32::MAX)
}

/// A comment of a `.proto` file as Markdown that rustdoc renders and never compiles, for generators
/// of messages that take comments as they are.
#[must_use]
pub fn documentation(comment: &str) -> String {
    markdown(comment).join("\n")
}

/// A comment's text as Markdown lines that rustdoc renders and never compiles.
fn markdown(comment: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut state = State::Prose;
    for line in comment.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()) {
        let fence = fence(line);
        state = match (state, fence) {
            (State::Fenced(open), Some(mark)) if closes(line, open, mark) => {
                out.push(open.to_string().repeat(mark.1));
                State::Prose
            }
            (State::Fenced(open), _) => {
                out.push(line.to_owned());
                State::Fenced(open)
            }
            (state, Some((mark, count))) => {
                close_indented(&mut out, state);
                out.push(format!("{}text", mark.to_string().repeat(count)));
                State::Fenced(mark)
            }
            (State::Prose, None) if is_code(line) => {
                out.push("```text".to_owned());
                out.push(line.to_owned());
                State::Indented
            }
            (State::Indented, None) if line.is_empty() || is_code(line) => {
                out.push(line.to_owned());
                State::Indented
            }
            (state, None) => {
                close_indented(&mut out, state);
                out.push(escaped(line));
                State::Prose
            }
        };
    }
    match state {
        State::Fenced(mark) => out.push(mark.to_string().repeat(3)),
        state => close_indented(&mut out, state),
    }
    while out.last().is_some_and(String::is_empty) {
        out.pop();
    }
    let blank = out.iter().take_while(|line| line.is_empty()).count();
    out.drain(..blank);
    out
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Prose,
    /// Inside a block that the author indented; we put fences around it.
    Indented,
    /// Inside a block that the author fenced with this character.
    Fenced(char),
}

fn close_indented(out: &mut Vec<String>, state: State) {
    if state == State::Indented {
        out.push("```".to_owned());
    }
}

/// The character and length of a code fence that `line` is or opens.
fn fence(line: &str) -> Option<(char, usize)> {
    let text = line.trim_start();
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let count = text.chars().take_while(|c| *c == mark).count();
    (count >= 3 && !is_code(line)).then_some((mark, count))
}

fn closes(line: &str, open: char, (mark, count): (char, usize)) -> bool {
    mark == open && line.trim().chars().count() == count
}

fn is_code(line: &str) -> bool {
    let mut column = 0;
    for c in line.chars() {
        match c {
            ' ' => column += 1,
            '\t' => column += CODE_INDENT,
            _ => break,
        }
    }
    column >= CODE_INDENT && !line.trim().is_empty()
}

/// Prose outside of `code spans`, with brackets that are no links and tags made harmless.
fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut in_code = false;
    let mut previous = ' ';
    for (at, c) in line.char_indices() {
        match c {
            '`' => in_code = !in_code,
            '[' if !in_code && previous != '\\' && !is_link(&line[at..]) => out.push('\\'),
            '<' if !in_code && previous != '\\' && !is_autolink(&line[at..]) => out.push('\\'),
            _ => {}
        }
        out.push(c);
        previous = c;
    }
    out
}

fn is_link(rest: &str) -> bool {
    let target = rest.split_once("](").map(|(text, target)| (!text.contains(']'), target));
    target.is_some_and(|(whole, target)| whole && target.starts_with("http"))
}

fn is_autolink(rest: &str) -> bool {
    rest.starts_with("<http://") || rest.starts_with("<https://")
}

#[cfg(test)]
mod tests;
