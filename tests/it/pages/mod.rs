//! The pages.

mod browser;
mod served;
