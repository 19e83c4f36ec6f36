//! Events that are old enough to be forgotten.

use std::sync::Arc;
use std::time::Duration;

use entity::audit_event;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait as _, EntityTrait as _, Order, QueryFilter as _};
use tokio::time::sleep;

use crate::clock::milliseconds;
use crate::service::database::connection::Database;
use crate::service::database::write::Write;
use crate::service::error::Result;
use crate::service::films::service::FilmService;

/// Rows of one step: others who write wait for it.
const STEP: u64 = 500;
/// The pause between two steps.
const PAUSE: Duration = Duration::from_secs(1);
/// The pause when nothing was left to forget.
const REST: Duration = Duration::from_mins(10);

impl FilmService {
    /// From now on, forgets events that are older, a few at a time. Ends when the service is gone.
    pub fn forget_audit_events(self: &Arc<Self>, older_than: Duration) {
        let service = Arc::downgrade(self);
        let age = milliseconds(older_than);
        tokio::spawn(async move {
            loop {
                let Some(service) = service.upgrade() else { return };
                let forgotten = step(&service.database, service.now_ms().saturating_sub(age)).await;
                drop(service);
                if let Err(error) = &forgotten {
                    tracing::warn!(%error, "old audit events cannot be removed now");
                }
                sleep(if forgotten.is_ok_and(|rows| rows >= STEP) { PAUSE } else { REST }).await;
            }
        });
    }
}

/// How many there were. `before`: milliseconds since the Unix epoch.
async fn step(database: &Database, before: i64) -> Result<u64> {
    let oldest = Query::select()
        .column(audit_event::Column::Id)
        .from(audit_event::Entity)
        .and_where(audit_event::Column::At.lt(before))
        .order_by(audit_event::Column::At, Order::Asc)
        .limit(STEP)
        .to_owned();
    let forget = audit_event::Entity::delete_many().filter(audit_event::Column::Id.in_subquery(oldest));
    let forget = async |write: Write| {
        let forgotten = forget.clone().exec(&*write).await?.rows_affected;
        write.commit().await?;
        Ok(forgotten)
    };
    database.write(forget).await
}
