//! Every setting, with its meaning, name, type, default and range.
//!
//! A line here is all that a setting needs: that it is known in file and variables, that its range is kept,
//! `filmgate config show` and the table in `docs/configuration.md` come from it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::secret_url::SecretUrl;
use super::section::{ANY, DAY, Setting, settings};
use super::values;
use crate::limits::{Policies, Policy, Storage, Tier, UnknownStorage, parse_policies};
use crate::service::caller::Role;
use crate::tls::Files;

/// Makes the tiers, which have the same settings.
macro_rules! tiers {
    ($($(#[doc = $about:literal])+ $tier:ident in $prefix:literal: $film:literal;)+) => {
        settings! {$(
            $(#[doc = $about])+
            pub struct $tier in $prefix {
                #[doc = $film]
                #[serde(deserialize_with = "values::optional_policies", serialize_with = "values::optional_policy_texts")]
                film: Option<Vec<Policy>> = None;
                /// Adding films, changing them and taking them away.
                #[serde(deserialize_with = "values::optional_policies", serialize_with = "values::optional_policy_texts")]
                add_film: Option<Vec<Policy>> = None;
                /// All other reads, and changes of accounts and keys.
                #[serde(deserialize_with = "values::optional_policies", serialize_with = "values::optional_policy_texts")]
                browse: Option<Vec<Policy>> = None;
                /// Changes of the own password. Sign-ins count by address.
                #[serde(deserialize_with = "values::optional_policies", serialize_with = "values::optional_policy_texts")]
                login: Option<Vec<Policy>> = None;
            }
        )+}
        $(
            impl $tier {
                fn own(&self) -> [&Option<Vec<Policy>>; 4] {
                    [&self.film, &self.add_film, &self.browse, &self.login]
                }
            }
        )+
    };
}

tiers! {
    /// `[limits.tiers.voter]`: those of accounts with the role voter, and of subjects whose token gives it. What is not set is
    /// as in `[limits]`, for the account.
    VoterTier in "limits.tiers.voter.": " Random films and votes of a voter. With no policy of a tier set, its accounts have the limits of their address.";
    /// `[limits.tiers.editor]`: those of accounts with the role editor, and of subjects whose token gives it. What is not set is
    /// as in `[limits]`, for the account.
    EditorTier in "limits.tiers.editor.": " Random films and votes of an editor.";
    /// `[limits.tiers.admin]`: those of accounts with the role admin, and of subjects whose token gives it. What is not set is
    /// as in `[limits]`, for the account.
    AdminTier in "limits.tiers.admin.": " Random films and votes of an admin.";
}

settings! {
    /// Everything that can be configured.
    pub struct Config in "" {
        /// Address and port; a port alone is of 127.0.0.1. Beyond loopback, `tls.mode` must be set.
        #[serde(deserialize_with = "values::address")]
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 3000));
        /// A SQLite file, created where it is missing, or `postgres://USER:PASSWORD@HOST/DATABASE`.
        database_url: SecretUrl = "sqlite://filmgate.db".to_owned().into();
        /// The database that `filmgate copy` fills, as `database_url` names one. Nothing else reads it.
        copy_to: Option<SecretUrl> = None;
        /// Whether a new database is filled with well-known films. Decided once, when it is created.
        starter_catalogue: bool = true;
        /// Addresses or networks whose `X-Forwarded-For` or `Forwarded` is believed.
        #[serde(deserialize_with = "values::networks")]
        trusted_proxies: Vec<IpNet> = Vec::new();
        /// Host names that are answered while listening on loopback, besides `localhost` and loopback addresses. Beyond
        /// loopback: if set, only these are answered.
        #[serde(deserialize_with = "values::hosts")]
        allowed_hosts: Vec<String> = Vec::new();
        section admin: Admin;
        section audit: Audit;
        section auth: Auth;
        section catalogue: Catalogue;
        section cors: Cors;
        section database: Database;
        section graphql: GraphQl;
        section http: Http;
        section limits: Limits;
        section live: Live;
        section log: Log;
        section tls: Tls;
        section traces: Traces;
    }

    /// `[admin]`: a second listener, for whoever runs the server.
    pub struct Admin in "admin." {
        /// Address and port of `/metrics` and of what `filmgate reload` asks, in plain HTTP; a port alone is of 127.0.0.1. Not
        /// set or empty: there is none, and nothing is measured.
        #[serde(deserialize_with = "values::address_or_none")]
        listen: Option<SocketAddr> = None;
    }

    /// `[audit]`: how long security events are kept.
    pub struct Audit in "audit." {
        /// Days that security events are kept in the database; `0`: for ever.
        keep_days: u32 = 365, in 0..=36_500;
    }

    /// `[auth]`: what a caller without a credential may do, and how long a sign-in lasts.
    pub struct Auth in "auth." {
        /// `viewer`, `voter` or `editor`. Not set: `voter`, but `editor` for a direct call from this machine.
        #[serde(deserialize_with = "values::optional_word")]
        anonymous_role: Option<Role> = None;
        /// Seconds that a sign-in lasts.
        session_lifetime: u64 as Duration = 12 * 3_600, in 60..=90 * DAY;
        section jwt: Jwt;
    }

    /// `[auth.jwt]`: tokens of an external issuer. Off until `issuer`, `audience` and `jwks` are set.
    pub struct Jwt in "auth.jwt." {
        /// The `iss` of tokens that are believed, letter by letter.
        issuer: Option<String> = None;
        /// Names of this service; the `aud` of a token must have one of them.
        #[serde(deserialize_with = "values::strings")]
        audience: Vec<String> = Vec::new();
        /// The public keys of the issuer: a file, or `https://...` (`http://` on this machine only).
        jwks: Option<String> = None;
        /// Signatures that are accepted; also `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES384`.
        #[serde(deserialize_with = "values::strings")]
        algorithms: Vec<String> = ["RS256", "ES256", "EdDSA"].map(str::to_owned).to_vec();
        /// Seconds that the clocks of issuer and server may differ.
        leeway: u64 as Duration = 30, in 0..=300;
        /// The claim with the role or a list of roles; dots lead into objects: `realm_access.roles`.
        role_claim: String = "role".to_owned();
        /// What names in that claim mean here: `"film-admins=admin, staff=editor"`. Empty: the names of the roles themselves.
        #[serde(deserialize_with = "values::strings")]
        roles: Vec<String> = Vec::new();
        /// The most that a token gives, whatever it says.
        #[serde(deserialize_with = "values::word")]
        max_role: Role = Role::Editor;
        /// The role of a token that names none.
        #[serde(deserialize_with = "values::word")]
        default_role: Role = Role::Voter;
        /// Seconds after which keys of a URL are fetched anew.
        jwks_refresh: u64 as Duration = 3_600, in 1..=DAY;
    }

    /// `[catalogue]`: how much of the films is kept in memory.
    pub struct Catalogue in "catalogue." {
        /// Bytes that films may take in memory: a million of them by default. Past it, further films are read from the
        /// database, and so are lists and picks of what matches a filter.
        max_bytes: usize = 256 * 1024 * 1024, in 0..=ANY;
    }

    /// `[cors]`: which web pages may call.
    pub struct Cors in "cors." {
        /// Origins of web pages and apps that may call, such as `https://films.example` or `capacitor://localhost`, or `"*"`
        /// for a wholly public API. Not set: pages of this machine (`localhost`, names below it, `127.0.0.1` and `[::1]`, http and
        /// https, any port) while listening on loopback, otherwise none.
        #[serde(deserialize_with = "values::origins")]
        allowed_origins: Option<Vec<String>> = None;
    }

    /// `[database]`: how the database is used.
    pub struct Database in "database." {
        /// Seconds that a call waits for a connection to the database; then it is 503.
        acquire_timeout: u64 as Duration = 1, in 1..=60;
        /// Seconds that a statement may take. PostgreSQL only.
        statement_timeout: u64 as Duration = 5, in 1..=3_600;
        /// Connections that read: on SQLite four at most, besides one that writes; on PostgreSQL three more write and listen.
        max_connections: u32 = 8, in 1..=1_000;
    }

    /// `[graphql]`: what a document may ask. Each limit is inclusive: N passes, N + 1 is refused before anything runs.
    pub struct GraphQl in "graphql." {
        /// Levels of brackets in a document and in its JSON request, and of fields when fragments are expanded.
        // The parser of async-graphql overflows the stack, which ends the process, from about 1,600 levels.
        max_nesting: usize = 32, in 1..=256;
        /// Bytes of a document, whatever `http.max_body` is.
        max_document: usize = 64 * 1024, in 1..=ANY;
        /// Lexical tokens of a document.
        max_tokens: usize = 2_000, in 1..=ANY;
        /// Levels of fields. Introspection is exempt.
        max_depth: usize = 12, in 1..=ANY;
        /// Fields after fragments are expanded.
        max_fields: usize = 1_000, in 1..=ANY;
        /// Aliases after fragments are expanded.
        max_aliases: usize = 100, in 0..=ANY;
        /// Directives of a document.
        max_directives: usize = 50, in 0..=ANY;
        /// Errors in an answer; further ones are counted only.
        max_errors: usize = 20, in 1..=ANY;
        /// Requests in a batch.
        max_batch: usize = 10, in 1..=ANY;
        /// Entries of a page of films or of anything else, through both surfaces.
        max_page: u32 = 100, in 1..=1_000;
        /// Bytes that documents may take in memory once they were found to be valid; `0` keeps none.
        document_cache: usize = 16 * 1024 * 1024, in 0..=ANY;
        /// File with trusted documents, which are asked for by their names (`documentId`): an object of names and texts, as
        /// graphql-codegen and Relay write it, or a manifest of Apollo.
        trusted_documents: Option<PathBuf> = None;
        /// What becomes of other documents: with `off` they run, with `log` they run and are logged when they are first seen, with
        /// `only` they are refused.
        #[serde(deserialize_with = "values::word")]
        trusted_mode: TrustedMode = TrustedMode::Off;
    }

    /// `[http]`: limits of a connection and of a request.
    pub struct Http in "http." {
        /// Bytes of a request body, and of a message over a WebSocket.
        max_body: usize = 64 * 1024, in 1..=1024 * 1024 * 1024;
        /// Bytes of the request line and all header fields (100 of them at most); the address may take half of them.
        // hyper needs a buffer of 8 KiB at least.
        max_header: usize = 16 * 1024, in 8 * 1024..=1024 * 1024;
        /// Connections at once; further ones are closed.
        max_connections: usize = 10_000, in 1..=1_000_000;
        /// Connections at once of one client (an IPv4 address, the /64 of an IPv6 address); further ones are closed.
        /// Peers on this machine or in `trusted_proxies` are exempt.
        max_connections_per_client: usize = 256, in 1..=1_000_000;
        /// Requests in work at once; further ones are refused with 503. A body that is still on its way does not count.
        max_in_flight: usize = 4_096, in 1..=1_000_000;
        /// Seconds for the first byte of a connection.
        first_byte_timeout: u64 as Duration = 10, in 1..=DAY;
        /// Seconds for the header of a request, from its first byte.
        header_timeout: u64 as Duration = 20, in 1..=DAY;
        /// Seconds that a connection without a request is kept.
        idle_timeout: u64 as Duration = 30, in 1..=DAY;
        /// Seconds for the body of a request; then it is answered with 408.
        body_timeout: u64 as Duration = 15, in 1..=DAY;
        /// Seconds for the answer of a request that has been read.
        request_timeout: u64 as Duration = 20, in 1..=DAY;
        /// Seconds for a client to take what was sent to it.
        write_timeout: u64 as Duration = 20, in 1..=DAY;
        /// Seconds after SIGTERM during which `/health/ready` says no and every request is still served.
        /// Subscriptions and event streams end at once.
        drain_delay: u64 as Duration = 1, in 0..=DAY;
        /// Seconds after which a stop cuts off what is in work, `http.drain_delay` included. The database and the log may
        /// take some 4 s more.
        drain_timeout: u64 as Duration = 9, in 0..=DAY;
    }

    /// `[limits]`: the policies of each bucket.
    pub struct Limits in "limits." {
        /// `false` switches all limits off.
        enabled: bool = true;
        /// Where limits are kept: in the memory of each server, `memory://`, or in a Redis for all of them together,
        /// `redis://USER:PASSWORD@HOST:PORT/DATABASE` (`rediss://` for TLS).
        storage: SecretUrl = "memory://".to_owned().into();
        /// Milliseconds that a call waits for Redis; then each server counts its share of the limits by itself until Redis
        /// answers again.
        storage_timeout: u64 = 50, in 1..=10_000;
        /// Clients that are remembered at most, and as many accounts and keys that have budgets of their own.
        max_keys: usize = 1_000_000, in 1..=100_000_000;
        /// Random films and votes.
        #[serde(deserialize_with = "values::policies", serialize_with = "values::policy_texts")]
        film: Vec<Policy> = policies("1/second, 50/hour, 200/day");
        /// Adding films.
        #[serde(deserialize_with = "values::policies", serialize_with = "values::policy_texts")]
        add_film: Vec<Policy> = policies("1/second, 50/hour, 200/day");
        /// All other reads, and changes of accounts and keys.
        #[serde(deserialize_with = "values::policies", serialize_with = "values::policy_texts")]
        browse: Vec<Policy> = policies("10/second, 2000/hour");
        /// Attempts to sign in and changes of a password, of a client and with a name.
        #[serde(deserialize_with = "values::policies", serialize_with = "values::policy_texts")]
        login: Vec<Policy> = policies("5/minute, 30/hour");
        /// Every request.
        #[serde(deserialize_with = "values::policies", serialize_with = "values::policy_texts")]
        flood: Vec<Policy> = policies("100/second");
        section tiers: Tiers;
    }

    /// `[limits.tiers]`: policies for who has signed in, counted for the account in place of the address.
    pub struct Tiers in "limits.tiers." {
        section voter: VoterTier;
        section editor: EditorTier;
        section admin: AdminTier;
    }

    /// `[live]`: limits of what stays open: sockets (WebSocket) and event streams. Each limit is inclusive.
    pub struct Live in "live." {
        /// WebSocket connections and event streams at once; further ones are refused with 503.
        max_streams: usize = 5_000, in 1..=1_000_000;
        /// WebSocket connections and event streams of one client at once; further ones are refused with 429.
        max_streams_per_client: usize = 64, in 1..=1_000_000;
        /// Operations at once on one WebSocket; further ones are refused.
        max_operations: usize = 32, in 1..=1_000;
        /// Events of one film's votes in a second, for each subscription: its latest counts, the last ones always.
        events_per_second: u32 = 10, in 1..=1_000;
        /// Seconds for the first message of a WebSocket, `connection_init`; then it is closed with 4408.
        init_timeout: u64 as Duration = 3, in 1..=DAY;
        /// Seconds between two signs of life: a comment on an event stream, a ping on a WebSocket, to be answered before
        /// the next one.
        ping_interval: u64 as Duration = 20, in 1..=DAY;
    }

    /// `[log]`: how and how much is logged.
    pub struct Log in "log." {
        /// `pretty` or `json`.
        #[serde(deserialize_with = "values::word")]
        format: LogFormat = LogFormat::Pretty;
        /// `error`, `warn`, `info`, `debug`, `trace`, `off`, or directives such as `filmgate=debug`.
        #[serde(deserialize_with = "values::log_level")]
        level: String = "info".to_owned();
    }

    /// `[tls]`: who encrypts.
    pub struct Tls in "tls." {
        /// `cert` (filmgate encrypts, with `tls.cert` and `tls.key`), `self-signed` (with a certificate that it makes, for
        /// trying), `proxy` (a proxy in `trusted_proxies` terminates TLS) or `off`. Needed beyond loopback.
        #[serde(deserialize_with = "values::optional_word")]
        mode: Option<TlsMode> = None;
        /// File with the certificate and those that lead to its issuer, in this order, as PEM. Read again when it changes.
        cert: Option<PathBuf> = None;
        /// File with the private key of the certificate, as PEM. Read again when it changes.
        key: Option<PathBuf> = None;
        /// Seconds for a TLS handshake, from its first byte.
        handshake_timeout: u64 as Duration = 10, in 1..=DAY;
        /// Seconds for which a browser comes by HTTPS only (`Strict-Transport-Security`), under `cert`; `0` lets it forget.
        hsts_max_age: u64 = 365 * DAY, in 0..=10 * 365 * DAY;
        /// Whether that holds for all names below ours too.
        hsts_include_subdomains: bool = false;
        /// Address and port of plain HTTP, where pages are led to HTTPS and calls are refused. Beyond loopback it needs
        /// `allowed_hosts`.
        #[serde(deserialize_with = "values::optional_address")]
        redirect_listen: Option<SocketAddr> = None;
        /// The port that they are led to. Not set: that of `listen`.
        redirect_port: Option<u16> = None, in 1..=65_535;
    }

    /// `[traces]`: what a collector of OpenTelemetry is sent.
    pub struct Traces in "traces." {
        /// Where a collector takes traces by OTLP over HTTP: `http://127.0.0.1:4318/v1/traces`. Not set or empty: none are
        /// made. What it wants to know of us, such as a token, is named by `OTEL_EXPORTER_OTLP_HEADERS`.
        #[serde(deserialize_with = "values::collector_or_none")]
        endpoint: Option<String> = None;
        /// The share of requests that are sampled, from `0` to `1`; a trace that is gone on with is sampled as it was begun.
        #[serde(deserialize_with = "values::share")]
        sample_ratio: f64 = 0.1;
        /// Whether the header `traceparent` of every caller is gone on with, and not only of direct callers of this machine.
        /// The trace of any other caller links to the one it names.
        trust_all: bool = false;
    }
}

fn policies(text: &str) -> Vec<Policy> {
    parse_policies(text).unwrap_or_default()
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line for people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// What becomes of documents that are not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TrustedMode {
    /// They run.
    #[default]
    Off,
    /// They run and are logged.
    Log,
    /// They are refused.
    Only,
}

/// Who encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// filmgate, with a certificate from files.
    Cert,
    /// filmgate, with a certificate that it makes: for trying.
    SelfSigned,
    /// A proxy in front, which is in `trusted_proxies`.
    Proxy,
    /// Nobody: for a trusted network.
    Off,
}

