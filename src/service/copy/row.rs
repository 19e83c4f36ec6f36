//! A row as both databases have it.

use std::fmt;

use serde::Serialize;

/// A value. There are no others: a moment is a number, a role a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub(super) enum Cell {
    Null,
    Number(i64),
    /// Compared by its bytes, as both databases do in every key.
    Text(String),
}

/// In the order of the columns of its table.
pub(super) type Row = Vec<Cell>;

/// For people: `12`, or `"zorro", 12`.
pub(super) struct Key<'a>(pub &'a [Cell]);

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, cell) in self.0.iter().enumerate() {
            f.write_str(if place == 0 { "" } else { ", " })?;
            match cell {
                Cell::Null => f.write_str("null")?,
                Cell::Number(number) => write!(f, "{number}")?,
                Cell::Text(text) => write!(f, "{text:?}")?,
            }
        }
        Ok(())
    }
}

/// How many rows there were, and the checksum of all of them, in the order of their keys.
#[derive(Default)]
pub(super) struct Sum {
    pub(super) rows: u64,
    pub(super) hasher: blake3::Hasher,
}

impl Sum {
    pub(super) fn add(&mut self, row: Option<&Row>) {
        self.rows += u64::from(row.is_some());
        for cell in row.into_iter().flatten() {
            // Each with its kind and its length, so that no two rows are written alike.
            match cell {
                Cell::Null => self.hasher.update(&[0]),
                Cell::Number(number) => self.hasher.update(&[1]).update(&number.to_le_bytes()),
                Cell::Text(text) => {
                    let length = (text.len() as u64).to_le_bytes();
                    self.hasher.update(&[2]).update(&length).update(text.as_bytes())
                }
            };
        }
    }
}
