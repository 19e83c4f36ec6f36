//! Lines that wait to be written. Whoever logs puts a line behind the others and goes on; the thread that writes takes
//! all of them at once. Those that were lost are counted, and told in the log itself as soon as it can be written again.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{io, mem};

use tracing::subscriber::with_default;

use super::lines;
use crate::config::Log;

/// Bytes that wait at most, when whoever reads the log is stuck: more than ten thousand lines.
const MOST: usize = 4 * 1_024 * 1_024;

/// After a batch the next one is left to grow for so long: a line that comes while others come wakes nobody up.
const PAUSE: Duration = Duration::from_millis(5);

/// Between those who log and the thread that writes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    wake: Condvar,
    /// Lines that could not be written, so far.
    failed: AtomicUsize,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: Vec<u8>,
    /// Lines that found the queue full, so far.
    lost: usize,
    /// The thread that writes waits to be woken.
    is_idle: bool,
    is_over: bool,
}

/// What was taken from the queue, beside the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken {
    /// Lines that found the queue full, so far.
    pub lost: usize,
    pub is_over: bool,
}

impl Queue {
    /// Puts a line behind the others, or counts it as lost when there are too many. Never waits for who writes.
    pub(super) fn push(&self, line: &str) {
        let mut waiting = self.lock();
        if waiting.lines.len() + line.len() > MOST {
            waiting.lost += 1;
            return;
        }
        waiting.lines.extend_from_slice(line.as_bytes());
        if mem::take(&mut waiting.is_idle) {
            drop(waiting);
            self.wake.notify_one();
        }
    }

    /// Bytes that wait, and lines that were lost so far, either way.
    pub(super) fn counts(&self) -> (usize, usize) {
        let waiting = self.lock();
        (waiting.lines.len(), waiting.lost + self.failed.load(Ordering::Relaxed))
    }

    /// Nothing more is to come.
    pub(super) fn end(&self) {
        self.lock().is_over = true;
        self.wake.notify_one();
    }

