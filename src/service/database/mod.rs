//! The database: an embedded SQLite file, or PostgreSQL. Migrated before anybody reads.

mod backup;
pub(super) mod connection;
mod file;
mod in_use;
pub(super) mod mark;
mod migrate;
pub(super) mod open;
mod postgres;
mod sqlite;
mod url;
pub(super) mod write;
pub(super) mod writes;

pub use backup::{BackupError, Restored, backup, restore};
pub use connection::Database;
pub use in_use::assert_unused;
pub use mark::assert_whole;
pub use migrate::{Migration, down, look, status, up};
pub use open::{Missing, OpenError, Settings, told_of};
pub(super) use postgres::DURABLE;
pub use sqlite::file;
pub use url::check_url;
