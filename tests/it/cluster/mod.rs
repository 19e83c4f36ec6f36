//! Many servers that are one.

mod proxy;
mod script;
mod together;