    /// Waits until there is a line, or the end, and takes all lines; `batch` is empty and becomes them.
    pub(super) fn take(&self, batch: &mut Vec<u8>) -> Taken {
        let mut waiting = self.lock();
        while waiting.lines.is_empty() && !waiting.is_over {
            waiting.is_idle = true;
            waiting = self.wake.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.is_idle = false;
        mem::swap(&mut waiting.lines, batch);
        Taken { lost: waiting.lost, is_over: waiting.is_over }
    }

    /// Lets lines gather for a moment.
    pub(super) fn pause(&self) {
        let goes_on = |waiting: &mut Waiting| !waiting.is_over;
        let _ = self.wake.wait_timeout_while(self.lock(), PAUSE, goes_on);
    }

    // Each change is whole after one statement, so a panic elsewhere leaves nothing half done.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that are kept for the next batch.
const KEPT: usize = 256 * 1_024;

/// Writes what comes through the queue until its end, and counts both ways to lose a line: that the queue was full, and
/// that it could not be written.
pub(super) struct Writer<W> {
    inner: W,
    settings: Log,
    colours: bool,
    failed: usize,
    told: usize,
    /// The last line that was written breaks off.
    is_torn: bool,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(inner: W, settings: Log, colours: bool) -> Self {
        Self { inner, settings, colours, failed: 0, told: 0, is_torn: false }
    }

    /// Returns at the end of the queue.
    pub(super) fn run(mut self, queue: &Queue) {
        let mut batch = Vec::new();
        loop {
            let taken = queue.take(&mut batch);
            self.write(&batch, taken.lost);
            queue.failed.store(self.failed, Ordering::Relaxed);
            if taken.is_over {
                return;
            }
            batch.clear();
            batch.shrink_to(KEPT);
            queue.pause();
        }
    }

    /// Writes whole lines, and tells of those that were lost. `overflow`: what the queue has lost so far.
    fn write(&mut self, lines: &[u8], overflow: usize) {
        self.failed += self.lines_lost_of(lines);
        let lost = self.failed + overflow;
        if lost == self.told {
            return;
        }
        let line = self.line_of(lost - self.told);
        // What cannot be written is told later; what the level leaves out is not told at all.
        if self.lines_lost_of(&line) == 0 {
            self.told = lost;
        }
    }

    /// Writes lines; how many of them were lost.
    #[expect(clippy::naive_bytecount, reason = "only what could not be written is counted")]
    fn lines_lost_of(&mut self, mut lines: &[u8]) -> usize {
        if self.is_torn && !lines.is_empty() && self.inner.write_all(b"\n").is_ok() {
            self.is_torn = false;
        }
        while !lines.is_empty() {
            match self.inner.write(lines) {
                Ok(0) => break,
                Ok(written) => {
                    self.is_torn = lines[written - 1] != b'\n';
                    lines = &lines[written..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        lines.iter().filter(|byte| **byte == b'\n').count()
    }

    fn line_of(&self, lost: usize) -> Vec<u8> {
        let line = Arc::new(Mutex::new(Vec::new()));
        let place = Arc::clone(&line);
        let lock =
            |place: &Mutex<Vec<u8>>| mem::take(&mut *place.lock().unwrap_or_else(PoisonError::into_inner));
        let write = move |line: &str| {
            place.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(line.as_bytes());
        };
        with_default(lines::subscriber(&self.settings, self.colours, write).0, || {
            tracing::warn!(lines = lost, "log lines were lost: nobody took them in time");
        });
        lock(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_in_order_and_what_finds_no_room_is_counted() {
        let queue = Queue::default();
        let line = format!("{}\n", "x".repeat(1_023));
        for _ in 0..MOST / line.len() + 7 {
            queue.push(&line);
        }
        let mut batch = Vec::new();
        assert_eq!(queue.take(&mut batch), Taken { lost: 7, is_over: false });
        assert_eq!(batch.len(), MOST);
        queue.push("one\n");
        queue.push("two\n");
        queue.end();
        batch.clear();
        assert_eq!(queue.take(&mut batch), Taken { lost: 7, is_over: true });
        assert_eq!(batch, b"one\ntwo\n");
    }

    #[test]
    fn who_writes_is_woken_by_the_first_line_and_hears_of_every_other() {
        let queue = Queue::default();
        let read = std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let (mut all, mut batch) = (Vec::new(), Vec::new());
                loop {
                    let taken = queue.take(&mut batch);
                    all.append(&mut batch);
                    if taken.is_over {
                        return all;
                    }
                    queue.pause();
                }
            });
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| (0..1_000).for_each(|_| queue.push("line\n")));
                }
            });
            queue.end();
            reader.join().expect("no panic")
        });
        assert_eq!(read, b"line\n".repeat(4_000));
    }

    /// A disk that is full now and then.
    #[derive(Default)]
    struct Disk {
        written: Vec<u8>,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, some: &[u8]) -> io::Result<usize> {
            let some = &some[..some.len().min(self.room)];
            if some.is_empty() {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room -= some.len();
            self.written.write(some)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_could_not_be_written_is_told_once_it_can() {
        let mut log = Writer::new(Disk::default(), Log::default(), false);
        let mut write = |room: usize, lines: usize, overflow: usize| {
            log.inner.room = room;
            log.write(&b"line\n".repeat(lines), overflow);
            String::from_utf8(mem::take(&mut log.inner.written)).expect("text")
        };
        assert_eq!(write(10_000, 2, 0), "line\nline\n");
        assert_eq!(write(0, 3, 0), "");
        assert_eq!(write(0, 4, 0), "");
        let told = write(10_000, 1, 0);
        assert!(told.starts_with("line\n") && told.contains("WARN") && told.contains("lines=7"), "{told}");
        assert_eq!(write(10_000, 1, 0), "line\n", "told once");
        assert_eq!(write(0, 2_000, 5), "");
        assert!(write(10_000, 0, 5).contains("lines=2005"));
        // A line that breaks off is lost, and the next one does not go on from it.
        assert_eq!(write(7, 2, 5), "line\nli");
        let told = write(10_000, 1, 5);
        assert!(
            told.starts_with("\nline\n") && told.contains("lines=1 ") || told.contains("lines=1\n"),
            "{told}"
        );
    }
}
