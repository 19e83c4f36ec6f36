//! The database.

mod crash;
mod migrate;
mod postgres;
mod stop;
mod upgrade;
