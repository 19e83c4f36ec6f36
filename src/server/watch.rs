//! Watches over one connection: ends it when it is told to, when nothing goes on in it, and when its peer does not
//! take part.

use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::iter;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::activity::Activity;
use super::drops::Cause;
use crate::config::Http;

/// Time to say goodbye (GOAWAY, a last answer) for a connection that is ended for its own sake.
const GOODBYE: Duration = Duration::from_secs(1);
/// While the server stops: time for the next request of a client of HTTP/1 that keeps its connection. Its answer tells
/// it to leave; closed between two requests, it could not know whether the second one was still read.
const LAST_CALL: Duration = Duration::from_millis(250);
/// How often a connection is looked at, at least.
const LONGEST_LOOK_AWAY: Duration = Duration::from_secs(5);
const SHORTEST_LOOK_AWAY: Duration = Duration::from_millis(100);

/// How long a peer may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    header: Duration,
    idle: Duration,
    write: Duration,
    look: Duration,
}

/// What is over.
enum Overdue {
    Nothing,
    Idle,
    Dropped(Cause),
}

impl Patience {
    pub(super) fn new(settings: &Http) -> Self {
        let (header, idle, write) =
            (settings.header_timeout(), settings.idle_timeout(), settings.write_timeout());
        let look = (header.min(idle).min(write) / 4).clamp(SHORTEST_LOOK_AWAY, LONGEST_LOOK_AWAY);
        Self { header, idle, write, look }
    }

    /// What is over by now, and when to look again.
    fn judge(&self, activity: &Activity, has_heads: bool) -> (Overdue, Instant) {
        let now = Instant::now();
        let mut next = now + self.look;
        if activity.is_flooded() {
            return (Overdue::Dropped(Cause::Flood), next);
        }
        if let Some(since) = activity.unread_since() {
            if since + self.write <= now {
                return (Overdue::Dropped(Cause::SlowReader), next);
            }
            next = next.min(since + self.write);
        }
        if let Some(idle_since) = activity.idle_since() {
            // On HTTP/2 bytes may come that are no request, so only requests count there.
            let head_since = activity.head_since().filter(|_| has_heads);
            let (end, overdue) = match head_since {
                Some(since) => (since + self.header, Overdue::Dropped(Cause::SlowHeader)),
                None => (idle_since + self.idle, Overdue::Idle),
            };
            if end <= now {
                return (overdue, next);
            }
            next = next.min(end);
        }
        (Overdue::Nothing, next)
    }
}

/// Lets the connection run to its end, or ends it; the reason when its peer is to blame. `has_heads`: HTTP/1, where bytes that come while nothing is in
/// work are a header. `say_goodbye`: finishes what is in work, and then ends.
pub(super) async fn watch<C>(
    connection: C,
    say_goodbye: impl Fn(Pin<&mut C>),
    activity: &Activity,
    has_heads: bool,
    patience: Patience,
    told: &mut watch::Receiver<Phase>,
) -> Option<Cause>
where
    C: Future<Output = Result<(), hyper::Error>>,
{
    let mut connection = pin!(connection);
    let mut look = pin!(sleep_until(patience.judge(activity, has_heads).1));
    // Once it is saying goodbye: why, and until when.
    let mut leaving: Option<(Option<Cause>, Instant)> = None;
    let mut close_at: Option<Instant> = None;
    let (mut is_called, mut is_closed) = (false, false);
    let mut is_flooded = false;
    let mut streams_end = pin!(sleep(Duration::ZERO));
    loop {
        let phase = *told.borrow_and_update();
        if phase == Phase::Cut {
            return None;
        }
        if phase == Phase::Closing && close_at.is_none() {
            close_at = Some(Instant::now() + if has_heads { LAST_CALL } else { Duration::ZERO });
        }
        let last_call = sleep_until(close_at.unwrap_or_else(Instant::now));
        tokio::select! {
            // In this order: what nearly always wakes it comes first.
            biased;
            ended = until_flooded(connection.as_mut(), activity, !is_flooded) => {
                let Some(ended) = ended else {
                    is_flooded = true;
                    look.as_mut().reset(Instant::now());
                    continue;
                };
                let broken = || ended.err().and_then(|error| reason(&error, activity));
                return leaving.and_then(|(why, _)| why).or_else(broken);
            }
            // Nobody is left to tell: the server itself has been dropped.
            changed = told.changed() => if changed.is_err() { return None },
            () = last_call, if close_at.is_some() && !is_closed => {
                let now = Instant::now();
                if !is_called {
                    is_called = true;
                    streams_end.as_mut().reset(now + GOODBYE);
                }
                let later = if has_heads { called_until(activity) } else { now };
                if later > now {
                    close_at = Some(later);
                    continue;
                }
                is_closed = true;
                say_goodbye(connection.as_mut());
            }
            () = streams_end.as_mut(), if is_called => {
                // Nobody reads them, and they have no end that would be worth the wait.
                if activity.has_only_streams() || is_closed && has_left(activity, has_heads) {
                    return None;
                }
                streams_end.as_mut().reset(Instant::now() + LAST_CALL);
            }
            () = look.as_mut() => {
                let (overdue, next) = patience.judge(activity, has_heads);
                let why = match overdue {
                    // Also when a request has come while it was saying goodbye: that is answered.
                    Overdue::Nothing => {
                        look.as_mut().reset(next);
                        continue;
                    }
                    // Neither hears a goodbye.
                    Overdue::Dropped(why @ (Cause::SlowHeader | Cause::SlowReader)) => {
                        return Some(why);
                    }
                    Overdue::Dropped(why) => Some(why),
                    Overdue::Idle => None,
                };
                let until = Instant::now() + GOODBYE;
                match leaving {
                    Some((why, until)) if until <= Instant::now() => return why,
                    Some((_, until)) => look.as_mut().reset(until),
                    None => {
                        leaving = Some((why, until));
                        look.as_mut().reset(until);
                        say_goodbye(connection.as_mut());
                    }
                }
            }
        }
    }
}

