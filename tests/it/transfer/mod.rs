//! Import and export.

mod export;
mod import;
