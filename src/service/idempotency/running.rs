//! Requests under a key that are on their way.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Keys of the requests that this server works on.
#[derive(Debug, Default)]
pub(in crate::service) struct Requests(Mutex<BTreeSet<Arc<str>>>);

impl Requests {
    /// `None` while the same is worked on.
    pub(super) fn begin(self: &Arc<Self>, request: &Arc<str>) -> Option<Running> {
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(Arc::clone(request));
        is_new.then(|| Running { request: Arc::clone(request), all: Arc::clone(self) })
    }
}

/// A request under a key, while it is worked on.
#[derive(Debug)]
pub(super) struct Running {
    request: Arc<str>,
    all: Arc<Requests>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.request);
    }
}
