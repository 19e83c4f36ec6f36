//! What is committed.

mod architecture;
mod drift;
mod readme;
mod security_doc;
