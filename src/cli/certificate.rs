//! The certificate that the configuration names, or asks for.

use std::sync::Arc;

use super::output::Failure;
use crate::clock::Clock;
use crate::config::{Config, TlsMode};
use crate::tls::{Current, Pair, Reload, self_signed, unchanging};

/// What the server encrypts with, and what is told of it.
pub(super) struct Certificate {
    pub current: Current,
    /// For one from files.
    pub reload: Option<Reload>,
    /// The first host name that it is for.
    pub name: Option<String>,
    /// SHA-256, of one that nobody vouches for.
    pub fingerprint: Option<String>,
}

/// `None` where filmgate does not encrypt.
pub(super) fn prepare(config: &Config, clock: &Arc<dyn Clock>) -> Result<Option<Certificate>, Failure> {
    let wrong = |fault| Failure::wrong_use(&fault);
    let hosts = &config.allowed_hosts;
    if let Some(files) = config.tls.files() {
        let (reload, current, name) =
            Reload::start(files, hosts.clone(), Arc::clone(clock)).map_err(wrong)?;
        return Ok(Some(Certificate { current, reload: Some(reload), name, fingerprint: None }));
    }
    if config.tls.mode != Some(TlsMode::SelfSigned) {
        return Ok(None);
    }
    let pair = self_signed(config.listen.ip(), hosts, clock.wall()).map_err(wrong)?;
    let fingerprint = Some(pair.fingerprint());
    let current = unchanging(pair).map_err(wrong)?;
    Ok(Some(Certificate { current, reload: None, name: None, fingerprint }))
}

/// Sees whether it could be prepared; what clients may stumble over.
pub(super) fn check(config: &Config, clock: &dyn Clock) -> Result<Vec<String>, Failure> {
    let Some(files) = config.tls.files() else {
        return Ok(Vec::new());
    };
    let now = clock.wall();
    let pair = Pair::load(&files, now).map_err(|fault| Failure::wrong_use(&fault))?;
    Ok(pair.warnings(&config.allowed_hosts, now).into_iter().chain(files.warning()).collect())
}
