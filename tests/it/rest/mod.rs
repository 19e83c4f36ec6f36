//! The documented endpoints, and where a request ends.

mod documented;
mod framing;
mod operations;
mod random;
mod words;
