//! The documented endpoints, and where a request ends.

mod documented;
mod framing;
mod kept;
mod openapi;
mod operations;
mod random;
mod words;
