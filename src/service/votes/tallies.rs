//! What a group of votes adds to the counts of films.

use std::collections::BTreeMap;

use crate::service::votes::types::Opinion;

/// Likes and dislikes that a group adds, by film. Switched and withdrawn votes take away.
pub(in crate::service) type Tallies = BTreeMap<i64, (i64, i64)>;

/// Adds a vote to the tallies, or takes it away (`sign` -1).
pub(in crate::service) fn tally(tallies: &mut Tallies, film_id: i64, opinion: Opinion, sign: i64) {
    let (likes, dislikes) = tallies.entry(film_id).or_default();
    match opinion {
        Opinion::Like => *likes += sign,
        Opinion::Dislike => *dislikes += sign,
    }
}
