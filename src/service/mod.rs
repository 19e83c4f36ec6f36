//! The use cases behind both surfaces: use cases on plain structs.
//!
//! Every use case takes the [`Caller`](caller::Caller) and asks the [`policy`] table itself, so that no surface can
//! forget to. Nothing here knows HTTP, GraphQL or the limiter.
//!
//! What a command does too is a function over the [`Database`](database::Database): a command has no use for the read
//! model, which a running server keeps true by itself.

pub mod accounts;
pub mod action;
pub mod audit;
pub mod caller;
pub mod copy;
pub mod database;
pub mod diagnosis;
pub mod error;
pub mod films;
pub mod idempotency;
pub mod import;
pub mod instances;
pub mod json_object;
pub mod page;
pub mod policy;
pub mod read_model;
pub mod starter_catalogue;
pub mod text;
pub mod votes;

pub use error::{Error, FieldFault, MOST_FAULTS, Result};
pub use films::service::FilmService;
