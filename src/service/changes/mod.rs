//! What others committed (an import, another server, a person with a shell), told to the read model, and by it to whoever listens.
//!
//! What this process commits it tells the read model itself, within the turn of the write; see `database::write`.

mod postgres;
mod sqlite;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::DbBackend;
use tokio::time::timeout;

use super::catalogue::Catalogue;
use super::database::Database;
use super::error::Result;
use super::film_row;
use super::reload::Reload;

/// Films looked up in one turn: bounds the time for which votes wait.
const CHUNK: usize = 500;
/// For subscribers who are behind, before the next of them are told. Who reads needs far less; who does not must not keep
/// the read model from becoming true.
const MOST_WAIT: Duration = Duration::from_millis(50);

/// Watches from the moment it is made, so that nothing is missed between the first load and the first look.
pub(super) enum Watch {
    Sqlite(sqlite::Log),
    Postgres(postgres::Notifications),
}

impl Watch {
    pub(super) async fn begin(database: &Database) -> Result<Self> {
        Ok(match database.backend() {
            DbBackend::Postgres => Self::Postgres(postgres::Notifications::listen(database).await?),
            _ => Self::Sqlite(sqlite::Log::open(database).await?),
        })
    }

    /// Keeps the read model true until it is gone.
    pub(super) fn run(self, database: Database, catalogue: &Arc<Catalogue>) {
        let catalogue = Arc::downgrade(catalogue);
        match self {
            Self::Sqlite(log) => tokio::spawn(log.follow(database, catalogue)),
            Self::Postgres(notifications) => tokio::spawn(notifications.follow(database, catalogue)),
        };
    }
}

/// Looks the films up and takes over what is there. In a turn each, so that no commit of ours comes between the look
/// and the read model.
async fn refresh(database: &Database, catalogue: &Catalogue, films: &BTreeSet<i64>) -> Result<()> {
    let films: Vec<i64> = films.iter().copied().collect();
    for asked in films.chunks(CHUNK) {
        let turn = database.turn().await;
        let look = async { Ok(film_row::find_many(database.writer(), asked).await?) };
        let found = database.bounded(look).await?;
        catalogue.refreshed(asked.to_vec(), found);
        drop(turn);
        // An import adds faster than films are told.
        let _ = timeout(MOST_WAIT, catalogue.settle(CHUNK)).await;
    }
    Ok(())
}

/// Reads everything anew, while votes go on.
async fn reload(database: &Database, catalogue: &Catalogue) -> Result<()> {
    let turn = database.turn().await;
    let begin = async {
        let view = database.begin_read().await?;
        // A transaction sees the state of its first read, which must lie within the turn.
        film_row::find(&view, 0).await?;
        Ok(view)
    };
    let view = database.bounded(begin).await?;
    let reload = Reload::begin(catalogue);
    drop(turn);
    let reload = reload.read(&view).await?;
    view.rollback().await?;
    let turn = database.turn().await;
    let unseen = reload.end();
    for asked in unseen.ids().chunks(CHUNK) {
        let look = async { Ok(film_row::find_many(database.writer(), asked).await?) };
        unseen.tell(catalogue, database.bounded(look).await?);
    }
    drop(turn);
    tracing::debug!("the films were read anew");
    Ok(())
}
