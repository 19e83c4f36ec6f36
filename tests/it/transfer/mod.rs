//! Import and export.

mod copy;
mod export;
mod import;
mod messy;
