//! The composition root: from a configuration to what answers requests. The only file that knows everybody.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::http::{HeaderValue, Request};
use axum::response::Response;

use crate::clock::{Clock, Randomness};
use crate::config::{Auth, Config, Limits, Tls, TlsMode};
use crate::front::client_ip::ClientIp;
use crate::front::host::Hosts;
use crate::front::security_headers::on_every_answer;
use crate::front::traffic::Traffic;
use crate::front::{Front, Guards, Surfaces, room_for_bodies};
use crate::graphql::Trusted;
use crate::graphql::state::{GraphQl, Sockets, WEBSOCKET};
use crate::http::context::Surface;
use crate::http::credential::Identities;
use crate::http::host::normal;
use crate::http::log_line::Observers;
use crate::http::origins::{Allowed, Origins};
use crate::http::overload::Overload;
use crate::http::streams::Streams;
use crate::issuer::{self, Issuer};
use crate::lifecycle::Lifecycle;
use crate::limits::{Decisions, Limiter, Measures, Places, SharedStore, Storage, UnknownStorage};
use crate::metrics::{Metrics, Requests, table};
use crate::operations;
use crate::rest::Rest;
use crate::router::router;
use crate::server::{Answer, Received};
use crate::service::database::{self, Database, Missing, OpenError};
use crate::service::films::service::{FilmService, Settings};
use crate::service::starter_catalogue::{self, Outcome};
use crate::service::votes::Groups;
use crate::telemetry::Tracer;

/// How often clients with nothing left to remember are forgotten.
const SWEEP_EVERY: Duration = Duration::from_mins(1);

/// How often what histograms were given is sorted into their buckets.
const TIDY_EVERY: Duration = Duration::from_secs(5);

