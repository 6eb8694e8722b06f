//! Rust source told apart into code, comments and literals, so that rules look where they mean to.
//! Not a parser: it knows just enough of the lexical rules (nested comments, raw strings,
//! lifetimes) that a word in a string is never taken for code.

/// What a character of the text belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Code,
    Comment,
    /// Inside the quotes of a string or character literal.
    Literal,
}

/// A function as the text shows it.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The line of its `fn`, counted from 1.
    pub(crate) line: usize,
    /// From its `fn` to its closing brace.
    pub(crate) lines: usize,
}

/// A text with the kind of each of its characters.
pub(crate) struct Source {
    text: Vec<char>,
    kinds: Vec<Kind>,
}

impl Source {
    pub(crate) fn new(text: &str) -> Self {
        let text: Vec<char> = text.chars().collect();
        let kinds = Scanner { text: &text, kinds: vec![Kind::Code; text.len()], at: 0 }.scan();
        Self { text, kinds }
    }

    /// The text with everything of other kinds blanked; line and column stay as they were.
    pub(crate) fn only(&self, kind: Kind) -> String {
        self.mask(|at| self.kinds.get(at) == Some(&kind))
    }

    /// The code outside of items marked `#[cfg(test)]`.
    pub(crate) fn product_code(&self) -> String {
        let code: Vec<char> = self.only(Kind::Code).chars().collect();
        let mut keep = vec![true; code.len()];
        let marker: Vec<char> = "#[cfg(test)]".chars().collect();
        let mut at = 0;
        while let Some(start) = find(&code, &marker, at) {
            at = item_end(&code, start + marker.len());
            if let Some(range) = keep.get_mut(start..at) {
                range.fill(false);
            }
        }
        self.mask(|at| {
            self.kinds.get(at) == Some(&Kind::Code) && keep.get(at).copied().unwrap_or(true)
        })
    }

    /// Lines that are not part of an item marked `#[cfg(test)]`, comments and blanks included.
    pub(crate) fn product_lines(&self) -> usize {
        let whole = self.only(Kind::Code);
        let product = self.product_code();
        let of_tests = whole
            .lines()
            .zip(product.lines())
            .filter(|(whole, product)| whole.trim() != product.trim() && product.trim().is_empty())
            .count();
        whole.lines().count() - of_tests
    }

    /// Length of each line in characters, literals' contents and URLs left out.
    pub(crate) fn breakable_lengths(&self) -> Vec<usize> {
        let unquoted: String = self
            .text
            .iter()
            .zip(&self.kinds)
            .filter(|(c, kind)| **c == '\n' || **kind != Kind::Literal)
            .map(|(c, _)| *c)
            .collect();
        unquoted.split('\n').map(length_without_urls).collect()
    }

    /// Every function with a body.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let code: Vec<char> = self.only(Kind::Code).chars().collect();
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(start) = find(&code, &['f', 'n', ' '], at) {
            at = start + 3;
            let alone = start == 0 || !code.get(start - 1).is_some_and(|c| is_word(*c));
            let name: String = code
                .iter()
                .skip(at)
                .skip_while(|c| **c == ' ')
                .take_while(|c| is_word(**c))
                .collect();
            if !alone || name.is_empty() {
                continue;
            }
            if let Some(open) = body(&code, at) {
                let first = line_of(&code, start);
                let lines = line_of(&code, matching(&code, open)) - first + 1;
                found.push(Function { name, line: first, lines });
            }
        }
        found
    }

    fn mask(&self, keep: impl Fn(usize) -> bool) -> String {
        self.text
            .iter()
            .enumerate()
            .map(|(at, c)| if *c == '\n' || keep(at) { *c } else { ' ' })
            .collect()
    }
}

/// Whether `word` stands in `line` with no letter, digit or underscore beside it.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|part| part.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|part| part.chars().next());
        let starts = word.chars().next().is_some_and(is_word);
        let ends = word.chars().next_back().is_some_and(is_word);
        !(starts && before.is_some_and(is_word) || ends && after.is_some_and(is_word))
    })
}

