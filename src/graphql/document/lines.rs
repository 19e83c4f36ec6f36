//! Places in a text: where lines begin.

use std::cell::OnceCell;

use apollo_compiler::parser::SourceSpan;
use async_graphql::Pos;

use super::subject::names_secret;

/// Bytes between two marks within a line: a text of one long line has many places to look up.
const STEP: usize = 64;

/// A text, and marks in it once somebody asks for a place. The library's own look-up builds a table of its source each
/// time.
pub(super) struct Lines<'a> {
    text: &'a str,
    marks: OnceCell<Vec<Mark>>,
    names_secret: OnceCell<bool>,
}

/// A byte whose place is known. One stands at the start of each line.
struct Mark {
    offset: usize,
    pos: Pos,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, marks: OnceCell::new(), names_secret: OnceCell::new() }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Whether it names a secret. No value and no word of it is told again then: a mistake may hide which one it is.
    pub(super) fn names_secret(&self) -> bool {
        *self.names_secret.get_or_init(|| names_secret(self.text))
    }

    /// The place of a byte; columns count UTF-16 code units, as editors and graphql-js do.
    pub(super) fn at(&self, offset: usize) -> Pos {
        let marks = self.marks.get_or_init(|| marks(self.text));
        let after = marks.partition_point(|mark| mark.offset <= offset);
        let Some(Mark { offset: from, pos }) = after.checked_sub(1).and_then(|last| marks.get(last)) else {
            return Pos::default();
        };
        let between = self.text.get(*from..offset).unwrap_or_default();
        Pos { line: pos.line, column: pos.column + between.chars().map(char::len_utf16).sum::<usize>() }
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

fn marks(text: &str) -> Vec<Mark> {
    let mut marks = vec![Mark { offset: 0, pos: Pos { line: 1, column: 1 } }];
    let (mut pos, mut marked) = (Pos { line: 1, column: 1 }, 0);
    for (offset, character) in text.char_indices() {
        if offset >= marked + STEP {
            marks.push(Mark { offset, pos });
            marked = offset;
        }
        let ends = match character {
            '\n' => true,
            '\r' => text.as_bytes().get(offset + 1) != Some(&b'\n'),
            _ => false,
        };
        if ends {
            pos = Pos { line: pos.line + 1, column: 1 };
            marked = offset + 1;
            marks.push(Mark { offset: marked, pos });
        } else {
            pos.column += character.len_utf16();
        }
    }
    marks
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

    #[test]
    fn a_long_line_is_counted_as_a_short_one() {
        let text = format!("{}\n{}", "é".repeat(500), "🎬a".repeat(300));
        let lines = Lines::new(&text);
        let mut pos = Pos { line: 1, column: 1 };
        for (offset, character) in text.char_indices() {
            assert_eq!(lines.at(offset), pos, "{offset}");
            pos = match character {
                '\n' => Pos { line: 2, column: 1 },
                _ => Pos { column: pos.column + character.len_utf16(), ..pos },
            };
        }
        assert_eq!(lines.at(text.len()), pos);
    }
}
