//! Where log lines go: to standard error, as the configuration says.

mod cap;
mod lines;
mod lost;
mod plain;
mod request_id;

use std::io::{self, IsTerminal as _};
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::Log;
use lost::Telling;
pub use plain::plain;
pub use request_id::new_request_id;

/// Lines that wait to be written: some megabytes at most, when whoever reads them is stuck.
const WAITING: usize = 16_384;
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
    let overflow = Arc::new(OnceLock::new());
    let telling = Telling::new(io::stderr(), settings.clone(), colours, Arc::clone(&overflow));
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(WAITING).finish(telling);
    // Nobody else sets it.
    let _ = overflow.set(writer.error_counter());
    lines::subscriber(settings, colours, writer).init();
    LogGuard(Some(guard))
}

/// Writes what is left when it is dropped, but waits no longer than a moment: whoever reads the log may be stuck, and
/// the process must end all the same.
pub struct LogGuard(Option<WorkerGuard>);

impl Drop for LogGuard {
    fn drop(&mut self) {
        let guard = self.0.take();
        let (done, is_done) = mpsc::channel();
        thread::spawn(move || {
            drop(guard);
            done.send(())
        });
        let _ = is_done.recv_timeout(LAST_LINES);
    }
}
