//! Pass 7: `SourceCodeInfo`: the place and the comments of every declaration, in the order in
//! which `protoc` records them. Walks the syntax tree with the same counting as `build`.
//! Specification: `SourceCodeInfo` in `google/protobuf/descriptor.proto`.

mod walk;

use buffa_descriptor::generated::descriptor::SourceCodeInfo;
use buffa_descriptor::generated::descriptor::source_code_info::Location;

use crate::comments::{self, Comments};
use crate::load::Unit;
use crate::options::OptionPaths;
use crate::source::{SourceFile, Span};

/// The source info of one file that has no errors.
pub(crate) fn source_info(unit: &Unit, options: &OptionPaths) -> SourceCodeInfo {
    let mut recorder = Recorder {
        source: &unit.source,
        options,
        locations: Vec::new(),
        leading: None,
        detached: Vec::new(),
    };
    recorder.file(&unit.tree);
    SourceCodeInfo { location: recorder.locations, ..Default::default() }
}

struct Recorder<'a> {
    source: &'a SourceFile,
    options: &'a OptionPaths,
    locations: Vec<Location>,
    /// Comments read before the declaration that they belong to.
    leading: Option<String>,
    detached: Vec<String>,
}

/// A recorded location.
#[derive(Clone, Copy)]
struct Mark(usize);

impl Recorder<'_> {
    fn begin(&mut self) {
        let Comments { detached, leading, .. } = comments::at_start(self.source.text());
        self.leading = leading;
        self.detached = detached;
    }

    fn record(&mut self, path: Vec<i32>, span: Span) -> Mark {
        let (start_line, start_column) = self.source.descriptor_position(span.start);
        let (end_line, end_column) = self.source.descriptor_position(span.end);
        let span = if start_line == end_line {
            vec![start_line, start_column, end_column]
        } else {
            vec![start_line, start_column, end_line, end_column]
        };
        self.locations.push(Location { path, span, ..Default::default() });
        Mark(self.locations.len() - 1)
    }

    /// Attaches comments at the `;` or `{` that ends a declaration's head: those read earlier lie
    /// before it, the first one behind it may trail it, the others wait for what follows.
    fn end_of_head(&mut self, token_end: u32, mark: Option<Mark>) {
        let next = comments::after(self.source.text(), token_end as usize);
        let leading = std::mem::replace(&mut self.leading, next.leading);
        let detached = std::mem::replace(&mut self.detached, next.detached);
        if let Some(location) = mark.and_then(|mark| self.locations.get_mut(mark.0)) {
            // an empty comment counts where comments are told apart, and is written nowhere
            let filled = |comment: Option<String>| comment.filter(|text| !text.is_empty());
            location.leading_comments = filled(leading);
            location.trailing_comments = filled(next.trailing);
            location.leading_detached_comments = detached;
        }
    }

    /// A `}`: comments that waited for a declaration inside it are dropped.
    fn end_of_block(&mut self, close: Span) {
        let next = comments::after(self.source.text(), close.end as usize);
        self.leading = next.leading;
        self.detached = next.detached;
    }

    /// A lone `;`: it has no location, so that detached comments wait on.
    fn empty_statement(&mut self, semicolon: Span) {
        let next = comments::after(self.source.text(), semicolon.end as usize);
        self.leading = next.leading;
        self.detached.extend(next.detached);
    }
}
