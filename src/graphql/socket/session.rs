//! What is known of a socket.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::graphql::socket::running::Operations;
use crate::graphql::state::GraphQl;
use crate::http::context::Context;
use crate::http::credential::Credential;

/// A socket and its operations.
pub(super) struct Session {
    pub graphql: Arc<GraphQl>,
    pub context: Arc<Context>,
    /// Looked up anew for each operation: what was revoked meanwhile is revoked here too.
    pub credential: Credential,
    pub operations: Operations,
    /// In which queries and mutations run.
    pub tasks: JoinSet<()>,
    pub is_acknowledged: bool,
}
