//! Where log lines go: to standard error, as the configuration says.

mod cap;

use std::io::{self, IsTerminal as _};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{Log, LogFormat};

/// Says little that an operator needs, h2 even a line for each frame of a flood; `log.level` can ask for it all the
/// same, since it comes later.
const QUIET: &str = "sea_orm_migration=warn,h2=error";

/// Time for the last lines of a process.
const LAST_LINES: Duration = Duration::from_millis(1_500);

/// Starts logging for the whole process. Called once, by a command, which keeps the guard until it ends: dropping it
/// writes what is left.
///
/// Lines are written by a thread of their own. When whoever reads them has gone or is stuck, lines are lost, and
/// requests are not: a request that waited for its log line would let a full pipe stop the service.
#[must_use]
pub fn start(settings: &Log) -> LogGuard {
    // The configuration has been checked, so this falls back on nothing.
    let filter =
        EnvFilter::try_new(format!("{QUIET},{}", settings.level)).unwrap_or_else(|_| EnvFilter::new("info"));
    let (writer, guard) = tracing_appender::non_blocking(io::stderr());
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).log_internal_errors(false);
    let capped = filter_fn(cap::may_say);
    match settings.format {
        LogFormat::Pretty => lines.with_ansi(io::stderr().is_terminal()).finish().with(capped).init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().with(capped).init(),
    }
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
