//! Comments around the end of a declaration: which belongs to what ended, which to what follows,
//! and which to neither. The rules are those described at `SourceCodeInfo.Location` in
//! `google/protobuf/descriptor.proto`.

/// The comments between one token and the next.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Comments {
    /// Belongs to the declaration before.
    pub(crate) trailing: Option<String>,
    pub(crate) detached: Vec<String>,
    /// Belongs to the declaration after.
    pub(crate) leading: Option<String>,
}

/// The comments before the first token.
pub(crate) fn at_start(text: &str) -> Comments {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader::new(text, start);
    reader.attachable = false;
    reader.follows_token = false;
    reader.following_lines(None)
}

/// The comments behind a token that ends at `offset`.
pub(crate) fn after(text: &str, offset: usize) -> Comments {
    let mut reader = Reader::new(text, offset);
    reader.blanks();
    let mut trailing_end = None;
    match reader.comment_start() {
        Some(Kind::Line) => {
            trailing_end = Some(reader.line);
            reader.line_comment();
            reader.flush();
        }
        Some(Kind::Block) => {
            reader.block_comment();
            trailing_end = Some(reader.line);
            reader.blanks();
            reader.flush();
        }
        None if reader.take(b'\n') => {}
        None => return reader.found, // the next token is on the same line
    }
    reader.following_lines(trailing_end)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Line,
    Block,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Lines since the start of reading.
    line: usize,
    found: Comments,
    pending: Option<(Kind, Vec<u8>)>,
    /// Whether the next finished comment belongs to what came before.
    attachable: bool,
    /// Whether there is a token before.
    follows_token: bool,
    finished: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, at: usize) -> Self {
        Self {
            bytes: text.as_bytes(),
            at,
            line: 0,
            found: Comments::default(),
            pending: None,
            attachable: true,
            follows_token: true,
            finished: 0,
        }
    }

    fn following_lines(mut self, trailing_end: Option<usize>) -> Comments {
        loop {
            self.blanks();
            match self.comment_start() {
                Some(Kind::Line) => self.line_comment(),
                Some(Kind::Block) => {
                    self.block_comment();
                    // The rest of the line, lest it pass for a blank one.
                    self.blanks();
                    self.take(b'\n');
                }
                None if self.take(b'\n') => {
                    self.flush();
                    self.attachable = false;
                }
                None => break,
            }
        }
        if matches!(self.peek(), None | Some(b'}' | b']' | b')')) {
            // At the end of a scope nothing follows that a comment could belong to.
            self.flush();
        }
        let same_line = self.line == 0 || trailing_end == Some(self.line);
        if same_line && self.follows_token && self.peek().is_some() {
            self.detach_ambiguous();
        }
        if let Some((_, text)) = self.pending.take() {
            self.found.leading = Some(into_text(text));
        }
        self.found
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let matches = self.peek() == Some(byte);
        if matches {
            self.at += 1;
            self.line += usize::from(byte == b'\n');
        }
        matches
    }

    /// White space up to the end of the line.
    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | 0x0b | 0x0c)) {
            self.at += 1;
        }
    }

    fn comment_start(&mut self) -> Option<Kind> {
        let kind = match (self.peek()?, self.bytes.get(self.at + 1)?) {
            (b'/', b'/') => Kind::Line,
            (b'/', b'*') => Kind::Block,
            _ => return None,
        };
        self.at += 2;
        Some(kind)
    }

    /// Text to append to. Neighbouring line comments are one comment; a block stands alone.
    fn buffer(&mut self, kind: Kind) -> Vec<u8> {
        let continues = matches!(self.pending, Some((Kind::Line, _))) && kind == Kind::Line;
        if !continues {
            self.flush();
        }
        self.pending.take().map(|(_, text)| text).unwrap_or_default()
    }

    fn line_comment(&mut self) {
        let mut text = self.buffer(Kind::Line);
        while let Some(byte) = self.peek() {
            text.push(byte);
            self.take(byte);
            if byte == b'\n' {
                break;
            }
        }
        self.pending = Some((Kind::Line, text));
    }

    fn block_comment(&mut self) {
        let mut text = self.buffer(Kind::Block);
        while let Some(byte) = self.peek() {
            if byte == b'*' && self.bytes.get(self.at + 1) == Some(&b'/') {
                self.at += 2;
                break;
            }
            text.push(byte);
            self.take(byte);
            if byte == b'\n' {
                // The margin of a block comment, with its star, is no part of the text.
                self.blanks();
                if self.take(b'*') && self.take(b'/') {
                    break;
                }
            }
        }
        self.pending = Some((Kind::Block, text));
    }

    /// Ends the pending comment: it belongs to what came before, or to nothing.
    fn flush(&mut self) {
        let Some((_, text)) = self.pending.take() else { return };
        let text = into_text(text);
        if self.attachable {
            self.found.trailing = Some(text);
            self.attachable = false;
        } else {
            self.found.detached.push(text);
            self.finished += 1;
        }
    }

    /// A single comment between two declarations on one line could belong to either: to none.
    fn detach_ambiguous(&mut self) {
        if self.finished
            + usize::from(self.pending.is_some())
            + usize::from(self.found.trailing.is_some())
            != 1
        {
            return;
        }
        if let Some(trailing) = self.found.trailing.take() {
            self.found.detached.insert(0, trailing);
        }
        self.flush();
    }
}

/// Source text is UTF-8 and comments are cut at ASCII, so nothing is ever replaced.
fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
