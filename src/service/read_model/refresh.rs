//! The read model made true after others have committed: film by film, or wholly anew.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::timeout;

use crate::service::database::connection::Database;
use crate::service::error::Result;
use crate::service::films::row;
use crate::service::read_model::catalogue::Catalogue;
use crate::service::read_model::reload::Reload;

/// Films looked up in one turn: bounds the time for which votes wait.
pub(super) const CHUNK: usize = 500;
/// For subscribers who are behind, before the next of them are told. Who reads needs far less; who does not must not keep
/// the read model from becoming true.
const MOST_WAIT: Duration = Duration::from_millis(50);

/// Looks the films up and takes over what is there. In a turn each, so that no commit of ours comes between the look
/// and the read model.
pub(super) async fn refresh(database: &Database, catalogue: &Catalogue, films: &BTreeSet<i64>) -> Result<()> {
    let films: Vec<i64> = films.iter().copied().collect();
    for asked in films.chunks(CHUNK) {
        let turn = database.turn().await;
        let look = async { Ok(row::find_many(database.writer(), asked).await?) };
        let found = database.bounded(look).await?;
        catalogue.refreshed(asked.to_vec(), found);
        drop(turn);
        // An import adds faster than films are told.
        let _ = timeout(MOST_WAIT, catalogue.settle(CHUNK)).await;
    }
    Ok(())
}

/// Reads everything anew, while votes go on.
pub(super) async fn reload(database: &Database, catalogue: &Catalogue) -> Result<()> {
    let turn = database.turn().await;
    let begin = async {
        let view = database.begin_read().await?;
        // A transaction sees the state of its first read, which must lie within the turn.
        row::find(&view, 0).await?;
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
        let look = async { Ok(row::find_many(database.writer(), asked).await?) };
        unseen.tell(catalogue, database.bounded(look).await?);
    }
    drop(turn);
    tracing::debug!("the films were read anew");
    Ok(())
}
