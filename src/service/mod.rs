//! The hall behind both doors: use cases on plain structs.
//!
//! Every use case takes the [`Caller`](caller::Caller) and asks the [`policy`] table itself, so that no door can
//! forget to. Nothing here knows HTTP, GraphQL or the limiter.
//!
//! What a command does too is a function over the [`Database`](database::Database): a command has no use for the read
//! model, which a running server keeps true by itself.

pub mod accounts;
pub mod audit;
pub mod caller;
pub mod catalogue;
mod catalogue_state;
mod changes;
mod cursor;
pub mod database;
pub mod diagnosis;
pub mod error;
pub mod export;
pub mod film;
pub mod film_filter;
pub mod film_list;
mod film_row;
pub mod hall;
pub mod import;
mod import_plan;
mod import_rows;
pub mod instances;
pub mod moment;
pub mod page;
pub mod policy;
pub mod random_film;
mod readiness;
mod reload;
pub mod remove_film;
mod signed_votes;
pub mod starter_catalogue;
pub mod subscription;
pub mod text;
pub mod topics;
pub mod update_film;
pub mod vote;
mod vote_rows;
mod vote_writer;

pub use error::{Error, FieldFault, Result};
pub use hall::Hall;
