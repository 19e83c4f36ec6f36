//! Frames of HTTP/2 that ask for nothing.
//!
//! It also counts what is asked and never served: more at once than a connection may have is refused by h2, again and
//! again, at next to no cost to the sender and none to its quota.
//!
//! h2 bounds resets, continuations and small DATA frames by itself, but answers SETTINGS and PING for as long as
//! somebody sends them. Each is cheap, and a peer that sends nothing else is not a client.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::activity::Activity;
use super::frame_reader::{CONTINUATION, DATA, Frame, FrameReader, HEADERS};

/// Frames that ask for nothing, in one window, beyond what the asking ones pay for. A client that is careful about
/// its connection sends a few a second.
const MOST: u32 = 500;
/// Requests of one connection that were not served: a hundred at once is what it may have, and a hundred refused.
const MOST_UNSERVED: usize = 200;
const WINDOW: Duration = Duration::from_secs(10);
/// What a frame that asks for something pays for: acknowledgements, and windows that it opens.
const PAID_BY_ONE: u32 = 4;

/// Counts the frames of one connection, as they are read.
#[derive(Debug)]
pub(super) struct Frames {
    reader: FrameReader,
    activity: Arc<Activity>,
    last_stream: u32,
    opened: usize,
    idle: u32,
    since: Instant,
}

impl Frames {
    /// For a connection whose preface has been read.
    pub(super) fn new(now: Instant, activity: Arc<Activity>) -> Self {
        Self { reader: FrameReader::default(), activity, last_stream: 0, opened: 0, idle: 0, since: now }
    }

    /// Whether it is a flood by now.
    pub(super) fn read(&mut self, mut bytes: &[u8], now: Instant) -> bool {
        while let Some(frame) = self.reader.next(&mut bytes) {
            self.count(&frame, now);
        }
        self.idle > MOST || self.opened.saturating_sub(self.activity.served()) > MOST_UNSERVED
    }

    fn count(&mut self, frame: &Frame, now: Instant) {
        match frame.kind {
            HEADERS => {
                self.idle = self.idle.saturating_sub(PAID_BY_ONE);
                // Trailers come on a stream that is open.
                if frame.stream > self.last_stream {
                    self.last_stream = frame.stream;
                    self.opened += 1;
                }
            }
            DATA if frame.length > 0 => self.idle = self.idle.saturating_sub(PAID_BY_ONE),
            CONTINUATION => {}
            _ => {
                if now.duration_since(self.since) > WINDOW {
                    self.since = now;
                    self.idle = 0;
                }
                self.idle += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(now: Instant) -> Frames {
        Frames::new(now, Activity::new())
    }

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = u8::try_from(payload.len()).expect("a short payload");
        [&[0, 0, length, kind, 0, 0, 0, 0, 0], payload].concat()
    }

    #[test]
    fn frames_that_ask_for_nothing_are_counted_however_they_are_cut() {
        let (ping, now) = (frame(6, &[0; 8]), Instant::now());
        for cut in [1, 7, 17, 1_000] {
            let mut frames = counting(now);
            let bytes = ping.repeat(MOST as usize);
            assert!(bytes.chunks(cut).all(|part| !frames.read(part, now)), "{cut}");
            assert!(frames.read(&ping, now), "one more, cut into {cut}");
        }
    }

    #[test]
    fn who_asks_or_takes_its_time_may_go_on() {
        let mut now = Instant::now();
        let mut frames = counting(now);
        for _ in 0..10_000 {
            assert!(!frames.read(&frame(HEADERS, &[0; 40]), now));
            assert!(!frames.read(&frame(4, &[]).repeat(3), now));
        }
        for _ in 0..20 {
            now += WINDOW * 2;
            assert!(!frames.read(&frame(6, &[0; 8]).repeat(400), now));
        }
    }
}
