//! What every answer carries, and what browsers may do.

mod browser;
mod every_answer;
