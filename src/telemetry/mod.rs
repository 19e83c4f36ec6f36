//! Where log lines go: to standard error, as the configuration says; and traces, where a collector is named.

mod lines;
mod plain;
mod queue;
mod request_id;
mod traces;

use std::io::{self, IsTerminal as _};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::Log;
pub use plain::plain;
use queue::{Queue, Writer};
pub use request_id::{carried, new_request_id, step, traceparent, within};
pub use traces::{Steps, Trace, Tracer};

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
    let (subscriber, set_level) = lines::subscriber(settings, colours, move |line| ours.push(line));
    subscriber.init();
    LogGuard { queue, is_done, set_level: set_level.into() }
}

/// Writes what is left when it is dropped, but waits no longer than a moment: whoever reads the log may be stuck, and
/// the process must end all the same.
pub struct LogGuard {
    queue: Arc<Queue>,
    is_done: mpsc::Receiver<()>,
    set_level: Arc<dyn Fn(&str) + Send + Sync>,
}

/// The log while it is written. Clones are of the same.
#[derive(Clone)]
pub struct RunningLog {
    queue: Arc<Queue>,
    set_level: Arc<dyn Fn(&str) + Send + Sync>,
}

impl RunningLog {
    /// Writes what this level lets through from now on, as `log.level` has it.
    pub fn set_level(&self, level: &str) {
        (self.set_level)(level);
    }

    /// Bytes that wait to be written.
    #[must_use]
    pub fn waiting_bytes(&self) -> usize {
        self.queue.counts().0
    }

    /// Lines that nobody took in time.
    #[must_use]
    pub fn lost_lines(&self) -> usize {
        self.queue.counts().1
    }
}

impl LogGuard {
    /// For whoever looks at it or changes it.
    #[must_use]
    pub fn running(&self) -> RunningLog {
        RunningLog { queue: Arc::clone(&self.queue), set_level: Arc::clone(&self.set_level) }
    }
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        self.queue.end();
        let _ = self.is_done.recv_timeout(LAST_LINES);
    }
}
