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

/// Frames that ask for nothing, in one window, beyond what the asking ones pay for. A client that is careful about
/// its connection sends a few a second.
const MOST: u32 = 500;
/// Requests that were not served, in one window: a hundred at once is what a connection may have, and a hundred refused.
const MOST_UNSERVED: usize = 200;
const WINDOW: Duration = Duration::from_secs(10);
/// What a frame that asks for something pays for: acknowledgements, and windows that it opens.
const PAID_BY_ONE: u32 = 4;
/// Bytes of answers that pay for a window that is opened anew. Clients do so for 4 KiB, of the stream and of the connection.
const BYTES_A_WINDOW: usize = 2 * 1024;

/// Counts the frames of one connection, as they are read.
#[derive(Debug)]
pub(super) struct Frames {
    reader: FrameReader,
    activity: Arc<Activity>,
    last_stream: u32,
    opened: usize,
    /// Of these, those that were not served before this window.
    unserved_before: usize,
    /// Bytes of answers for which no window was opened yet.
    written: usize,
    idle: u32,
    since: Instant,
}

impl Frames {
    /// For a connection whose preface has been read.
    pub(super) fn new(now: Instant, activity: Arc<Activity>) -> Self {
        Self {
            reader: FrameReader::default(),
            activity,
            last_stream: 0,
            opened: 0,
            unserved_before: 0,
            written: 0,
            idle: 0,
            since: now,
        }
    }

    /// Whether it is a flood by now.
    pub(super) fn read(&mut self, mut bytes: &[u8], now: Instant) -> bool {
        if now.duration_since(self.since) > WINDOW {
            (self.since, self.idle, self.unserved_before) = (now, 0, self.unserved());
        }
        while let Some(frame) = self.reader.next(&mut bytes) {
            self.count(&frame);
        }
        self.idle > MOST || self.unserved().saturating_sub(self.unserved_before) > MOST_UNSERVED
    }

    /// So many bytes of answers were written.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.written += bytes;
    }

    fn unserved(&self) -> usize {
        self.opened.saturating_sub(self.activity.served())
    }

    fn count(&mut self, frame: &Frame) {
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
            WINDOW_UPDATE if self.written >= BYTES_A_WINDOW => self.written -= BYTES_A_WINDOW,
            _ => self.idle += 1,
        }
    }
}

const HEADER: usize = 9;

pub(super) const DATA: u8 = 0x0;
pub(super) const HEADERS: u8 = 0x1;
const WINDOW_UPDATE: u8 = 0x8;
pub(super) const CONTINUATION: u8 = 0x9;

/// A frame whose header is there; its payload may be yet to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub kind: u8,
    pub stream: u32,
    /// Bytes of its payload.
    pub length: usize,
}

/// Reads one direction of a connection.
#[derive(Debug, Default)]
pub(super) struct FrameReader {
    header: [u8; HEADER],
    /// Bytes of the header that are there.
    filled: usize,
    /// Bytes of the payload still to come.
    payload: usize,
}

impl FrameReader {
    /// The next frame that begins in these bytes, which it takes; `None` once there are no more of them.
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> Option<Frame> {
        let skipped = self.payload.min(bytes.len());
        self.payload -= skipped;
        *bytes = &bytes[skipped..];
        if self.payload > 0 {
            return None;
        }
        let taken = (HEADER - self.filled).min(bytes.len());
        self.header[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
        self.filled += taken;
        *bytes = &bytes[taken..];
        if self.filled < HEADER {
            return None;
        }
        self.filled = 0;
        // Three bytes of length, one of kind, one of flags, four of stream, of which the first bit is reserved.
        let (length, stream) = (self.number(0) >> 8, self.number(5) & !(1 << 31));
        self.payload = length as usize;
        Some(Frame { kind: self.header[3], stream, length: self.payload })
    }

    /// The four bytes from here on.
    fn number(&self, place: usize) -> u32 {
        self.header[place..place + 4].iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
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

    #[test]
    fn who_reads_may_open_windows_for_what_was_written_and_no_more() {
        let (update, now) = (frame(WINDOW_UPDATE, &[0; 4]), Instant::now());
        let mut frames = counting(now);
        for _ in 0..1_000 {
            frames.wrote(4 * 1024);
            assert!(!frames.read(&update.repeat(2), now));
        }
        assert!(!frames.read(&update.repeat(MOST as usize), now));
        assert!(frames.read(&update, now));
    }

    #[test]
    fn who_is_refused_now_and_then_may_go_on() {
        let mut now = Instant::now();
        let mut frames = counting(now);
        let open = |stream: u32| [&[0, 0, 0, HEADERS, 5][..], &stream.to_be_bytes()].concat();
        for stream in 0..1_000 {
            now += Duration::from_millis(60);
            assert!(!frames.read(&open(2 * stream + 1), now), "{stream}");
        }
        let flood: Vec<u8> = (1_000..1_400).flat_map(|stream| open(2 * stream + 1)).collect();
        assert!(frames.read(&flood, now));
    }

    #[test]
    fn frames_are_the_same_however_they_are_cut() {
        let bytes = [
            &[0, 0, 3, HEADERS, 5, 0, 0, 0, 1, 9, 9, 9][..],
            &[0, 0, 0, DATA, 1, 0, 0, 1, 0],
            &[0, 1, 0, CONTINUATION, 4, 0x80, 0, 0, 3],
            &[HEADERS; 256],
            &[0, 0, 0, HEADERS, 0, 0, 0, 0, 7],
        ]
        .concat();
        let frame = |kind, stream, length| Frame { kind, stream, length };
        let wanted =
            [frame(HEADERS, 1, 3), frame(DATA, 256, 0), frame(CONTINUATION, 3, 256), frame(HEADERS, 7, 0)];
        for size in 1..=bytes.len() {
            let mut reader = FrameReader::default();
            let mut found = Vec::new();
            for mut part in bytes.chunks(size) {
                while let Some(frame) = reader.next(&mut part) {
                    found.push(frame);
                }
                assert!(part.is_empty());
            }
            assert_eq!(found, wanted, "in parts of {size}");
        }
    }
}
