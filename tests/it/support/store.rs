//! The two databases. A test of what is stored takes one as its argument and runs on both:
//! `#[values(Store::Sqlite, Store::Postgres)] store: Store`.

use std::path::Path;

use sea_orm::{ConnectionTrait as _, Database, Statement};

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

/// Asks a database for a number, past every server.
pub(crate) async fn count(url: &str, sql: &str) -> i64 {
    let database = Database::connect(url).await.expect("the database");
    let question = Statement::from_string(database.get_database_backend(), sql);
    let row = database.query_one_raw(question).await.expect(sql).expect("a row");
    database.close().await.expect("an end");
    row.try_get_by_index(0).expect("a count")
}
