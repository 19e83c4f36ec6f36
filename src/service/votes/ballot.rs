//! The votes of one call, while they wait to be written.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::service::caller::Voter;
use crate::service::error::Result;
use crate::service::idempotency::once::Once;
use crate::service::votes::rows::Entry;
use crate::service::votes::types::Choice;

/// The votes of one call.
pub(super) struct Ballot {
    /// Not set for an anonymous one.
    pub voter: Option<Voter>,
    pub choices: Vec<Choice>,
    pub voted_at: i64,
    pub once: Option<Arc<Once>>,
    pub came: Instant,
    pub answer: oneshot::Sender<Result<()>>,
}

impl Ballot {
    /// Whether it is anonymous and without a key, so that nothing needs to be looked up before it is written.
    pub(super) fn is_plain(&self) -> bool {
        self.voter.is_none() && self.once.is_none()
    }

    /// What is entered as it is: anonymous votes.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        let choices = if self.voter.is_none() { self.choices.as_slice() } else { &[] };
        choices.iter().filter_map(|choice| {
            let opinion = choice.opinion?;
            Some(Entry { film_id: choice.film.0, opinion, voted_at: self.voted_at })
        })
    }

    pub(super) fn films(&self) -> impl Iterator<Item = i64> {
        self.choices.iter().map(|choice| choice.film.0)
    }

    /// Whether all its films are among these.
    pub(super) fn is_of(&self, films: &BTreeSet<i64>) -> bool {
        self.films().all(|film| films.contains(&film))
    }

    pub(super) fn answer(self, answer: Result<()>) {
        // First: who is answered may ask again at once, and is not to hear that the key is in use.
        drop(self.once);
        // A caller who went away has voted all the same.
        let _ = self.answer.send(answer);
    }
}
