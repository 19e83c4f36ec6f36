//! How far a stop has come.

/// What a connection is told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Serving,
    /// Finish what is in work, then end.
    Closing,
    /// The time is up.
    Cut,
}
