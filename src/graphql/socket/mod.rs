//! GraphQL over a WebSocket: graphql-transport-ws.

mod frame_count;
pub(super) mod handshake;
mod protocol;
mod run;
mod running;
pub(super) mod serve;
mod session;
