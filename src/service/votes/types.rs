//! What votes are.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::service::films::types::FilmId;

/// One vote of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vote {
    pub film: FilmId,
    pub opinion: Opinion,
}

/// What one voter wants his vote for a film to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    pub film: FilmId,
    /// `None`: none at all.
    pub opinion: Option<Opinion>,
}

/// Which way a vote goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = VoteDirection)]
#[serde(rename_all = "lowercase")]
pub enum Opinion {
    Like,
    Dislike,
}

impl Opinion {
    /// As it stands in the table.
    pub(super) fn value(self) -> i16 {
        match self {
            Self::Like => 1,
            Self::Dislike => -1,
        }
    }

    pub(super) fn of_value(value: i16) -> Self {
        if value < 0 { Self::Dislike } else { Self::Like }
    }
}

/// Likes and dislikes that a group adds, by film. Switched and withdrawn votes take away.
pub(super) type Tallies = BTreeMap<i64, (i64, i64)>;

/// Adds a vote to the tallies, or takes it away (`sign` -1).
pub(super) fn tally(tallies: &mut Tallies, film_id: i64, opinion: Opinion, sign: i64) {
    let (likes, dislikes) = tallies.entry(film_id).or_default();
    match opinion {
        Opinion::Like => *likes += sign,
        Opinion::Dislike => *dislikes += sign,
    }
}