/// A letter, digit or underscore.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn length_without_urls(line: &str) -> usize {
    let url = line.split_whitespace().find(|word| word.contains("://"));
    line.chars().count() - url.map_or(0, |url| url.chars().count())
}

fn find(text: &[char], what: &[char], from: usize) -> Option<usize> {
    let found = text.get(from..)?.windows(what.len()).position(|window| window == what)?;
    Some(from + found)
}

fn line_of(text: &[char], at: usize) -> usize {
    text.iter().take(at).filter(|c| **c == '\n').count() + 1
}

/// The `{` of a function's body, or none for a declaration that ends in `;`.
fn body(code: &[char], from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in code.iter().enumerate().skip(from) {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '{' if depth == 0 => return Some(at),
            ';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

/// The `}` that closes the `{` at `open`, or the text's last character.
fn matching(code: &[char], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, c) in code.iter().enumerate().skip(open) {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    code.len().saturating_sub(1)
}

/// Where the item that starts at `from` is over: after its `;` or its closing brace.
fn item_end(code: &[char], from: usize) -> usize {
    let end = code.iter().enumerate().skip(from).find(|(_, c)| matches!(c, '{' | ';'));
    match end {
        Some((at, '{')) => matching(code, at) + 1,
        Some((at, _)) => at + 1,
        None => code.len(),
    }
}

struct Scanner<'a> {
    text: &'a [char],
    kinds: Vec<Kind>,
    at: usize,
}

impl Scanner<'_> {
    fn scan(mut self) -> Vec<Kind> {
        while let Some(c) = self.peek(0) {
            match (c, self.peek(1)) {
                ('/', Some('/')) => self.mark_while(Kind::Comment, |c| c != '\n'),
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => self.string(),
                ('\'', _) => self.quote(),
                _ if is_word(c) => self.word(),
                _ => self.at += 1,
            }
        }
        self.kinds
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn mark(&mut self, kind: Kind, count: usize) {
        for _ in 0..count {
            if let Some(slot) = self.kinds.get_mut(self.at) {
                *slot = kind;
                self.at += 1;
            }
        }
    }

    fn mark_while(&mut self, kind: Kind, more: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&more) {
            self.mark(kind, 1);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                (None, _) => return,
                _ => {
                    self.mark(Kind::Comment, 1);
                    continue;
                }
            }
            self.mark(Kind::Comment, 2);
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        self.at += 1;
        loop {
            match self.peek(0) {
                None => return,
                Some('"') => {
                    self.at += 1;
                    return;
                }
                Some('\\') => self.mark(Kind::Literal, 2),
                Some(_) => self.mark(Kind::Literal, 1),
            }
        }
    }

    /// A character literal, or the mark of a lifetime or label.
    fn quote(&mut self) {
        self.at += 1;
        if self.peek(0) == Some('\\') {
            self.mark(Kind::Literal, 2);
            self.mark_while(Kind::Literal, |c| c != '\'' && c != '\n');
        } else if self.peek(1) == Some('\'') {
            self.mark(Kind::Literal, 1);
        } else {
            return;
        }
        self.at += 1;
    }

    /// A word, which may turn out to be the prefix of a raw string.
    fn word(&mut self) {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        let word = self.text.get(start..self.at).unwrap_or_default();
        if !matches!(word, ['r'] | ['b', 'r'] | ['c', 'r']) {
            return;
        }
        let hashes = self.text.iter().skip(self.at).take_while(|c| **c == '#').count();
        if self.peek(hashes) == Some('"') {
            self.at += hashes + 1;
            self.raw_string(hashes);
        }
    }

    fn raw_string(&mut self, hashes: usize) {
        let mut end = vec!['"'];
        end.extend(std::iter::repeat_n('#', hashes));
        let stop = find(self.text, &end, self.at).unwrap_or(self.text.len());
        self.mark(Kind::Literal, stop - self.at);
        self.at += end.len();
    }
}

#[cfg(test)]
mod tests;
