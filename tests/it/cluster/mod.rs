//! Many servers that are one.

mod killed;
mod proxy;
mod script;
mod together;
