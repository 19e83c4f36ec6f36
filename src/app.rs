//! The composition root: from a configuration to what answers requests. The only file that knows everybody.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;

use crate::clock::{Clock, Randomness};
use crate::config::{Auth, Config, Cors, Limits, Tls, TlsMode};
use crate::front::bodies::Bodies;
use crate::front::client_ip::ClientIp;
use crate::front::host::Hosts;
use crate::front::https_only::HttpsPort;
use crate::front::security_headers::{Hsts, on_every_answer};
use crate::front::traffic::Traffic;
use crate::front::{Front, Guards, Surfaces};
use crate::graphql::state::{GraphQl, Sockets};
use crate::http::credential::Identities;
use crate::http::host::normal;
use crate::http::origins::Origins;
use crate::http::overload::Overload;
use crate::http::streams::Streams;
use crate::issuer::{self, Issuer};
use crate::lifecycle::Lifecycle;
use crate::limits::{Limiter, SharedStore, Storage, UnknownStorage};
use crate::rest::Rest;
use crate::router::router;
use crate::server::Answer;
use crate::service::database::{self, Database, Missing, OpenError};
use crate::service::films::service::{FilmService, Settings};
use crate::service::starter_catalogue::{self, Outcome};

/// How often clients with nothing left to remember are forgotten.
const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// Everything that serves requests.
pub struct App {
    pub front: Front,
    /// For `tls.redirect_listen`.
    pub https_only: Option<Front>,
    /// Tells `/health/ready` that a stop has begun.
    pub lifecycle: Lifecycle,
    /// The use cases behind both surfaces.
    pub service: Arc<FilmService>,
    pub limiter: Arc<Limiter>,
    /// What is seen of the clients.
    pub traffic: Arc<Traffic>,
    /// How many films there are.
    pub films: usize,
    /// What became of the starter catalogue.
    pub starter_catalogue: Outcome,
}

