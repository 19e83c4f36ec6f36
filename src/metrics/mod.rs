//! What is measured, for Prometheus, once an operator asks for it.
//!
//! `table` declares every metric; `docs/metrics.md` is made from it. Who counts on the way of a request holds handles that
//! are looked up once, and holds none while nobody asked: then it costs a look at what is not there. What can be read at
//! any time is read when it is asked for (`admin::observed`).

mod recorder;
mod requests;
pub mod table;

pub use recorder::{MEDIA_TYPE, Metrics};
pub use requests::Requests;
