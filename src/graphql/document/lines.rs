//! Places in a text: where lines begin.

use std::cell::OnceCell;

use apollo_compiler::parser::SourceSpan;
use async_graphql::Pos;

/// A text, and its lines once somebody asks for one. The library's own look-up builds a table of its source each time.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: OnceCell<Vec<usize>>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, starts: OnceCell::new() }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The place of a byte; columns count UTF-16 code units, as editors and graphql-js do.
    pub(super) fn at(&self, offset: usize) -> Pos {
        let starts = self.starts.get_or_init(|| starts(self.text));
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let before = self.text.get(starts[line - 1]..offset).unwrap_or_default();
        Pos { line, column: before.chars().map(char::len_utf16).sum::<usize>() + 1 }
    }

    /// Where what the library has read begins; the start of the text where it does not know.
    pub(super) fn of(&self, span: Option<SourceSpan>) -> Pos {
        self.at(span.map_or(0, |span| span.offset()))
    }

    /// What stands there.
    pub(super) fn slice(&self, span: Option<SourceSpan>) -> &'a str {
        span.and_then(|span| self.text.get(span.offset()..span.end_offset())).unwrap_or_default()
    }
}

fn starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = (0..bytes.len())
        .filter(|&at| bytes[at] == b'\n' || bytes[at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
    std::iter::once(0).chain(ends.map(|at| at + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_the_specification_says_and_columns_count_code_units() {
        let lines = Lines::new("a\nb\r\ncé🎬d\re");
        for (offset, line, column) in [(0, 1, 1), (2, 2, 1), (5, 3, 1), (12, 3, 5), (14, 4, 1), (15, 4, 2)] {
            assert_eq!(lines.at(offset), Pos { line, column }, "{offset}");
        }
    }
}
