//! The tables of filmgate as SeaORM entities, and nothing else.
//!
//! Rules live in the service (`filmgate::service`); how the tables come to be lives in `migration`.

pub mod account;
pub mod api_key;
pub mod audit_event;
pub mod film;
pub mod film_change;
pub mod film_genre;
pub mod film_word;
pub mod idempotency;
pub mod instance;
pub mod meta;
pub mod session;
pub mod vote;