/// While the server stops: until when a client of HTTP/1 may begin its next request, or end the header of one. While one is
/// in work that is not known yet.
fn called_until(activity: &Activity) -> Instant {
    let Some(idle_since) = activity.idle_since() else { return Instant::now() + LAST_CALL };
    activity.head_since().map_or(idle_since + LAST_CALL, |since| since + GOODBYE)
}

/// Whether nothing has been in work for so long that the peer has heard our goodbye, or hears nothing any more: the library
/// would wait until it says so.
fn has_left(activity: &Activity, has_heads: bool) -> bool {
    let head_since = activity.head_since().filter(|_| has_heads);
    let since = activity.idle_since().map(|idle_since| head_since.unwrap_or(idle_since));
    since.is_some_and(|since| since + GOODBYE <= Instant::now())
}

/// The end of the connection, or `None` once it is flooded, as reading from it tells.
async fn until_flooded<C>(
    mut connection: Pin<&mut C>,
    activity: &Activity,
    is_awaited: bool,
) -> Option<Result<(), hyper::Error>>
where
    C: Future<Output = Result<(), hyper::Error>>,
{
    poll_fn(|cx| match connection.as_mut().poll(cx) {
        Poll::Pending if is_awaited && activity.is_flooded() => Poll::Ready(None),
        polled => polled.map(Some),
    })
    .await
}

/// Why a connection has broken, when its peer is to blame for it.
fn reason(error: &hyper::Error, activity: &Activity) -> Option<Cause> {
    let is_stall = |error: &io::Error| error.kind() == io::ErrorKind::TimedOut;
    // What is no TLS any more.
    let is_broken = |error: &io::Error| error.kind() == io::ErrorKind::InvalidData;
    for error in iter::successors(error.source(), |&error| error.source()) {
        if error.downcast_ref::<io::Error>().is_some_and(is_stall) {
            return Some(Cause::SlowReader);
        }
        if error.downcast_ref::<io::Error>().is_some_and(is_broken) {
            return Some(Cause::Malformed);
        }
        if let Some(error) = error.downcast_ref::<h2::Error>() {
            if error.get_io().is_some_and(is_stall) {
                return Some(Cause::SlowReader);
            }
            // The library has hung up, and told the peer why.
            if error.is_go_away() && error.is_library() {
                return Some(Cause::Flood);
            }
        }
    }
    if error.is_incomplete_message() && activity.idle_since().is_some() {
        return Some(Cause::BrokenOff);
    }
    error.is_parse().then_some(Cause::Malformed)
}

/// What a connection is told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Serving,
    /// Finish what is in work, then end.
    Closing,
    /// The time is up.
    Cut,
}