impl Config {
    /// The setting of this key, if there is one.
    #[must_use]
    pub fn setting(key: &str) -> Option<&'static Setting> {
        Self::declared().find(|setting| setting.key == key)
    }

    /// Whether only this machine can connect.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.listen.ip().to_canonical().is_loopback()
    }
}

impl Audit {
    /// How long an event is kept; `None`: for ever.
    #[must_use]
    pub fn keep(&self) -> Option<Duration> {
        (self.keep_days > 0).then(|| Duration::from_hours(24 * u64::from(self.keep_days)))
    }
}

impl Limits {
    /// Where limits are kept.
    ///
    /// # Errors
    /// None once the configuration was checked.
    pub fn storage(&self) -> Result<Storage, UnknownStorage> {
        Storage::read(self.storage.expose())
    }

    /// Where limits are kept, without what stands behind it, which may hold a password; `off` where nobody is limited.
    #[must_use]
    pub fn kept_in(&self) -> &'static str {
        if self.enabled { self.storage().map_or("other", |storage| storage.kind()) } else { "off" }
    }

    /// How long a call waits for it.
    #[must_use]
    pub fn storage_timeout(&self) -> Duration {
        Duration::from_millis(self.storage_timeout)
    }

    /// The policies of each bucket.
    #[must_use]
    pub fn policies(&self) -> Policies {
        Policies {
            film: self.film.clone(),
            add_film: self.add_film.clone(),
            browse: self.browse.clone(),
            login: self.login.clone(),
            flood: self.flood.clone(),
        }
    }

    /// The policies of each tier that has any; what it does not name is as for addresses.
    pub fn of_tiers(&self) -> impl Iterator<Item = (Tier, Policies)> {
        let Tiers { voter, editor, admin } = &self.tiers;
        let named = [(Tier::Voter, voter.own()), (Tier::Editor, editor.own()), (Tier::Admin, admin.own())];
        named.into_iter().filter(|(_, own)| own.iter().any(|own| own.is_some())).map(|(tier, own)| {
            let [film, add_film, browse, login] = own;
            let or = |own: &Option<Vec<Policy>>, all: &[Policy]| own.clone().unwrap_or_else(|| all.to_vec());
            let policies = Policies {
                film: or(film, &self.film),
                add_film: or(add_film, &self.add_film),
                browse: or(browse, &self.browse),
                login: or(login, &self.login),
                flood: Vec::new(),
            };
            (tier, policies)
        })
    }
}

impl Tls {
    /// Where the certificate and its key are, if filmgate encrypts with them.
    #[must_use]
    pub fn files(&self) -> Option<Files> {
        let is_cert = self.mode == Some(TlsMode::Cert);
        is_cert.then(|| Some(Files { cert: self.cert.clone()?, key: self.key.clone()? })).flatten()
    }

    /// Whether filmgate encrypts by itself.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        matches!(self.mode, Some(TlsMode::Cert | TlsMode::SelfSigned))
    }
}
