//! The certificate that clients are shown.

use crate::clock::Clock;
use crate::config::Config;
use crate::tls::Pair;

use super::finding::Finding;

/// Nothing where filmgate does not encrypt with files.
pub(super) fn examine(config: &Config, clock: &dyn Clock) -> Vec<Finding> {
    const CHECK: &str = "certificate";
    const WHY: &str = "clients stumble over it, or will, or the key is not safe";
    const CURE: &str = "put a certificate that is valid for the names in allowed_hosts, and its key, into the files of tls.cert and \
                        tls.key; a running server takes them at once";
    let Some(files) = config.tls.files() else { return Vec::new() };
    let now = clock.wall();
    let warnings = match Pair::load(&files, now) {
        Ok(pair) => pair.warnings(&config.allowed_hosts, now).into_iter().chain(files.warning()),
        Err(fault) => {
            return vec![Finding::error(CHECK, fault.to_string(), "filmgate does not start with it", CURE)];
        }
    };
    let warnings: Vec<Finding> = warnings.map(|what| Finding::warning(CHECK, what, WHY, CURE)).collect();
    if warnings.is_empty() {
        return vec![Finding::ok(CHECK, "the certificate is valid, and the key is its own")];
    }
    warnings
}
