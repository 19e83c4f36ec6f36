//! Where log lines go: to standard error, as the configuration says.

mod lines;
mod plain;
mod queue;
mod request_id;

use std::io::{self, IsTerminal as _};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::Log;
pub use plain::plain;
use queue::{Queue, Writer};
pub use request_id::{carried, new_request_id, within};

/// Time for the last lines of a process.
const LAST_LINES: Duration = Duration::from_millis(1_500);

/// Starts logging for the whole process. Called once, by a command, which keeps the guard until it ends: dropping it
/// writes what is left.
///
/// Lines are written by a thread of their own. When whoever reads them has gone or is stuck, lines are lost, which is
/// told when there is somebody again, and requests are not: a request that waited for its log line would let a full
/// pipe stop the service.
#[must_use]
pub fn start(settings: &Log) -> LogGuard {
    let colours = io::stderr().is_terminal();
    let queue = Arc::new(Queue::default());
    let (done, is_done) = mpsc::channel();
    let (writer, ours) = (Writer::new(io::stderr(), settings.clone(), colours), Arc::clone(&queue));
    thread::spawn(move || {
        writer.run(&ours);
        done.send(())
    });
    let ours = Arc::clone(&queue);
    lines::subscriber(settings, colours, move |line| ours.push(line)).init();
    LogGuard { queue, is_done }
}

/// Writes what is left when it is dropped, but waits no longer than a moment: whoever reads the log may be stuck, and
/// the process must end all the same.
pub struct LogGuard {
    queue: Arc<Queue>,
    is_done: mpsc::Receiver<()>,
}

/// What becomes of lines, for whoever measures it. Clones tell the same.
#[derive(Clone)]
pub struct LogCounts(Arc<Queue>);

impl LogCounts {
    /// Bytes that wait to be written.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        self.0.counts().0
    }

    /// Lines that nobody took in time.
    #[must_use]
    pub fn lost_lines(&self) -> usize {
        self.0.counts().1
    }
}

impl LogGuard {
    /// What becomes of its lines.
    #[must_use]
    pub fn counts(&self) -> LogCounts {
        LogCounts(Arc::clone(&self.queue))
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.queue.end();
        let _ = self.is_done.recv_timeout(LAST_LINES);
    }
}
