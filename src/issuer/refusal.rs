//! Why a token is not believed.

/// Why a token is not believed. `Display` is for the bearer, and tells nothing that helps to forge one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A bad credential. The reason is for the log; it holds nothing of the token.
    #[error("This token is not valid here.")]
    Invalid(&'static str),
    /// Nobody can tell now, since the keys cannot be had: never to be taken for an anonymous call.
    #[error("Tokens cannot be checked at the moment. Please try again shortly.")]
    Unavailable,
}
