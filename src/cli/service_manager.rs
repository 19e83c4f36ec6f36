//! What is told to the manager of services that started this process, such as systemd: it has named a socket in
//! `NOTIFY_SOCKET`. Where none is named, nothing is said.

use std::convert::Infallible;
use std::fmt::Display;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};

use crate::service::text::counted;

/// Requests are served.
pub(super) fn ready(films: usize, address: SocketAddr) {
    let status = format!("serving {} on {address}", counted(films, "film"));
    tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// The configuration is read anew.
pub(super) fn reloading() {
    // Since 253, systemd takes a reload without its time for one that has failed.
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!(%error, "a reload is not told to the service manager"),
    }
}

/// The end of a reload, and why nothing was taken over: a manager knows no reload that has failed, so that it shows.
pub(super) fn reloaded(fault: Option<&impl Display>) {
    let status = match fault {
        Some(fault) => one_line(&format!("serving; the configuration is not taken over: {fault}")),
        None => "serving; the configuration was read anew".to_owned(),
    };
    tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// A stop has begun.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("finishing what is in work")]);
}

/// Shows that this process lives, twice within the time that `WATCHDOG_USEC` names. Never ends.
///
/// To be awaited beside the accept loop: each time, its thread has come round to it and a worker has run a task. A
/// process whose threads all hang shows nothing, and is started anew. A database that is gone is no reason for that.
pub(super) async fn keep_alive() -> Infallible {
    let Some(most) = sd_notify::watchdog_enabled().filter(|most| !most.is_zero()) else {
        return pending().await;
    };
    let mut ticks = interval(most / 2);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if tokio::spawn(async {}).await.is_ok() {
            tell(&[NotifyState::Watchdog]);
        }
    }
}

/// A fault may quote a file, and each line is a message of its own.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// Messages that wait to be sent; further ones are lost.
const WAITING: usize = 16;

/// By a thread of its own, since sending waits for a manager that does not read: that must not hold up the server.
fn tell(states: &[NotifyState<'_>]) {
    static MESSAGES: LazyLock<SyncSender<String>> = LazyLock::new(|| {
        let (messages, waiting) = sync_channel::<String>(WAITING);
        thread::spawn(move || {
            for message in waiting {
                if let Err(error) = sd_notify::notify(&[NotifyState::Custom(&message)]) {
                    tracing::warn!(%error, "the service manager of NOTIFY_SOCKET could not be told");
                }
            }
        });
        messages
    });
    let message = states.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    if MESSAGES.try_send(message).is_err() {
        tracing::debug!("the service manager of NOTIFY_SOCKET does not read what it is told");
    }
}
