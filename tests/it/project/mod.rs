//! What is committed.

mod architecture;
mod drift;
mod security_doc;
mod tours;
