//! The documented endpoints, and where a request ends.

mod cacheable;
mod cursors;
mod documented;
mod framing;
mod openapi;
mod operations;
mod random;
mod words;
