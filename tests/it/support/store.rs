//! The two databases. A test of what is stored takes one as its argument and runs on both:
//! `#[values(Store::Sqlite, Store::Postgres)] store: Store`.

use std::path::Path;

use super::Postgres;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    Sqlite,
    Postgres,
}

impl Store {
    /// Whether it cannot be had here; it has been said then, or the test has failed.
    pub(crate) fn is_missing(self) -> bool {
        self == Self::Postgres && Postgres::shared().is_none()
    }

    /// The URL of a new database.
    pub(crate) async fn url(self, folder: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite://{}", folder.join("test.db").display()),
            Self::Postgres => Postgres::shared().expect("asked before").database().await,
        }
    }
}
