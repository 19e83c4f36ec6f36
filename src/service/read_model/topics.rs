//! Who listens, and what is told: a topic for each film that somebody listens to, and one for films that are added.
//!
//! Told by whoever tells the read model, within the turn of the write, so that events come in the order of the commits.
//! A topic keeps the film that it told last: an event is told only if the counts differ from it. So nothing is told
//! twice, whichever way a commit was heard of, and films outside of the byte budget need no look into the database.
//!
//! A film's events are its counts as they are now, and between two of them a subscriber rests: what a commit costs does not
//! grow with those who hear of it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, sleep_until};

use crate::service::error::{Error, Result};
use crate::service::films::types::Film;

/// What a film's counts are after a commit.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Count {
    pub film_id: i64,
    pub likes: i64,
    pub dislikes: i64,
}

/// Films added that a subscriber may be behind; one more, and his subscription ends.
const ADDED_QUEUE: usize = 1_024;

/// The topics that somebody listens to.
pub(super) struct Topics {
    /// How long a subscriber rests after an event of a film.
    rest: Duration,
    /// How many there are: all that a vote looks at while there is none. Raised before a listener looks at the read
    /// model, read after the read model was changed; the lock of the read model orders the two, so none is missed.
    open: AtomicUsize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Films that somebody listens to, as they were told last.
    voted: HashMap<i64, watch::Sender<Arc<Film>>>,
    added: Option<broadcast::Sender<Arc<Film>>>,
}

impl Topics {
    pub(super) fn new(rest: Duration) -> Self {
        Self { rest, open: AtomicUsize::new(0), inner: Mutex::default() }
    }

    /// Whether nobody listens at all.
    pub(super) fn is_idle(&self) -> bool {
        self.open.load(Ordering::Relaxed) == 0
    }

    /// A feed of the film's votes. `look` is asked for the film as it is now if nobody listens to it yet; `None` when
    /// it has none.
    pub(super) fn listen_to(
        self: &Arc<Self>,
        id: i64,
        look: impl FnOnce() -> Option<Arc<Film>>,
    ) -> Option<Feed> {
        let mut inner = self.inner();
        if let Some(film) = inner.voted.get(&id) {
            return Some(self.votes(id, film.subscribe()));
        }
        self.open.fetch_add(1, Ordering::Relaxed);
        let Some(last) = look() else {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return None;
        };
        let (sender, receiver) = watch::channel(last);
        inner.voted.insert(id, sender);
        Some(self.votes(id, receiver))
    }

    fn votes(self: &Arc<Self>, id: i64, film: watch::Receiver<Arc<Film>>) -> Feed {
        let heard = counts(&film.borrow());
        Feed { topics: Arc::clone(self), source: Source::Votes { id, film, heard, rests_until: None } }
    }

    /// A feed of the films that are added.
    pub(super) fn listen_to_added(self: &Arc<Self>) -> Feed {
        let mut inner = self.inner();
        let receiver = if let Some(sender) = &inner.added {
            sender.subscribe()
        } else {
            let (sender, receiver) = broadcast::channel(ADDED_QUEUE);
            inner.added = Some(sender);
            self.open.fetch_add(1, Ordering::Relaxed);
            receiver
        };
        Feed { topics: Arc::clone(self), source: Source::Added(receiver) }
    }

    /// Whether somebody wants to hear of films that are added.
    pub(super) fn wants_added(&self) -> bool {
        !self.is_idle() && self.inner().added.is_some()
    }

    /// Whether some subscriber is so far behind that so many films more might drop him.
    pub(super) fn is_crowded(&self, more: usize) -> bool {
        !self.is_idle() && self.inner().added.as_ref().is_some_and(|sender| sender.len() + more > ADDED_QUEUE)
    }

    /// The films that somebody listens to.
    pub(super) fn films(&self) -> Vec<i64> {
        if self.is_idle() { Vec::new() } else { self.inner().voted.keys().copied().collect() }
    }

