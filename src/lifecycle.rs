//! Whether this process still wants new work: told by the server, asked by `/health/ready` and by what lives long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// A flag that is raised once and never lowered. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    is_draining: AtomicBool,
    raised: Notify,
}

impl Lifecycle {
    /// From here on whoever balances load should look elsewhere; what comes all the same is served.
    pub fn drain(&self) {
        self.0.is_draining.store(true, Ordering::SeqCst);
        self.0.raised.notify_waiters();
    }

    /// Whether a stop has begun.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.is_draining.load(Ordering::SeqCst)
    }

    /// Returns once a stop has begun: for what would go on for hours.
    pub fn drained(&self) -> impl Future<Output = ()> + Send + use<> {
        let inner = Arc::clone(&self.0);
        async move {
            // Made before the flag is read, so that it is woken by whoever raises the flag from now on.
            let raised = inner.raised.notified();
            if !inner.is_draining.load(Ordering::SeqCst) {
                raised.await;
            }
        }
    }
}
