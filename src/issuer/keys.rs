//! The keys of an issuer, as of a while ago.
//!
//! Read anew when they are old, and when a token names a key that is not among them: one reading at a time, whoever asks,
//! and never two in short order. Nobody waits for longer than [`WAIT`], and while the place of the keys is out of reach
//! the known ones go on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jsonwebtoken::Algorithm;
use tokio::sync::watch;

use super::jwk::KeySet;
use super::source::{Reader, Source, read_file};
use crate::clock::Clock;
use crate::telemetry;

/// For a reading that somebody has begun.
const WAIT: Duration = Duration::from_secs(5);
/// Between two readings of a URL because of unknown keys or failures, however many tokens ask.
const PAUSE: Duration = Duration::from_secs(30);
/// The same while there are no keys at all: nobody with a token gets in, so it is looked for more often.
const PAUSE_WITHOUT_KEYS: Duration = Duration::from_secs(5);
/// A file costs next to nothing to read, and whoever changes it expects it to count at once.
const PAUSE_OF_FILE: Duration = Duration::from_secs(1);

pub(super) struct Keys {
    source: Source,
    reader: Reader,
    /// For as long keys are taken as they are.
    refresh: Duration,
    /// Between two readings at least, once there are keys.
    pause: Duration,
    allowed: Vec<Algorithm>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// The number of the last reading that has ended.
    ended: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    keys: Option<Arc<KeySet>>,
    /// What they were read from.
    content: Vec<u8>,
    /// The number of the last reading that was begun, and when that was.
    begun: u64,
    begun_at: Option<Duration>,
    /// What went wrong with the last reading that has ended.
    failure: Option<String>,
}

impl Keys {
    /// Keys in a file are read at once, so that a wrong name is told at the start.
    pub(super) fn new(
        source: Source,
        refresh: Duration,
        allowed: &[Algorithm],
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let is_file = matches!(source, Source::File(_));
        let keys = Self {
            reader: Reader::new(&source)?,
            refresh: if is_file { PAUSE_OF_FILE } else { refresh },
            pause: if is_file { PAUSE_OF_FILE } else { PAUSE.min(refresh) },
            allowed: allowed.to_vec(),
            clock,
            state: Mutex::default(),
            ended: watch::Sender::new(0),
            source,
        };
        if let Source::File(path) = &keys.source {
            keys.take(read_file(path));
            let mut state = keys.state();
            if let Some(failure) = &state.failure {
                return Err(format!("{}: {failure}", keys.source));
            }
            if state.keys.as_ref().is_none_or(|keys| keys.0.is_empty()) {
                return Err(format!("{} has no key that can be used with auth.jwt.algorithms", keys.source));
            }
            state.begun_at = Some(keys.clock.now());
        }
        Ok(keys)
    }

    /// The keys, read anew if they are old. None: there are none, and there is no getting them now.
    pub(super) async fn current(self: &Arc<Self>) -> Option<Arc<KeySet>> {
        let reading = {
            let mut state = self.state();
            let pause = match (&state.keys, &state.failure) {
                (None, _) => PAUSE_WITHOUT_KEYS,
                (Some(_), Some(_)) => self.pause,
                (Some(_), None) => self.refresh,
            };
            let reading = self.begin_or_join(&mut state, pause);
            // Old keys are better than waiting again and again for a place that is out of reach. But where all is well,
            // what is old is not believed before it has been looked at: a key may have been withdrawn.
            if state.keys.is_some() && state.failure.is_some() { None } else { reading }
        };
        if let Some(reading) = reading {
            self.wait(reading).await;
        }
        self.state().keys.clone()
    }

    /// For a token whose key is not among the current ones: the keys as of now, or as of a moment ago if they were read
    /// just then. None: the place of the keys is out of reach, so nobody can tell.
    pub(super) async fn newest(self: &Arc<Self>) -> Option<Arc<KeySet>> {
        let reading = self.begin_or_join(&mut self.state(), self.pause);
        if let Some(reading) = reading {
            self.wait(reading).await;
        }
        let state = self.state();
        let has_ended = *self.ended.borrow() >= state.begun;
        if has_ended && state.failure.is_none() { state.keys.clone() } else { None }
    }

    /// What went wrong with the last reading.
    pub(super) fn failure(&self) -> Option<String> {
        self.state().failure.clone()
    }

    /// The number of the reading that is under way; begun now if none is and the last one is long enough ago.
    fn begin_or_join(self: &Arc<Self>, state: &mut State, pause: Duration) -> Option<u64> {
        if *self.ended.borrow() < state.begun {
            return Some(state.begun);
        }
        let now = self.clock.now();
        if state.begun_at.is_some_and(|begun| now.saturating_sub(begun) < pause) {
            return None;
        }
        state.begun += 1;
        state.begun_at = Some(now);
        // On its own, so that it goes on when the client that began it goes away.
        let reading = Reading { keys: Arc::clone(self), number: state.begun };
        let read = async move { reading.keys.take(reading.keys.reader.read().await) };
        tokio::spawn(telemetry::carried(read));
        Some(state.begun)
    }

    async fn wait(&self, reading: u64) {
        let mut ended = self.ended.subscribe();
        let _ = tokio::time::timeout(WAIT, ended.wait_for(|number| *number >= reading)).await;
    }

    fn take(&self, read: Result<Vec<u8>, String>) {
        let mut state = self.state();
        let source = &self.source;
        let parsed = match read {
            Ok(content) if state.keys.is_some() && content == state.content => Ok(None),
            Ok(content) => KeySet::parse(&content, &self.allowed)
                .map(|(keys, ignored)| Some((content, keys, ignored)))
                .map_err(ToString::to_string),
            Err(failure) => Err(failure),
        };
        match parsed {
            Ok(changed) => {
                state.failure = None;
                let Some((content, keys, ignored)) = changed else { return };
                for reason in ignored {
                    tracing::warn!(%source, "{reason}");
                }
                if keys.0.is_empty() {
                    tracing::warn!(%source, "the key set of the issuer has no key that can be used: no token is valid");
                } else {
                    tracing::info!(%source, keys = keys.0.len(), "the keys of the issuer were read");
                }
                (state.keys, state.content) = (Some(Arc::new(keys)), content);
            }
            Err(failure) => {
                // Said once until it changes: it may last.
                if state.failure.as_ref() != Some(&failure) {
                    let kept =
                        if state.keys.is_some() { "the known ones go on" } else { "no token can be checked" };
                    tracing::warn!(%source, "the keys of the issuer cannot be had, {kept}: {failure}");
                }
                state.failure = Some(failure);
            }
        }
    }

    /// Held for a moment only, and never across an await.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends when it is dropped, whatever becomes of it: who waits must not wait for ever.
struct Reading {
    keys: Arc<Keys>,
    number: u64,
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.keys.ended.send_replace(self.number);
    }
}
