//! Lines that wait to be written. Whoever logs puts a line behind the others and goes on; the thread that writes takes
//! all of them at once.

use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes that wait at most, when whoever reads the log is stuck: more than ten thousand lines.
const MOST: usize = 4 * 1_024 * 1_024;

/// After a batch the next one is left to grow for so long: a line that comes while others come wakes nobody up.
const PAUSE: Duration = Duration::from_millis(5);

/// Between those who log and the thread that writes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    wake: Condvar,
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
}
