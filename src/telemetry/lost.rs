//! Lines that were lost are counted, and told in the log itself as soon as it can be written again.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::subscriber::with_default;

use super::lines;
use super::queue::Queue;
use crate::config::Log;

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
        with_default(lines::subscriber(&self.settings, self.colours, write), || {
            tracing::warn!(lines = lost, "log lines were lost: nobody took them in time");
        });
        lock(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
