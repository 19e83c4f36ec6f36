//! Exchanges the certificate when its files change, while requests go on.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use super::certificate::{Fault, Term};
use super::files::{Content, Files};
use super::pair::Pair;
use super::protocol::server_config;
use crate::clock::Clock;

/// How often the files are read: two of a few kB.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often the end of a certificate that nobody renews is told.
const REMIND_EVERY: Duration = Duration::from_hours(24);

/// What connections that begin are encrypted with; what is read from it later may be another one.
pub type Current = watch::Receiver<Arc<ServerConfig>>;

/// For a certificate that nobody exchanges.
///
/// # Errors
/// As [`server_config`].
pub fn unchanging(pair: Pair) -> Result<Current, Fault> {
    Ok(watch::channel(server_config(pair.into_key())?).1)
}

/// Asks for a look at files that may be others than before.
pub struct Renewal {
    pub files: Files,
    /// `allowed_hosts`.
    pub hosts: Vec<String>,
    /// Whether they are in use now; the ones before stay otherwise.
    pub answer: oneshot::Sender<Result<(), Fault>>,
}

/// Watches over the files of the certificate that is in use.
pub struct Reload {
    files: Files,
    /// `allowed_hosts`.
    hosts: Vec<String>,
    clock: Arc<dyn Clock>,
    current: watch::Sender<Arc<ServerConfig>>,
    /// Of the files that are in use.
    digest: [u8; 32],
    term: Term,
    reminded: Duration,
    refused: Option<Refused>,
}

/// What was wrong with the files when they were last read.
struct Refused {
    fault: Fault,
    is_told: bool,
}

impl Reload {
    /// Reads the files for the start, and tells the log what clients may stumble over. Also gives the first host name of
    /// the certificate.
    ///
    /// # Errors
    /// As [`Pair::load`].
    pub fn start(
        files: Files,
        hosts: Vec<String>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Current, Option<String>), Fault> {
        let (content, now) = (files.read()?, clock.wall());
        let pair = Pair::of(&files, &content, now)?;
        for warning in pair.warnings(&hosts, now).into_iter().chain(files.warning()) {
            tracing::warn!("{warning}");
        }
        let (term, name) = (pair.term(), pair.name().map(str::to_owned));
        tracing::info!(fingerprint = pair.fingerprint(), until = term.end(), "the certificate in use");
        let (current, reader) = watch::channel(server_config(pair.into_key())?);
        let digest = content.digest();
        let reload = Self { files, hosts, clock, current, digest, term, reminded: now, refused: None };
        Ok((reload, reader, name))
    }

    /// Looks at the files now and then, and at once when somebody asks. Never ends.
    pub async fn run(mut self, mut asked: mpsc::Receiver<Renewal>) {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let renewal = tokio::select! {
                _ = ticks.tick() => None,
                Some(renewal) = asked.recv() => Some(renewal),
            };
            let files = renewal.as_ref().map_or(&self.files, |renewal| &renewal.files).clone();
            // A file system may take its time.
            let named = files.clone();
            if let Ok(read) = spawn_blocking(move || named.read()).await {
                let hosts = renewal.as_ref().map_or(&self.hosts, |renewal| &renewal.hosts).clone();
                let looked = self.look(&files, &hosts, read, renewal.is_some());
                if let Some(Renewal { answer, .. }) = renewal {
                    if looked.is_ok() {
                        (self.files, self.hosts) = (files, hosts);
                    }
                    let _ = answer.send(looked);
                }
            }
            self.remind();
        }
    }

    fn look(
        &mut self,
        files: &Files,
        hosts: &[String],
        read: Result<Content, Fault>,
        is_asked: bool,
    ) -> Result<(), Fault> {
        let now = self.clock.wall();
        let exchanged = read.and_then(|content| {
            let digest = content.digest();
            if digest == self.digest {
                return Ok(None);
            }
            let pair = Pair::of(files, &content, now)?;
            let told = (pair.warnings(hosts, now), pair.term(), pair.fingerprint());
            // Connections that have begun go on as they are.
            self.current.send_replace(server_config(pair.into_key())?);
            self.digest = digest;
            Ok(Some(told))
        });
        match exchanged {
            Err(fault) => {
                self.refuse(fault.clone(), is_asked);
                return Err(fault);
            }
            Ok(None) if is_asked => tracing::info!("the certificate and its key have not changed"),
            Ok(None) => {}
            Ok(Some((warnings, term, fingerprint))) => {
                tracing::info!(fingerprint, until = term.end(), "a new certificate is in use");
                for warning in warnings {
                    tracing::warn!("{warning}");
                }
                (self.term, self.reminded) = (term, now);
            }
        }
        self.refused = None;
        Ok(())
    }

    /// What is seen between two writes (a new certificate with the old key) is no fault yet: it is told when it is still
    /// there at the next look, and then once. Who asks hears of it, and tells it.
    fn refuse(&mut self, fault: Fault, is_asked: bool) {
        let before = self.refused.take().filter(|before| before.fault == fault);
        if !is_asked && before.as_ref().is_some_and(|before| !before.is_told) {
            tracing::error!("the certificate is not exchanged, the one in use stays: {fault}");
        }
        let is_told = is_asked || before.is_some();
        self.refused = Some(Refused { fault, is_told });
    }

    fn remind(&mut self) {
        let now = self.clock.wall();
        if now.saturating_sub(self.reminded) >= REMIND_EVERY
            && let Some(warning) = self.term.warning(now)
        {
            self.reminded = now;
            tracing::warn!("{warning}");
        }
    }
}
