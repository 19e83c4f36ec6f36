//! Who listens, and what is told: a topic for each film that somebody listens to, and one for films that are added.
//!
//! Told by whoever tells the read model, within the turn of the write, so that events come in the order of the commits.
//! A topic keeps the film that it told last: an event is told only if the counts differ from it. So nothing is told
//! twice, whichever way a commit was heard of, and films outside of the byte budget need no look into the database.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast::{Receiver, Sender, channel, error::RecvError};

use crate::service::error::{Error, Result};
use crate::service::films::types::Film;

/// What a film's counts are after a commit.
#[derive(Debug, Clone, Copy)]
pub(in crate::service) struct Count {
    pub film_id: i64,
    pub likes: i64,
    pub dislikes: i64,
}

/// Events of one film that a subscriber may be behind; one more, and his subscription ends.
const VOTED_QUEUE: usize = 64;
/// Films added that a subscriber may be behind.
const ADDED_QUEUE: usize = 1_024;

/// The topics that somebody listens to.
#[derive(Default)]
pub(super) struct Topics {
    /// How many there are: all that a vote looks at while there is none. Raised before a listener looks at the read
    /// model, read after the read model was changed; the lock of the read model orders the two, so none is missed.
    open: AtomicUsize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    voted: HashMap<i64, Topic>,
    added: Option<Sender<Arc<Film>>>,
}

/// A film that somebody listens to.
struct Topic {
    last: Arc<Film>,
    sender: Sender<Arc<Film>>,
}

impl Topics {
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
        if let Some(topic) = inner.voted.get(&id) {
            return Some(self.feed(topic.sender.subscribe(), Some(id)));
        }
        self.open.fetch_add(1, Ordering::Relaxed);
        let Some(last) = look() else {
            self.open.fetch_sub(1, Ordering::Relaxed);
            return None;
        };
        let (sender, receiver) = channel(VOTED_QUEUE);
        inner.voted.insert(id, Topic { last, sender });
        Some(self.feed(receiver, Some(id)))
    }

    /// A feed of the films that are added.
    pub(super) fn listen_to_added(self: &Arc<Self>) -> Feed {
        let mut inner = self.inner();
        let receiver = if let Some(sender) = &inner.added {
            sender.subscribe()
        } else {
            let (sender, receiver) = channel(ADDED_QUEUE);
            inner.added = Some(sender);
            self.open.fetch_add(1, Ordering::Relaxed);
            receiver
        };
        self.feed(receiver, None)
    }

    fn feed(self: &Arc<Self>, receiver: Receiver<Arc<Film>>, id: Option<i64>) -> Feed {
        Feed { topics: Arc::clone(self), receiver: Some(receiver), id }
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
        let mut inner = self.inner();
        for count in counts {
            if let Some(topic) = inner.voted.get_mut(&count.film_id) {
                let Count { likes, dislikes, .. } = *count;
                topic.tell(Arc::new(Film { likes, dislikes, ..Film::clone(&topic.last) }));
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
        if let Some(topic) = self.inner().voted.get_mut(&film.id) {
            topic.tell(Arc::clone(film));
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

    /// Drops the topic that nobody listens to any more.
    fn tidy(&self, id: Option<i64>) {
        let mut inner = self.inner();
        let sender = match id {
            Some(id) => inner.voted.get(&id).map(|topic| &topic.sender),
            None => inner.added.as_ref(),
        };
        if sender.is_none_or(|sender| sender.receiver_count() > 0) {
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

impl Topic {
    fn tell(&mut self, film: Arc<Film>) {
        let has_votes = (film.likes, film.dislikes) != (self.last.likes, self.last.dislikes);
        self.last = film;
        if has_votes {
            // Its last listener may just have gone.
            let _ = self.sender.send(Arc::clone(&self.last));
        }
    }
}

/// What one subscriber hears, from the moment when it was made. Whoever falls behind by more than the queue holds is
/// told so and hears nothing more: memory is bounded, and nobody waits for anybody.
pub struct Feed {
    topics: Arc<Topics>,
    receiver: Option<Receiver<Arc<Film>>>,
    id: Option<i64>,
}

impl Feed {
    /// The next film; `None` when the film that this is about was removed, and after an error.
    ///
    /// # Errors
    /// [`Error::FellBehind`].
    pub async fn next(&mut self) -> Option<Result<Arc<Film>>> {
        match self.receiver.as_mut()?.recv().await {
            Ok(film) => Some(Ok(film)),
            Err(RecvError::Lagged(_)) => {
                self.leave();
                Some(Err(Error::FellBehind))
            }
            Err(RecvError::Closed) => {
                self.leave();
                None
            }
        }
    }

    fn leave(&mut self) {
        if self.receiver.take().is_some() {
            self.topics.tidy(self.id);
        }
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

    #[tokio::test]
    async fn what_is_heard_twice_is_told_once_and_in_order() {
        let topics = Arc::<Topics>::default();
        let mut feed = topics.listen_to(1, || Some(film(1, 5))).expect("a film");
        topics.told(&film(1, 5));
        liked(&topics, 6);
        topics.told(&film(1, 6));
        liked(&topics, 7);
        topics.removed(1);
        assert_eq!(likes(&mut feed).await, Some(6));
        assert_eq!(likes(&mut feed).await, Some(7));
        assert_eq!(likes(&mut feed).await, None);
        assert!(topics.is_idle());
    }

    #[tokio::test]
    async fn who_falls_behind_is_told_so_and_the_others_hear_everything() {
        let topics = Arc::<Topics>::default();
        let mut slow = topics.listen_to(1, || Some(film(1, 0))).expect("a film");
        let mut quick = topics.listen_to(1, || None).expect("a topic is there");
        for votes in 1..=200 {
            liked(&topics, votes);
            assert_eq!(likes(&mut quick).await, Some(votes));
        }
        assert!(matches!(slow.next().await, Some(Err(Error::FellBehind))));
        assert!(slow.next().await.is_none());
        drop(quick);
        assert!(topics.is_idle(), "the last one has gone");
    }

    #[tokio::test]
    async fn a_topic_lives_as_long_as_somebody_listens() {
        let topics = Arc::<Topics>::default();
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
