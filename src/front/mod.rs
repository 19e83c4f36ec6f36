//! What every request passes, as one function that reads from top to bottom: begin, guard, surface, finish.
//!
//! Plain calls, since each layer of a stack would clone the services within it and box their futures.

pub mod client_ip;
mod cors;
mod exchange;
mod guards;
pub mod host;
pub mod https_only;
mod request_body;
pub mod security_headers;
pub mod traffic;

use std::any::Any;
use std::error::Error;
use std::mem;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::Request;
use axum::response::Response;
use futures_util::FutureExt as _;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tower::Service as _;

use crate::front::exchange::Exchange;
pub use crate::front::guards::Guards;
pub use crate::front::request_body::room_for_bodies;
use crate::front::request_body::{Bounds, RequestBody};
use crate::http::context::Asker;
use crate::http::credential::{Credential, Identities};
use crate::http::overload::{self, Overload};
use crate::http::problem::Problem;
use crate::limits::Places;
use crate::service::caller::{Caller, Role};
use crate::telemetry;

/// A refusal has no form yet.
type Answered = Result<Response, Problem>;

/// The surfaces, and what stands before them alone.
pub struct Surfaces {
    pub router: Router,
    pub overload: Arc<Overload>,
    pub identities: Arc<Identities>,
    /// Bytes.
    pub max_body: usize,
    /// For the bytes of bodies on their way.
    pub bodies: Arc<Places>,
    /// For the body of a request.
    pub body_timeout: Duration,
    /// For the answer, once the body is there.
    pub work_timeout: Duration,
}

/// What answers requests at an entrance. Clones share it, its guards too.
#[derive(Clone)]
pub struct Front(Arc<Inner>);

struct Inner {
    guards: ArcSwap<Guards>,
    behind: Behind,
}

/// What an entrance leads to.
enum Behind {
    Surfaces(Surfaces),
    /// The way to the other entrance at this port, and nothing else: where filmgate encrypts, this is the one for plain HTTP.
    HttpsOnly(u16),
}

impl Front {
    /// Before the surfaces.
    #[must_use]
    pub fn new(guards: Guards, surfaces: Surfaces) -> Self {
        Self::of(guards, Behind::Surfaces(surfaces))
    }

    /// For plain HTTP beside HTTPS.
    #[must_use]
    pub fn https_only(guards: Guards, port: u16) -> Self {
        Self::of(guards, Behind::HttpsOnly(port))
    }

    fn of(guards: Guards, behind: Behind) -> Self {
        Self(Arc::new(Inner { guards: ArcSwap::from_pointee(guards.ready()), behind }))
    }

    /// Those that it answers by now.
    #[must_use]
    pub fn guards(&self) -> Arc<Guards> {
        self.0.guards.load_full()
    }

    /// Answers by these guards from now on. Requests that have begun are finished as they were begun.
    pub fn take_over(&self, guards: Guards) {
        self.0.guards.store(Arc::new(guards.ready()));
    }

    /// Answers a request of this peer. When its client goes away and this is dropped, it is finished all the same: what
    /// it holds is given back, and its line in the log says so.
    #[expect(
        clippy::manual_async_fn,
        reason = "an async function holds its arguments twice, and whoever moves it copies both"
    )]
    pub fn answer<B>(self, mut request: Request<B>, peer: SocketAddr) -> impl Future<Output = Response> + Send
    where
        B: HttpBody<Data = Bytes> + Default + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        async move {
            let (guards, behind) = (&*self.guards(), &self.0.behind);
            // First the id and the client, since the log line names both.
            let mut exchange = Exchange::begin(guards, &request, peer);
            let request_id = exchange.context.request_id.clone();
            let answered = {
                let answer = pin!(async {
                    match behind {
                        Behind::Surfaces(surfaces) => {
                            guards.surfaces(surfaces, &exchange, &mut request).await
                        }
                        Behind::HttpsOnly(port) => guards.https_only(*port, &exchange, &mut request),
                    }
                });
                // What is logged on the way is found by the id that the client is told.
                telemetry::within(request_id, exchange.steps(), caught(answer)).await
            };
            // One place gives refusals the form of their surface, and each answer what every answer carries.
            exchange.finish(guards, answered)
        }
    }
}

