//! The database.

mod crash;
mod held;
mod migrate;
mod postgres;
mod stop;
mod upgrade;