/// Everything that serves requests.
pub struct App {
    pub front: Front,
    /// For `tls.redirect_listen`.
    pub https_only: Option<Front>,
    clock: Arc<dyn Clock>,
    reloading: Mutex<()>,
    /// Tells `/health/ready` that a stop has begun.
    pub lifecycle: Lifecycle,
    /// The use cases behind both surfaces.
    pub service: Arc<FilmService>,
    /// The one that there is now.
    pub limiter: Arc<ArcSwap<Limiter>>,
    pub streams: Arc<Streams>,
    pub overload: Arc<Overload>,
    /// Bytes of bodies on their way.
    pub bodies: Arc<Places>,
    /// What is measured, where `admin.listen` asks for it.
    pub metrics: Option<Arc<Metrics>>,
    /// What makes traces, where a collector is named.
    pub tracer: Option<Arc<Tracer>>,
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
    #[error("{0}")]
    Trusted(String),
    #[error("traces.endpoint: {0}")]
    Traces(Box<dyn Error + Send + Sync>),
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
        let metrics = config.admin.listen.map(|_| begin_to_measure());
        let settings = settings(config, metrics.as_deref());
        let service = FilmService::open(database.clone(), &settings, Arc::clone(&clock), randomness);
        let service = Arc::new(service.await.map_err(failed)?);
        service.forget_idempotency_keys();
        if let Some(age) = config.audit.keep() {
            service.forget_audit_events(age);
        }
        let patience = config.limits.storage_timeout();
        let limiter = open_limiter(&config.limits, patience, metrics.as_deref(), &clock).await?;
        let limiter = Arc::new(ArcSwap::from_pointee(limiter));
        tokio::spawn(sweep(Arc::downgrade(&limiter)));
        let tracer = Tracer::new(&config.traces).map_err(BuildError::Traces)?.map(Arc::new);
        let observers = Observers { requests: metrics.as_ref().map(requests), tracer: tracer.clone() };
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
        let identities = Arc::new(identities(&config.auth, &service, &clock)?);
        let rest = Rest {
            service: Arc::clone(&service),
            lifecycle: lifecycle.clone(),
            streams: Arc::clone(&streams),
            max_page: config.graphql.max_page,
            document: Arc::default(),
        };
        let graphql = GraphQl::new(
            Arc::clone(&service),
            Arc::clone(&limiter),
            config.graphql.clone(),
            Arc::clone(&identities),
            Arc::clone(&streams),
            Arc::clone(&overload),
            Sockets {
                max_message: config.http.max_body,
                max_operations: live.max_operations,
                init: live.init_timeout(),
                work: config.http.request_timeout(),
            },
            observers.clone(),
            trusted(&config.graphql)?,
        );
        let behind_proxy = config.tls.mode == Some(TlsMode::Proxy);
        let client_ip = Arc::new(ClientIp::new(config.trusted_proxies.clone(), behind_proxy));
        let traffic = Arc::clone(client_ip.traffic());
        let guards = Guards {
            client_ip,
            limiter: limiter.load_full(),
            hosts: Arc::new(hosts(config, config.is_loopback())),
            origins: Arc::new(origins(config, config.is_loopback())),
            max_header: config.http.max_header,
            headers: on_every_answer(hsts(&config.tls)),
            refusals: Arc::clone(service.refusals()),
            observers,
        };
        let bodies = Arc::new(room_for_bodies(config.http.max_body));
        let surfaces = Surfaces {
            router: router(Arc::new(rest), Arc::new(graphql)),
            overload: Arc::clone(&overload),
            identities,
            max_body: config.http.max_body,
            bodies: Arc::clone(&bodies),
            body_timeout: config.http.body_timeout(),
            work_timeout: config.http.request_timeout(),
        };
        let https_only = config.tls.redirect_listen.map(|address| {
            let port = config.tls.redirect_port.unwrap_or(config.listen.port());
            Front::https_only(for_plain_http(&guards, config, address), port)
        });
        Ok(Self {
            front: Front::new(guards, surfaces),
            https_only,
            clock,
            reloading: Mutex::default(),
            lifecycle,
            service,
            limiter,
            streams,
            overload,
            bodies,
            metrics,
            tracer,
            traffic,
            films,
            starter_catalogue,
        })
    }

    /// Takes over what of a configuration a running server may ([`Config::take_over`]): requests from now on are answered
    /// by it. Clients keep what they have drawn from a window that stays.
    pub fn take_over(&self, config: &Config) {
        let _one_at_a_time = self.reloading.lock().unwrap_or_else(PoisonError::into_inner);
        let limiter = limiter_of(&config.limits, self.metrics.as_deref(), &self.clock);
        self.limiter.store(Arc::new(limiter.succeed(&self.limiter.load())));
        let guards = Guards {
            limiter: self.limiter.load_full(),
            hosts: Arc::new(hosts(config, config.is_loopback())),
            origins: Arc::new(origins(config, config.is_loopback())),
            ..Guards::clone(&self.front.guards())
        };
        if let (Some(front), Some(address)) = (&self.https_only, config.tls.redirect_listen) {
            front.take_over(for_plain_http(&guards, config, address));
        }
        self.front.take_over(guards);
    }
}

/// The guards of the entrance for plain HTTP beside HTTPS.
fn for_plain_http(guards: &Guards, config: &Config, address: SocketAddr) -> Guards {
    let hosts = hosts(config, address.ip().to_canonical().is_loopback());
    Guards { hosts: Arc::new(hosts), headers: on_every_answer(None), ..guards.clone() }
}

/// Counts by these limits, where they say; a call waits for so long for Redis.
///
/// # Errors
/// None once the configuration was checked.
pub async fn open_limiter(
    limits: &Limits,
    patience: Duration,
    metrics: Option<&Metrics>,
    clock: &Arc<dyn Clock>,
) -> Result<Limiter, UnknownStorage> {
    let limiter = limiter_of(limits, metrics, clock);
    let (Storage::Redis(client), true) = (limits.storage()?, limits.enabled) else { return Ok(limiter) };
    let shared = SharedStore::open(*client, patience, None).await;
    if let Some(metrics) = metrics {
        shared.measure(redis_calls(metrics));
    }
    Ok(limiter.together(shared))
}

/// Counts by these limits, in memory alone.
fn limiter_of(limits: &Limits, metrics: Option<&Metrics>, clock: &Arc<dyn Clock>) -> Limiter {
    let limiter = Limiter::new(limits.enabled, &limits.policies(), limits.max_keys, Arc::clone(clock))
        .with_tiers(limits.of_tiers());
    match metrics {
        Some(metrics) => limiter.measured(decisions(metrics)),
        None => limiter,
    }
}

