//! What filmgate refuses, with types: the schema cannot tell what stands in the `extensions` of an error.

use cynic::GraphQlError;
use cynic::http::CynicReqwestError;
use serde::Deserialize;

/// One entry of `errors`.
pub type Refusal = GraphQlError<Extensions>;

/// Why there is no data.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server says no.
    #[error("{0}")]
    Refused(Refusal),
    /// The call did not get through, or the answer is not GraphQL.
    #[error(transparent)]
    Http(#[from] CynicReqwestError),
    /// The WebSocket could not be opened.
    #[error(transparent)]
    Socket(#[from] tokio_tungstenite::tungstenite::Error),
    /// The WebSocket was closed, or does not speak `graphql-transport-ws`.
    #[error(transparent)]
    Protocol(#[from] graphql_ws_client::Error),
    /// Neither data nor an error.
    #[error("the server gave nothing")]
    Nothing,
}

/// What a refusal carries besides its message.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
    pub code: Code,
    /// With [`Code::InvalidInput`]: all faults at once.
    #[serde(default)]
    pub fields: Vec<FieldFault>,
    /// Seconds, with [`Code::RateLimited`] and [`Code::Unavailable`].
    pub retry_after: Option<u64>,
}

/// A fault of an input.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FieldFault {
    /// RFC 6901, within the input: `/name`, `/genres/2`.
    pub pointer: String,
    pub detail: String,
}

/// The catalogue of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    AccountExists,
    AccountNotFound,
    BadRequest,
    DocumentNotTrusted,
    DocumentTooLarge,
    FellBehind,
    FilmExists,
    FilmNotFound,
    Forbidden,
    GraphqlParseFailed,
    GraphqlValidationFailed,
    HeaderTooLarge,
    HttpsRequired,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    Internal,
    InvalidInput,
    KeyNotFound,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    PersistedQueryNotFound,
    PriceAboveBurst,
    RateLimited,
    RequestTimeout,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
    UpgradeRequired,
    UriTooLong,
    /// One that this client does not know.
    #[serde(other)]
    Unknown,
}
