//! The configuration: one file a section, and the only reader of the environment.
//!
//! Defaults < `filmgate.toml` < `FILMGATE_*` variables < flags. A constructor elsewhere gets its section, never the
//! whole.

mod audit;
mod auth;
mod catalogue;
mod choice;
mod cors;
mod database;
mod database_url;
mod error;
mod file;
mod graphql;
mod http;
mod jwt;
mod keys;
mod limits;
mod list;
mod live;
pub mod load;
mod log;
mod notices;
pub mod show;
mod source;
mod tls;

use std::net::SocketAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

pub use audit::Audit;
pub use auth::Auth;
pub use catalogue::Catalogue;
pub use cors::Cors;
pub use database::Database;
pub use database_url::DatabaseUrl;
pub use error::Error;
pub use graphql::GraphQl;
pub use http::Http;
pub use jwt::Jwt;
pub use keys::KEYS;
pub use limits::Limits;
pub use live::Live;
pub use log::{Log, LogFormat};
pub use source::{Source, Sources};
pub use tls::{Tls, TlsMode};

/// Everything that can be configured.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    pub database_url: DatabaseUrl,
    /// Whether a new database is filled with well-known films.
    pub starter_catalogue: bool,
    /// Peers whose forwarding headers are believed.
    #[serde(deserialize_with = "list::networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Host names that are answered while listening on loopback, besides those of loopback.
    #[serde(deserialize_with = "list::strings")]
    pub allowed_hosts: Vec<String>,
    pub audit: Audit,
    pub auth: Auth,
    pub catalogue: Catalogue,
    pub cors: Cors,
    pub database: Database,
    pub graphql: GraphQl,
    pub http: Http,
    pub limits: Limits,
    pub live: Live,
    pub log: Log,
    pub tls: Tls,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            database_url: "sqlite://filmgate.db".to_owned().into(),
            starter_catalogue: true,
            trusted_proxies: Vec::new(),
            allowed_hosts: Vec::new(),
            audit: Audit::default(),
            auth: Auth::default(),
            catalogue: Catalogue::default(),
            cors: Cors::default(),
            database: Database::default(),
            graphql: GraphQl::default(),
            http: Http::default(),
            limits: Limits::default(),
            live: Live::default(),
            log: Log::default(),
            tls: Tls::default(),
        }
    }
}

impl Config {
    /// Whether only this machine can connect.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.listen.ip().to_canonical().is_loopback()
    }

    /// What only the whole can tell.
    fn check(&self) -> Result<(), Error> {
        self.database_url.check()?;
        self.audit.check()?;
        self.auth.check()?;
        self.cors.check()?;
        self.database.check()?;
        self.http.check()?;
        self.graphql.check()?;
        self.limits.check()?;
        self.live.check()?;
        self.log.check()?;
        self.tls.check(self.listen, &self.trusted_proxies, &self.allowed_hosts)
    }
}
