//! The second listener, for whoever runs the server. It speaks plain HTTP on an address of its own, has connections of its
//! own, so that a flood of clients keeps nobody out who wants to see it, and writes no log line for a request.

mod listener;
mod observed;

pub use listener::{Admin, serve};
pub use observed::Sources;
