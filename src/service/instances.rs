//! The servers that run on the database. Each keeps a row about itself, so that `filmgate doctor` can tell what only a
//! running server sees.

use std::net::IpAddr;
use std::time::Duration;

use entity::instance::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseConnection, EntityTrait as _, IntoActiveModel as _,
    Iterable as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
};

use crate::clock::milliseconds;
use crate::service::database::connection::Database;
use crate::service::error::Result;
use crate::service::films::service::FilmService;

/// A row that is older is of a server that was killed; it is removed by any other.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);
/// A server whose row is older has missed some beats of fifteen seconds, and counts no limits any more.
const SILENT_AFTER: Duration = Duration::from_mins(1);

/// A server, as it describes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Random, made at its start.
    pub id: String,
    /// Milliseconds since the Unix epoch.
    pub started_at: i64,
    /// Milliseconds since the Unix epoch.
    pub seen_at: i64,
    pub version: String,
    pub listen: String,
    /// The kind of `limits.storage`, such as `memory`, or `off`.
    pub limits_storage: String,
    pub traffic: Traffic,
}

/// What a server has seen of its clients since its start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Without probes.
    pub requests: u64,
    /// Different clients, counted up to a bound.
    pub clients: u64,
    pub busiest_client: Option<IpAddr>,
    /// Per cent of the requests that came from it.
    pub busiest_share: u8,
    /// Requests with forwarding headers from a peer that is not trusted.
    pub forwarded_untrusted: u64,
    /// Such a peer.
    pub untrusted_peer: Option<IpAddr>,
}

impl FilmService {
    /// Writes the row of this server anew, with the time, and removes those of servers long gone. How many servers keep
    /// limits in the same storage, this one among them.
    ///
    /// # Errors
    /// When the database fails; the next beat makes up for it.
    pub async fn beat(&self, mut instance: Instance) -> Result<u32> {
        instance.seen_at = self.now_ms();
        let gone = instance.seen_at - milliseconds(FORGOTTEN_AFTER);
        let together = Entity::find()
            .filter(Column::SeenAt.gt(instance.seen_at - milliseconds(SILENT_AFTER)))
            .filter(Column::LimitsStorage.eq(&*instance.limits_storage));
        let columns = Column::iter().filter(|column| !matches!(column, Column::Id));
        let known = OnConflict::column(Column::Id).update_columns(columns).to_owned();
        let write = async {
            let here = Entity::insert(row(instance)).on_conflict(known);
            here.exec_without_returning(self.beside_votes()).await?;
            Entity::delete_many().filter(Column::SeenAt.lt(gone)).exec(self.beside_votes()).await?;
            together.count(self.beside_votes()).await
        };
        self.database.bounded(write).await.map(|count| u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Removes the row of this server, which stops.
    ///
    /// # Errors
    /// When the database fails; the row is forgotten in time.
    pub async fn leave(&self, id: &str) -> Result<()> {
        self.database.bounded(Entity::delete_by_id(id).exec(self.beside_votes())).await.map(drop)
    }

    /// Not the connection that writes, and no turn: while the database is gone, the votes behind would wait for two
    /// failures, theirs and ours. What is written is no film, so that the order of commits does not matter.
    fn beside_votes(&self) -> &DatabaseConnection {
        &self.database.reader
    }
}

/// Every server that has left a row, the one seen last first.
///
/// # Errors
/// When the database fails.
pub async fn instances(database: &Database) -> Result<Vec<Instance>> {
    let rows = Entity::find().order_by_desc(Column::SeenAt).all(&database.reader).await?;
    Ok(rows.into_iter().map(from_row).collect())
}

fn row(instance: Instance) -> ActiveModel {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let Traffic { requests, clients, busiest_client, busiest_share, forwarded_untrusted, untrusted_peer } =
        instance.traffic;
    let row = Model {
        id: instance.id,
        started_at: instance.started_at,
        seen_at: instance.seen_at,
        version: instance.version,
        listen: instance.listen,
        limits_storage: instance.limits_storage,
        requests: count(requests),
        clients: count(clients),
        busiest_client: busiest_client.map(|address| address.to_string()),
        busiest_share: busiest_share.into(),
        forwarded_untrusted: count(forwarded_untrusted),
        untrusted_peer: untrusted_peer.map(|address| address.to_string()),
    };
    row.into_active_model().reset_all()
}

fn from_row(row: Model) -> Instance {
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let address = |text: Option<String>| text.and_then(|text| text.parse().ok());
    Instance {
        id: row.id,
        started_at: row.started_at,
        seen_at: row.seen_at,
        version: row.version,
        listen: row.listen,
        limits_storage: row.limits_storage,
        traffic: Traffic {
            requests: count(row.requests),
            clients: count(row.clients),
            busiest_client: address(row.busiest_client),
            busiest_share: u8::try_from(row.busiest_share).unwrap_or_default(),
            forwarded_untrusted: count(row.forwarded_untrusted),
            untrusted_peer: address(row.untrusted_peer),
        },
    }
}
