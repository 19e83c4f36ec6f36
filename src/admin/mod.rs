//! The second listener, for whoever runs the server. It speaks plain HTTP on an address of its own, has connections of its
//! own, so that a flood of clients keeps nobody out who wants to see it, and writes no log line for a request.

mod asked;
mod listener;
mod observed;

pub use asked::{Reloaded, Reloads};
pub use listener::{Admin, LIMITS, RELOAD, serve};
pub use observed::{REFUSED, Sources, TAKEN_OVER};
