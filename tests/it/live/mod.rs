//! Subscriptions, over sockets and event streams.

mod abuse;
mod sse;
mod subscriptions;
mod websocket;