fn identities(
    auth: &Auth,
    service: &Arc<FilmService>,
    clock: &Arc<dyn Clock>,
) -> Result<Identities, issuer::NewError> {
    let identities = |issuer| Identities::new(auth.anonymous_role, Arc::clone(service), issuer);
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

fn hsts(tls: &Tls) -> Option<HeaderValue> {
    if tls.mode != Some(TlsMode::Cert) {
        return None;
    }
    let subdomains = if tls.hsts_include_subdomains { "; includeSubDomains" } else { "" };
    HeaderValue::try_from(format!("max-age={}{subdomains}", tls.hsts_max_age)).ok()
}

fn origins(config: &Config, loopback: bool) -> Origins {
    let allowed = match &config.cors.allowed_origins {
        Some(origins) if origins.iter().any(|origin| origin == "*") => Allowed::Any,
        Some(origins) => Allowed::Listed(origins.clone()),
        None if loopback => Allowed::Loopback,
        None => Allowed::Listed(Vec::new()),
    };
    let are_https = matches!(config.tls.mode, Some(TlsMode::Cert | TlsMode::SelfSigned | TlsMode::Proxy));
    Origins { allowed, are_https }
}

fn settings(config: &Config, metrics: Option<&Metrics>) -> Settings {
    Settings {
        catalogue_bytes: config.catalogue.max_bytes,
        event_rest: Duration::from_secs(1) / config.live.events_per_second,
        max_page: config.graphql.max_page,
        session_lifetime: config.auth.session_lifetime(),
        groups: metrics.map(groups).unwrap_or_default(),
    }
}

/// The documents that the operator trusts.
pub(crate) fn trusted(section: &crate::config::GraphQl) -> Result<Trusted, BuildError> {
    match &section.trusted_documents {
        Some(path) => Trusted::read(path, section.trusted_mode).map_err(BuildError::Trusted),
        None => Ok(Trusted::default()),
    }
}

fn begin_to_measure() -> Arc<Metrics> {
    let metrics = Arc::new(Metrics::new());
    tokio::spawn(tidy(Arc::downgrade(&metrics)));
    metrics
}

fn groups(metrics: &Metrics) -> Groups {
    Groups {
        size: metrics.histogram(table::VOTE_GROUP_SIZE, &[]),
        commit: metrics.histogram(table::VOTE_GROUP_COMMIT, &[]),
    }
}

fn decisions(metrics: &Metrics) -> Decisions {
    let counter = |bucket, outcome| metrics.counter(table::DECISIONS, &[bucket, outcome]);
    Decisions::new(counter, metrics.counter(table::LOCAL_DECISIONS, &[]))
}

fn redis_calls(metrics: &Metrics) -> Measures {
    Measures {
        answered: metrics.histogram(table::REDIS_CALLS, &[]),
        failed: metrics.counter(table::REDIS_FAILURES, &[]),
    }
}

fn requests(metrics: &Arc<Metrics>) -> Arc<Requests> {
    let operations = operations::ALL.iter().map(|operation| operation.name).chain([WEBSOCKET]);
    let surfaces = [Surface::Rest, Surface::GraphQl].map(Surface::name);
    Arc::new(Requests::new(Arc::clone(metrics), operations, surfaces.into_iter()))
}

/// Ends when the metrics are gone.
async fn tidy(metrics: std::sync::Weak<Metrics>) {
    let mut ticks = tokio::time::interval(TIDY_EVERY);
    loop {
        ticks.tick().await;
        let Some(metrics) = metrics.upgrade() else { return };
        metrics.tidy();
    }
}

/// Ends when the limiter is gone.
async fn sweep(limiter: std::sync::Weak<ArcSwap<Limiter>>) {
    let mut ticks = tokio::time::interval(SWEEP_EVERY);
    loop {
        ticks.tick().await;
        let Some(limiter) = limiter.upgrade() else { return };
        for () in limiter.load_full().sweep() {
            // Whoever waits for this thread goes first.
            tokio::task::yield_now().await;
        }
    }
}

impl Answer for Front {
    fn answer(self, request: Request<Received>, peer: SocketAddr) -> impl Future<Output = Response> + Send {
        Self::answer(self, request, peer)
    }
}
