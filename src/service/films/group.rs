//! What groups of films are.

use std::sync::Arc;

use serde::Serialize;

use crate::service::page::{self, Cursor, Key, Listed};

/// A genre or a studio.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// As the first of its films writes it.
    pub name: Arc<str>,
    /// How many films it has.
    pub films: u64,
}

/// What films are grouped by. A list of groups is in the order of their names, without regard to case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    Genre,
    Studio,
}

impl page::Order for Grouping {
    fn letter(self) -> char {
        match self {
            Self::Genre => 'g',
            Self::Studio => 's',
        }
    }

    fn has_text_keys(self) -> bool {
        true
    }
}

/// A page of groups.
#[derive(Debug)]
pub struct GroupPage {
    pub groups: Listed<Group, Cursor<Grouping>>,
    /// How many there are on all pages together.
    pub total: u64,
}

/// What of a list is wanted: the groups up to the limit of a page, and the number of all.
pub(in crate::service) type Found = (Vec<(Cursor<Grouping>, Group)>, u64);

/// The place of a group in the list.
pub(in crate::service) fn cursor(grouping: Grouping, key: &str) -> Cursor<Grouping> {
    // No two have the same key.
    Cursor { sort: grouping, key: Key::Text(key.to_owned()), id: 0 }
}