/// Why there is no app.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error(transparent)]
    Database(#[from] OpenError),
    #[error(transparent)]
    Issuer(#[from] issuer::NewError),
    #[error(transparent)]
    Storage(#[from] UnknownStorage),
}

impl App {
    /// Opens the database and puts the house together. Time and randomness are passed in.
    ///
    /// # Errors
    /// With a sentence that names cause and remedy.
    pub async fn build(
        config: &Config,
        clock: Arc<dyn Clock>,
        randomness: Randomness,
    ) -> Result<Self, BuildError> {
        let settings = database_settings(&config.database);
        let database = Database::connect(config.database_url.expose(), &settings, Missing::Create).await?;
        Self::on(database, config, clock, randomness).await
    }

    /// The same on a database that whoever opened it closes again. It is brought up to date first.
    ///
    /// # Errors
    /// With a sentence that names cause and remedy.
    pub async fn on(
        database: Database,
        config: &Config,
        clock: Arc<dyn Clock>,
        randomness: Randomness,
    ) -> Result<Self, BuildError> {
        database.bring_up_to_date().await?;
        let failed = |error| OpenError::failed(database.name(), &error);
        let starter_catalogue =
            starter_catalogue::load_once(&database, config.starter_catalogue).await.map_err(failed)?;
        let settings = Settings {
            catalogue_bytes: config.catalogue.max_bytes,
            max_page: config.graphql.max_page,
            session_lifetime: config.auth.session_lifetime(),
        };
        let service = FilmService::open(database.clone(), &settings, Arc::clone(&clock), randomness);
        let service = Arc::new(service.await.map_err(failed)?);
        if let Some(age) = config.audit.keep() {
            service.forget_audit_events(age);
        }
        let limits = &config.limits;
        let limiter = Arc::new(limiter(limits, limits.storage_timeout(), Arc::clone(&clock)).await?);
        tokio::spawn(sweep(Arc::downgrade(&limiter)));
        let origins = Arc::new(origins(&config.cors, config.is_loopback()));
        let films = service.count();
        let lifecycle = Lifecycle::default();
        let overload = Arc::new(Overload::new(config.http.max_in_flight));
        let live = &config.live;
        let streams = Arc::new(Streams::new(
            live.max_streams,
            live.max_streams_per_client,
            live.ping_interval(),
            lifecycle.clone(),
        ));
        let identities = Arc::new(identities(&config.auth, &service, &limiter, &clock)?);
        let rest = Arc::new(Rest {
            service: Arc::clone(&service),
            limiter: Arc::clone(&limiter),
            origins: Arc::clone(&origins),
            lifecycle: lifecycle.clone(),
            streams: Arc::clone(&streams),
        });
        let graphql = GraphQl::new(
            Arc::clone(&service),
            Arc::clone(&limiter),
            Arc::clone(&origins),
            config.graphql.clone(),
            Arc::clone(&identities),
            streams,
            Arc::clone(&overload),
            Sockets {
                max_message: config.http.max_body,
                max_operations: live.max_operations,
                init: live.init_timeout(),
                work: config.http.request_timeout(),
            },
        );
        let behind_proxy = config.tls.mode == Some(TlsMode::Proxy);
        let client_ip = Arc::new(ClientIp::new(config.trusted_proxies.clone(), behind_proxy));
        let traffic = Arc::clone(client_ip.traffic());
        let guards = Guards {
            client_ip,
            limiter: Arc::clone(&limiter),
            hosts: Arc::new(hosts(config, config.is_loopback())),
            origins,
            max_header: config.http.max_header,
            headers: on_every_answer(hsts(&config.tls)),
            refusals: Arc::clone(service.refusals()),
        };
        let https_only = config.tls.redirect_listen.map(|address| {
            let hosts = hosts(config, address.ip().to_canonical().is_loopback());
            let port = config.tls.redirect_port.unwrap_or(config.listen.port());
            let guards = Guards {
                hosts: Arc::new(hosts),
                headers: on_every_answer(Hsts::default()),
                ..guards.clone()
            };
            Front::https_only(guards, HttpsPort(port))
        });
        let surfaces = Surfaces {
            router: router(rest, graphql),
            overload,
            identities,
            max_body: config.http.max_body,
            bodies: Bodies::new(config.http.max_body),
            body_timeout: config.http.body_timeout(),
            work_timeout: config.http.request_timeout(),
        };
        Ok(Self {
            front: Front::new(guards, surfaces),
            https_only,
            lifecycle,
            service,
            limiter,
            traffic,
            films,
            starter_catalogue,
        })
    }
}

/// What counts, where it is configured to; a call waits for so long for Redis.
///
/// # Errors
/// None once the configuration was checked.
pub async fn limiter(
    limits: &Limits,
    patience: Duration,
    clock: Arc<dyn Clock>,
) -> Result<Limiter, UnknownStorage> {
    let limiter = Limiter::new(limits.enabled, &limits.policies(), limits.max_keys, clock);
    let limiter = limiter.with_tiers(limits.of_tiers());
    Ok(match limits.storage()? {
        Storage::Redis(client) if limits.enabled => {
            limiter.together(SharedStore::open(*client, patience).await)
        }
        _ => limiter,
    })
}

fn identities(
    auth: &Auth,
    service: &Arc<FilmService>,
    limiter: &Arc<Limiter>,
    clock: &Arc<dyn Clock>,
) -> Result<Identities, issuer::NewError> {
    let identities =
        |issuer| Identities::new(auth.anonymous_role, Arc::clone(service), issuer, Arc::clone(limiter));
    let Some(jwt) = auth.jwt.settings() else { return Ok(identities(None)) };
    let issuer = Arc::new(Issuer::new(jwt, Arc::clone(clock))?);
    let early = Arc::clone(&issuer);
    // Not waited for: an issuer that is down keeps nobody else out.
    tokio::spawn(async move { early.warm_up().await });
    Ok(identities(Some(issuer)))
}

/// The section as the service takes it.
#[must_use]
pub fn database_settings(section: &crate::config::Database) -> database::Settings {
    database::Settings {
        acquire_timeout: section.acquire_timeout(),
        statement_timeout: section.statement_timeout(),
        max_connections: section.max_connections,
    }
}

fn hosts(config: &Config, loopback: bool) -> Hosts {
    let allowed = config.allowed_hosts.iter().map(|host| normal(host).into_owned()).collect();
    Hosts { allowed, loopback }
}

fn hsts(tls: &Tls) -> Hsts {
    match tls.mode {
        Some(TlsMode::Cert) => Hsts::new(tls.hsts_max_age, tls.hsts_include_subdomains),
        _ => Hsts::default(),
    }
}

fn origins(cors: &Cors, loopback: bool) -> Origins {
    match &cors.allowed_origins {
        Some(origins) if origins.iter().any(|origin| origin == "*") => Origins::Any,
        Some(origins) => Origins::Listed(origins.clone()),
        None if loopback => Origins::Loopback,
        None => Origins::Listed(Vec::new()),
    }
}

/// Ends when the limiter is gone.
async fn sweep(limiter: std::sync::Weak<Limiter>) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        ticks.tick().await;
        let Some(limiter) = limiter.upgrade() else { return };
        for () in limiter.sweep() {
            // Whoever waits for this thread goes first.
            tokio::task::yield_now().await;
        }
    }
}

impl Answer for Front {
    fn answer(self, request: Request<Incoming>, peer: SocketAddr) -> impl Future<Output = Response> + Send {
        Self::answer(self, request, peer)
    }
}
