//! What is answered there.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::http::header::{ALLOW, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;

use super::asked::Reloads;
use super::observed::Sources;
use crate::config::Http;
use crate::http::host::{is_this_machine, of_authority};
use crate::http::json::Json;
use crate::lifecycle::Lifecycle;
use crate::metrics::{MEDIA_TYPE, Metrics};
use crate::quotas::{self, Failure};
use crate::server::{self, Answer, Entrance, Received, Settings, Stop};

/// Where a reload is asked for.
pub const RELOAD: &str = "/reload";
/// Where it is asked how somebody stands in their limits: `?whom=`.
pub const LIMITS: &str = "/limits";

/// A few collectors, and commands.
const CONNECTIONS: usize = 64;
/// Seconds for an answer that is under way at the end.
const LAST_ANSWER: u64 = 1;

/// What answers at this listener. Clones share it.
#[derive(Clone)]
pub struct Admin(Arc<Inner>);

struct Inner {
    metrics: Arc<Metrics>,
    sources: Sources,
    reloads: Reloads,
    /// Only this machine can connect.
    is_loopback: bool,
}

impl Admin {
    /// `address`: where it listens.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>, sources: Sources, reloads: Reloads, address: SocketAddr) -> Self {
        let is_loopback = address.ip().to_canonical().is_loopback();
        Self(Arc::new(Inner { metrics, sources, reloads, is_loopback }))
    }

    /// Every metric, as Prometheus reads it.
    pub async fn metrics(&self) -> String {
        let inner = Arc::clone(&self.0);
        let told = spawn_blocking(move || {
            inner.sources.observe(&inner.metrics);
            inner.metrics.text()
        });
        told.await.unwrap_or_default()
    }

    /// Has the configuration read anew.
    async fn reload(&self) -> Response {
        let (answer, answered) = oneshot::channel();
        if self.0.reloads.send(answer).await.is_err() {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "This server is about to stop.\n");
        }
        match answered.await {
            Ok(Ok(reloaded)) => Json(reloaded).into_response(),
            Ok(Err(fault)) => (StatusCode::UNPROCESSABLE_ENTITY, fault).into_response(),
            Err(_) => plain(StatusCode::INTERNAL_SERVER_ERROR, "The log says why.\n"),
        }
    }

    /// Tells how somebody stands in their limits, or lets them start full.
    async fn limits(&self, method: &Method, query: &str) -> Response {
        let whom = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "whom");
        let whom = whom.map(|(_, whom)| whom.into_owned()).unwrap_or_default();
        let Sources { limiter, service, .. } = &self.0.sources;
        let (limiter, accounts) = (limiter.load_full(), service.accounts());
        let told = if *method == Method::DELETE {
            quotas::clear(&limiter, accounts, &whom).await.map(|cleared| Json(cleared).into_response())
        } else {
            quotas::show(&limiter, accounts, &whom).await.map(|quotas| Json(quotas).into_response())
        };
        told.unwrap_or_else(|failure| {
            let status = match failure {
                Failure::Nobody(_) => StatusCode::NOT_FOUND,
                Failure::CutOff(_) | Failure::NotForgotten(_) => StatusCode::SERVICE_UNAVAILABLE,
                Failure::Service(_) => StatusCode::INTERNAL_SERVER_ERROR,
            };
            (status, failure.to_string()).into_response()
        })
    }

    async fn respond(&self, peer: SocketAddr, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
        if self.0.is_loopback && !names_this_machine(uri, headers) {
            return plain(StatusCode::FORBIDDEN, "This listener answers by the name of this machine only.\n");
        }
        match (uri.path(), method) {
            ("/metrics", &(Method::GET | Method::HEAD)) => {
                ([(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE))], self.metrics().await).into_response()
            }
            ("/metrics", _) => not_allowed("GET, HEAD"),
            (RELOAD, &Method::POST) if is_of_this_machine(peer, uri, headers) => self.reload().await,
            (RELOAD, &Method::POST) => plain(
                StatusCode::FORBIDDEN,
                "A reload is asked for on the machine of the server, over loopback, by filmgate reload; SIGHUP does it too.\n",
            ),
            (RELOAD, _) => not_allowed("POST"),
            (LIMITS, &(Method::GET | Method::DELETE)) if is_of_this_machine(peer, uri, headers) => {
                self.limits(method, uri.query().unwrap_or_default()).await
            }
            (LIMITS, &(Method::GET | Method::DELETE)) => plain(
                StatusCode::FORBIDDEN,
                "Limits are asked for on the machine of the server, over loopback, by filmgate limits.\n",
            ),
            (LIMITS, _) => not_allowed("GET, DELETE"),
            _ => plain(
                StatusCode::NOT_FOUND,
                "This listener has /metrics, and /reload and /limits for commands.\n",
            ),
        }
    }
}

impl Answer for Admin {
    async fn answer(self, request: Request<Received>, peer: SocketAddr) -> Response {
        let (parts, _) = request.into_parts();
        self.respond(peer, &parts.method, &parts.uri, &parts.headers).await
    }
}

/// Headers of browsers and of proxies begin so.
const OF_OTHERS: [&str; 5] = ["sec-fetch-", "x-forwarded", "forwarded", "via", "x-real-ip"];

/// A page of another site may have had its name lead here.
fn names_this_machine(uri: &Uri, headers: &HeaderMap) -> bool {
    let told = headers.get_all(HOST).iter().map(|host| host.to_str().unwrap_or_default());
    let mut hosts = uri.authority().map(Authority::as_str).into_iter().chain(told).peekable();
    hosts.peek().is_some() && hosts.all(|host| of_authority(host).is_some_and(is_this_machine))
}

/// A command on this machine: not a page in a browser, nor somebody behind a proxy.
fn is_of_this_machine(peer: SocketAddr, uri: &Uri, headers: &HeaderMap) -> bool {
    peer.ip().to_canonical().is_loopback()
        && names_this_machine(uri, headers)
        && !headers.contains_key(ORIGIN)
        && !headers.keys().any(|name| OF_OTHERS.iter().any(|begin| name.as_str().starts_with(begin)))
}

fn not_allowed(allow: &'static str) -> Response {
    let mut refusal = plain(StatusCode::METHOD_NOT_ALLOWED, "Another method is for this.\n");
    refusal.headers_mut().insert(ALLOW, HeaderValue::from_static(allow));
    refusal
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, text).into_response()
}

/// Serves until `over` ends, and what is under way then.
///
/// # Errors
/// As [`server::run`].
pub async fn serve(listener: TcpListener, admin: Admin, over: impl Future<Output = ()>) -> io::Result<()> {
    let http = Http {
        max_connections: CONNECTIONS,
        max_connections_per_client: CONNECTIONS,
        drain_timeout: LAST_ANSWER,
        ..Http::default()
    };
    let entrance = Entrance { listener, behind: admin, encryption: None };
    let stop = async {
        over.await;
        Stop::InSilence
    };
    server::run(vec![entrance], &Lifecycle::default(), &Settings::new(http, Vec::new()), stop).await
}
