//! What others committed (an import, another server, a person with a shell), told to the read model, and by it to whoever listens.
//!
//! What this process commits it tells the read model itself, within the turn of the write; see `database::write`.

use std::sync::Arc;

use sea_orm::DbBackend;

use crate::service::database::connection::Database;
use crate::service::error::Result;
use crate::service::read_model::catalogue::Catalogue;
use crate::service::read_model::{changes_postgres, changes_sqlite};

/// Watches from the moment it is made, so that nothing is missed between the first load and the first look.
pub(in crate::service) enum Watch {
    Sqlite(changes_sqlite::Log),
    Postgres(changes_postgres::Notifications),
}

impl Watch {
    pub(in crate::service) async fn begin(database: &Database) -> Result<Self> {
        Ok(match database.backend() {
            DbBackend::Postgres => Self::Postgres(changes_postgres::Notifications::listen(database).await?),
            _ => Self::Sqlite(changes_sqlite::Log::open(database).await?),
        })
    }

    /// Keeps the read model true until it is gone or the database is closed.
    pub(in crate::service) fn run(self, database: Database, catalogue: &Arc<Catalogue>) {
        let catalogue = Arc::downgrade(catalogue);
        tokio::spawn(async move {
            let closed = database.closed();
            let follow = async {
                match self {
                    Self::Sqlite(log) => log.follow(database, catalogue).await,
                    Self::Postgres(notifications) => notifications.follow(database, catalogue).await,
                }
            };
            tokio::select! {
                () = closed => {}
                () = follow => {}
            }
        });
    }
}