    /// Counts after a commit.
    pub(super) fn counted(&self, counts: &[Count]) {
        if self.is_idle() {
            return;
        }
        let inner = self.inner();
        for count in counts {
            if let Some(topic) = inner.voted.get(&count.film_id) {
                let Count { likes, dislikes, .. } = *count;
                let film = Film { likes, dislikes, ..Film::clone(&topic.borrow()) };
                tell(topic, &Arc::new(film));
            }
        }
    }

    /// Films that were looked up, and what was found of them.
    pub(super) fn refreshed(&self, asked: &[i64], found: &[Arc<Film>]) {
        if self.is_idle() {
            return;
        }
        for film in found {
            self.told(film);
        }
        let is_gone = |id: &&i64| found.iter().all(|film| film.id != **id);
        for id in asked.iter().filter(is_gone) {
            self.removed(*id);
        }
    }

    /// A film as it is now.
    pub(super) fn told(&self, film: &Arc<Film>) {
        if let Some(topic) = self.inner().voted.get(&film.id) {
            tell(topic, film);
        }
    }

    /// A film that is new.
    pub(super) fn added(&self, film: &Arc<Film>) {
        if self.is_idle() {
            return;
        }
        if let Some(sender) = &self.inner().added {
            // Its last listener may just have gone.
            let _ = sender.send(Arc::clone(film));
        }
    }