impl Guards {
    /// What is refused before it is known what is asked, in the order of cost; then the surface.
    async fn surfaces<B>(
        &self,
        surfaces: &Surfaces,
        Exchange { context, host, .. }: &Exchange,
        request: &mut Request<B>,
    ) -> Answered
    where
        B: HttpBody<Data = Bytes> + Default + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        guards::trim_slash(request);
        // Neither overload nor a host name nor a flood stands in the way of a probe; it draws while there is something
        // to draw.
        if matches!(request.uri().path(), "/health/live" | "/health/ready") {
            let _ = context.charge_flood(1);
            let asker = Asker { context: Arc::clone(context), caller: Caller::anonymous(Role::Viewer) };
            return call(&surfaces.router, asker, request, |_| Body::empty()).await;
        }
        // Before flood, so that a refusal costs no quota.
        let place = surfaces.overload.hold()?;
        // Before anything that costs: even a preflight draws from it. What is drawn here stays drawn, whatever another
        // bucket says afterwards.
        context.charge_flood(1)?;
        guards::check_target(request)?;
        host::check(&self.hosts, host, request)?;
        if let Some(answer) = cors::preflight(&self.origins, request) {
            return Ok(answer);
        }
        guards::check_size(self.max_header, request)?;
        // Before anybody reads a body.
        guards::check_encoding(request)?;
        let credential = Credential::in_headers(request.headers())?;
        let identified = async {
            let caller = surfaces.identities.identify(context, &credential).await?;
            Ok::<_, Problem>(Asker { context: Arc::clone(context), caller })
        };
        if request.body().is_end_stream() {
            let answer =
                pin!(async { call(&surfaces.router, identified.await?, request, |_| Body::empty()).await });
            return within(surfaces.work_timeout, answer).await;
        }
        // The time for a body is the client's, the time after it is ours: a slow body is answered by whoever reads it.
        let place = overload::Shared::from(place);
        let whole = async {
            let (unread, read) = oneshot::channel();
            let answer = pin!(async {
                let asker = identified.await?;
                let most = surfaces.max_body;
                // Of the length that it says it has: nothing of it is read.
                if request.body().size_hint().lower() > most as u64 {
                    return Err(Problem::too_large(most));
                }
                let held = surfaces.bodies.begin(Some(context.client.key));
                let bounds = Bounds { most, time: surfaces.body_timeout, held };
                let bound = |body| Body::new(RequestBody::new(body, bounds, place.place(), unread));
                call(&surfaces.router, asker, request, bound).await
            });
            let late = async {
                // Nothing is ever sent: it ends when the body does. One that nobody reads may stay away.
                let _ = timeout(surfaces.body_timeout, read).await;
                sleep(surfaces.work_timeout).await;
            };
            tokio::select! {
                biased;
                answered = answer => answered,
                () = late => Err(Problem::given_up()),
            }
        };
        // Boxed, so that what has no body does not hold the room of one.
        Box::pin(whole).await
    }

    /// The same guards, before the way to the other entrance.
    fn https_only<B>(
        &self,
        port: u16,
        Exchange { context, host, .. }: &Exchange,
        request: &mut Request<B>,
    ) -> Answered {
        context.charge_flood(1)?;
        guards::check_target(request)?;
        host::check(&self.hosts, host, request)?;
        guards::check_size(self.max_header, request)?;
        https_only::answer(port, host.host(), request)
    }
}

/// Takes the request from where it stands, and has it answered.
async fn call<B: Default>(
    router: &Router,
    asker: Asker,
    request: &mut Request<B>,
    body: impl FnOnce(B) -> Body,
) -> Answered {
    let answered = {
        let mut request = mem::take(request).map(body);
        request.extensions_mut().insert(asker);
        router.clone().call(request)
    };
    let Ok(response) = answered.await;
    Ok(response)
}

/// A change that was begun is still finished, so nobody is told to try again.
///
/// Not async, like the next one: such a function would hold its future twice.
fn within(most: Duration, answer: impl Future<Output = Answered>) -> impl Future<Output = Answered> {
    timeout(most, answer).map(|answered| answered.unwrap_or_else(|_| Err(Problem::given_up())))
}

/// A panic is the failure of its request, not an outage: the text goes into the log, the client hears nothing of it.
fn caught(answer: impl Future<Output = Answered>) -> impl Future<Output = Answered> {
    AssertUnwindSafe(answer).catch_unwind().map(|answered| {
        answered.unwrap_or_else(|panic| {
            tracing::error!(panic = message(&*panic), "a handler panicked");
            Err(Problem::internal())
        })
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use axum::http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::clock::SystemClock;
    use crate::http::context::{Client, Context, Surface};
    use crate::http::origins::{Allowed, Origins};
    use crate::limits::{Limiter, Policies};

    #[tokio::test]
    async fn a_panic_is_an_internal_error_in_the_form_of_the_surface() {
        let problem = caught(async { panic!("SECRET") }).await.expect_err("a refusal");
        let address = IpAddr::from([127, 0, 0, 1]);
        let client = Client { address, key: address.into(), is_local: true };
        let limiter = Arc::new(Limiter::new(false, &Policies::default(), 1, Arc::new(SystemClock::new())));
        for (path, form) in [("/", "\"status\":500"), ("/graphql", "{\"errors\":[")] {
            let (id, surface) = (HeaderValue::from_static("1"), Surface::of(path));
            let context = Context::new(
                id,
                surface,
                client,
                Arc::clone(&limiter),
                Arc::new(Origins { allowed: Allowed::Any, are_https: false }),
                None,
            );
            let (_, body) = context.render(&problem, &HeaderMap::new());
            let body = String::from_utf8(body).expect("UTF-8");
            assert!(body.contains(form) && body.contains("INTERNAL") && !body.contains("SECRET"), "{body}");
        }
    }
}
