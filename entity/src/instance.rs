//! A server that runs on this database, and what it has seen of its clients.

use sea_orm::entity::prelude::*;

/// One row of `instance`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "instance")]
pub struct Model {
    /// Random, made at its start.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Milliseconds since the Unix epoch.
    pub started_at: i64,
    /// Milliseconds since the Unix epoch.
    pub seen_at: i64,
    pub version: String,
    pub listen: String,
    /// The kind of `limits.storage`, or `off`.
    pub limits_storage: String,
    /// Since its start, without probes.
    pub requests: i64,
    /// Different clients, counted up to a bound.
    pub clients: i64,
    pub busiest_client: Option<String>,
    /// Per cent of the requests that came from it.
    pub busiest_share: i16,
    /// Requests with forwarding headers from a peer that is not trusted.
    pub forwarded_untrusted: i64,
    /// Such a peer.
    pub untrusted_peer: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
