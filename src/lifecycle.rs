//! Whether this process still wants new work: told by the server, asked by `/health/ready`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that is raised once and never lowered. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle(Arc<AtomicBool>);

impl Lifecycle {
    /// From here on whoever balances load should look elsewhere; what comes all the same is served.
    pub fn drain(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether a stop has begun.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
