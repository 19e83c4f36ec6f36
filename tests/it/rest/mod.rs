//! The documented endpoints, and where a request ends.

mod cacheable;
mod documented;
mod framing;
mod openapi;
mod operations;
mod random;
mod words;
