//! What is committed.

mod architecture;
mod circles;
mod drift;
mod security_doc;
mod tours;
mod words;
