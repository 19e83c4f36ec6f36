//! Rows for people.

use std::fmt::Write as _;

use crate::service::text::is_plain;

/// One line a row, each column as wide as its widest cell.
pub(super) fn lines<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let mut table = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // Writing to a string cannot fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        table.push_str(line.trim_end());
        table.push('\n');
    }
    table
}

/// Text from outside, made harmless for a terminal.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars() {
        if is_plain(character) {
            plain.push(character);
        } else {
            plain.extend(character.escape_unicode());
        }
    }
    plain
}
