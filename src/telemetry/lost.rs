//! Lines that were lost are counted, and told in the log itself as soon as it can be written again.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing::subscriber::with_default;
use tracing_appender::non_blocking::ErrorCounter;

use super::lines;
use crate::config::Log;

/// While lines are being lost without a pause, one in so many tells of it.
const BETWEEN: usize = 1_000;

/// The writer of the thread that writes. It knows of both ways to lose a line: that the queue before it was full, and
/// that it could not be written.
pub(super) struct Telling<W> {
    inner: W,
    settings: Log,
    colours: bool,
    overflow: Arc<OnceLock<ErrorCounter>>,
    failed: usize,
    told: usize,
    since_told: usize,
}

impl<W: Write> Telling<W> {
    /// `overflow`: what the queue has lost, set once the queue is there.
    pub(super) fn new(inner: W, settings: Log, colours: bool, overflow: Arc<OnceLock<ErrorCounter>>) -> Self {
        Self { inner, settings, colours, overflow, failed: 0, told: 0, since_told: 0 }
    }

    fn tell(&mut self) {
        let lost = self.failed + self.overflow.get().map_or(0, ErrorCounter::dropped_lines);
        if lost == self.told {
            return;
        }
        let line = Line::default();
        let writer = line.clone();
        with_default(lines::subscriber(&self.settings, self.colours, move || writer.clone()), || {
            tracing::warn!(lines = lost - self.told, "log lines were lost: nobody took them in time");
        });
        // What cannot be written is told later; what the level leaves out is not told at all.
        if self.inner.write_all(&line.take()).is_ok() {
            self.told = lost;
            self.since_told = 0;
        }
    }
}

impl<W: Write> Write for Telling<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.write_all(line)?;
        Ok(line.len())
    }

    /// Never fails: the thread would go on to the next line without a flush, and so without a word.
    fn write_all(&mut self, line: &[u8]) -> io::Result<()> {
        if self.inner.write_all(line).is_err() {
            self.failed += 1;
        }
        self.since_told += 1;
        if self.since_told >= BETWEEN {
            self.since_told = 0;
            self.tell();
        }
        Ok(())
    }

    /// Called whenever nothing is waiting.
    fn flush(&mut self) -> io::Result<()> {
        self.tell();
        self.inner.flush()
    }
}

/// A line that is being made.
#[derive(Clone, Default)]
struct Line(Arc<Mutex<Vec<u8>>>);

impl Line {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Line {
    fn write(&mut self, some: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(some)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk that is full now and then.
    #[derive(Default)]
    struct Disk {
        written: Vec<u8>,
        is_full: bool,
    }

    impl Write for Disk {
        fn write(&mut self, some: &[u8]) -> io::Result<usize> {
            if self.is_full { Err(io::ErrorKind::StorageFull.into()) } else { self.written.write(some) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_could_not_be_written_is_told_once_it_can() {
        let mut log = Telling::new(Disk::default(), Log::default(), false, Arc::default());
        let mut write = |is_full: bool, lines: usize| {
            log.inner.is_full = is_full;
            for _ in 0..lines {
                log.write_all(b"line\n").expect("never fails");
            }
            log.flush().expect("a flush");
            String::from_utf8(std::mem::take(&mut log.inner.written)).expect("text")
        };
        assert_eq!(write(false, 2), "line\nline\n");
        assert_eq!(write(true, 3), "");
        assert_eq!(write(true, 4), "");
        let told = write(false, 1);
        assert!(told.starts_with("line\n") && told.contains("WARN") && told.contains("lines=7"), "{told}");
        assert_eq!(write(false, 1), "line\n", "told once");
        assert_eq!(write(true, 2_000), "");
        assert!(write(false, 0).contains("lines=2000"));
    }
}
