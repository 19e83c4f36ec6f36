//! What is wrong with a certificate.

/// Why a certificate cannot be used: one sentence, for whoever runs the server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub(super) String);
