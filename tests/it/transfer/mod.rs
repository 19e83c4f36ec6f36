//! Import and export.

mod export;
mod import;
mod messy;
