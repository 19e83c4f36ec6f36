//! What the library answers on HTTP/2 by itself, told by the frames that it writes.

use std::sync::Arc;

use super::activity::Activity;
use super::cutter::{Cutter, HEADERS, RST_STREAM};
use super::unserved::Unserved;

/// Bytes of a header that holds a status and nothing else: 431, the only such answer. Ours have a dozen fields, each
/// of which takes a byte at least.
const STATUS_ALONE: usize = 8;

const NO_ERROR: u32 = 0;
const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;

/// Reads the frames that are written.
pub(super) struct Bare {
    cutter: Cutter,
    activity: Arc<Activity>,
}

impl Bare {
    pub(super) fn new(activity: Arc<Activity>) -> Self {
        Self { cutter: Cutter::default(), activity }
    }

    pub(super) fn written(&mut self, mut bytes: &[u8]) {
        while let Some(frame) = self.cutter.next(&mut bytes) {
            match (frame.kind, frame.code) {
                (HEADERS, _) if frame.length <= STATUS_ALONE => self.activity.tell(Unserved::HeaderTooLarge),
                (RST_STREAM, REFUSED_STREAM) => self.activity.tell(Unserved::Refused),
                (RST_STREAM, NO_ERROR | CANCEL) => {}
                // Whether such a one was served is known at the end.
                (RST_STREAM, _) => self.activity.tally.fault(),
                _ => {}
            }
        }
    }
}
