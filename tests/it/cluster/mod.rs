//! Many servers that are one.

mod proxy;
mod together;