    /// A film that is gone: who listens to it hears what was told before, and then the end.
    pub(super) fn removed(&self, id: i64) {
        if !self.is_idle() && self.inner().voted.remove(&id).is_some() {
            self.open.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Drops the topics of this kind that nobody listens to any more: that of the film, or that of films that are added.
    fn tidy(&self, id: Option<i64>) {
        let mut inner = self.inner();
        let left = match id {
            Some(id) => inner.voted.get(&id).map(watch::Sender::receiver_count),
            None => inner.added.as_ref().map(broadcast::Sender::receiver_count),
        };
        if left != Some(0) {
            return;
        }
        match id {
            Some(id) => drop(inner.voted.remove(&id)),
            None => inner.added = None,
        }
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    // Each change under the lock is one insert or one removal, so a poisoned lock is used on.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn counts(film: &Film) -> (i64, i64) {
    (film.likes, film.dislikes)
}

fn tell(topic: &watch::Sender<Arc<Film>>, film: &Arc<Film>) {
    topic.send_if_modified(|last| {
        let has_votes = counts(film) != counts(last);
        *last = Arc::clone(film);
        has_votes
    });
}

/// What one subscriber hears, from the moment when it was made. Nobody waits for anybody, and memory is bounded: of a
/// film's votes, a subscriber hears the counts as they are when he is ready; who falls behind by more films added than are
/// kept is told so and hears nothing more.
pub struct Feed {
    topics: Arc<Topics>,
    source: Source,
}

enum Source {
    Votes { id: i64, film: watch::Receiver<Arc<Film>>, heard: (i64, i64), rests_until: Option<Instant> },
    Added(broadcast::Receiver<Arc<Film>>),
    Ended,
}

impl Feed {
    /// The next film; `None` when the film that this is about was removed, and after an error. May be dropped and asked
    /// again: nothing is lost.
    ///
    /// # Errors
    /// [`Error::FellBehind`].
    pub async fn next(&mut self) -> Option<Result<Arc<Film>>> {
        let told = match &mut self.source {
            Source::Votes { film, heard, rests_until, .. } => loop {
                if let Some(end) = *rests_until {
                    sleep_until(end).await;
                }
                if film.changed().await.is_err() {
                    break None;
                }
                let told = Arc::clone(&film.borrow_and_update());
                *rests_until = Some(Instant::now() + self.topics.rest);
                // A vote that was taken back in the meantime is none.
                if counts(&told) != *heard {
                    *heard = counts(&told);
                    break Some(Ok(told));
                }
            },
            Source::Added(films) => match films.recv().await {
                Ok(film) => Some(Ok(film)),
                Err(RecvError::Lagged(_)) => Some(Err(Error::FellBehind)),
                Err(RecvError::Closed) => None,
            },
            Source::Ended => None,
        };
        if !matches!(told, Some(Ok(_))) {
            self.leave();
        }
        told
    }

    fn leave(&mut self) {
        let id = match &self.source {
            Source::Votes { id, .. } => Some(*id),
            Source::Added(_) => None,
            Source::Ended => return,
        };
        // It counts as a listener until it is dropped.
        self.source = Source::Ended;
        self.topics.tidy(id);
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(id: i64, likes: i64) -> Arc<Film> {
        let (name, studio) = ("Name".into(), "Studio".into());
        Arc::new(Film { id, name, studio, year: None, genres: [].into(), likes, dislikes: 0 })
    }

    fn liked(topics: &Topics, likes: i64) {
        topics.counted(&[Count { film_id: 1, likes, dislikes: 0 }]);
    }

    async fn likes(feed: &mut Feed) -> Option<i64> {
        feed.next().await.map(|film| film.expect("in time").likes)
    }

    fn topics() -> Arc<Topics> {
        Arc::new(Topics::new(Duration::from_millis(100)))
    }

    #[tokio::test]
    async fn what_is_heard_twice_is_told_once_and_in_order() {
        let topics = topics();
        let mut feed = topics.listen_to(1, || Some(film(1, 5))).expect("a film");
        topics.told(&film(1, 5));
        liked(&topics, 6);
        topics.told(&film(1, 6));
        assert_eq!(likes(&mut feed).await, Some(6));
        liked(&topics, 7);
        assert_eq!(likes(&mut feed).await, Some(7));
        // Taken back before it was heard.
        liked(&topics, 8);
        liked(&topics, 7);
        topics.removed(1);
        assert_eq!(likes(&mut feed).await, None);
        assert!(topics.is_idle());
    }

    #[tokio::test]
    async fn between_two_events_a_subscriber_rests_and_the_last_counts_are_never_left_out() {
        let topics = topics();
        let mut feed = topics.listen_to(1, || Some(film(1, 0))).expect("a film");
        let start = Instant::now();
        let voter = tokio::spawn({
            let topics = Arc::clone(&topics);
            async move {
                for votes in 1..=1_000 {
                    liked(&topics, votes);
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        });
        let mut heard = vec![likes(&mut feed).await.expect("a film")];
        while heard.last() != Some(&1_000) {
            let now = likes(&mut feed).await.expect("a film");
            assert!(now > heard[heard.len() - 1], "{now} after {heard:?}");
            heard.push(now);
        }
        let most = 1 + start.elapsed().as_millis() / 100;
        assert!(heard.len() > 1 && heard.len() as u128 <= most, "{heard:?} in {:?}", start.elapsed());
        voter.await.expect("all votes");
        let rest = tokio::time::timeout(Duration::from_millis(300), feed.next()).await;
        assert!(rest.is_err(), "nothing twice");
    }

    #[tokio::test]
    async fn who_falls_behind_is_told_so_and_the_others_hear_everything() {
        let topics = topics();
        let (mut slow, mut quick) = (topics.listen_to_added(), topics.listen_to_added());
        for id in 1..=2_000 {
            topics.added(&film(id, 0));
            assert_eq!(quick.next().await.expect("a film").expect("in time").id, id);
        }
        assert!(matches!(slow.next().await, Some(Err(Error::FellBehind))));
        assert!(slow.next().await.is_none());
        drop(quick);
        assert!(topics.is_idle(), "the last one has gone");
    }

    #[tokio::test]
    async fn a_topic_lives_as_long_as_somebody_listens() {
        let topics = topics();
        assert!(topics.listen_to(1, || None).is_none());
        assert!(topics.is_idle());
        let (first, second) = (topics.listen_to_added(), topics.listen_to_added());
        assert!(topics.wants_added());
        drop(first);
        assert!(topics.wants_added());
        drop(second);
        assert!(topics.is_idle() && !topics.wants_added());
    }
}
