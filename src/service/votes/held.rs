//! Votes for films that somebody else holds: a transaction that changes or removes one of them, on PostgreSQL.
//!
//! They are put aside and tried again, so that votes for other films do not wait for that transaction too.

use std::collections::BTreeSet;
use std::mem;
use std::time::Duration;

use tokio::time::Instant;

use crate::service::caller::Voter;
use crate::service::error::Error;
use crate::service::votes::ballot::Ballot;

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(50);
/// How long a vote waits for its film, beyond which the next attempt is its last.
const PATIENCE: Duration = Duration::from_secs(5);
/// Calls that may wait so; past them a voter is told to come back.
const MOST: usize = 4_096;
/// Films that the log names.
const NAMED: usize = 10;

/// What is put aside.
#[derive(Default)]
pub(super) struct Held {
    ballots: Vec<Ballot>,
    /// Set while there are ballots.
    next_attempt: Option<Instant>,
    /// Whether the log has been told of it.
    is_told: bool,
}

impl Held {
    /// When all are to be tried again; nothing while none waits.
    pub(super) fn next_attempt(&self) -> Option<Instant> {
        self.next_attempt
    }

    /// Those that are to be tried again now, or together with these: of one voter's votes for a film the last one counts.
    pub(super) fn take(&mut self, with: &[Ballot]) -> Vec<Ballot> {
        let voters: BTreeSet<&Voter> =
            self.ballots.iter().filter_map(|ballot| ballot.voter.as_ref()).collect();
        let is_again =
            with.iter().filter_map(|ballot| ballot.voter.as_ref()).any(|voter| voters.contains(voter));
        if !is_again && self.next_attempt.is_none_or(|next| next > Instant::now()) {
            return Vec::new();
        }
        self.next_attempt = None;
        mem::take(&mut self.ballots)
    }

    /// Puts these aside, or tells their voters that it takes too long.
    pub(super) fn put(&mut self, ballots: Vec<Ballot>) {
        if ballots.is_empty() && self.ballots.is_empty() {
            self.is_told = false;
        } else if !mem::replace(&mut self.is_told, true) {
            let films: BTreeSet<i64> = ballots.iter().flat_map(Ballot::films).take(NAMED).collect();
            let calls = ballots.len();
            tracing::warn!(calls, ?films, "votes wait for films that another transaction holds");
        }
        for ballot in ballots {
            if self.ballots.len() < MOST && ballot.came.elapsed() < PATIENCE {
                self.ballots.push(ballot);
            } else {
                ballot.answer(Err(Error::Unavailable));
            }
        }
        if !self.ballots.is_empty() {
            self.next_attempt.get_or_insert_with(|| Instant::now() + PAUSE);
        }
    }
}
