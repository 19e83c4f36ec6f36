//! The database: an embedded SQLite file, or PostgreSQL. Migrated before anybody reads.

pub(super) mod connection;
mod migrate;
pub(super) mod open;
mod postgres;
mod sqlite;
mod url;

pub use connection::Database;
pub use migrate::{Migration, down, status, up};
pub use open::{Missing, OpenError, Settings};
pub use sqlite::file;
pub use url::check_url;
