//! The same at both surfaces.

mod accounts;
mod films;
