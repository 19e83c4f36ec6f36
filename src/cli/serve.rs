//! `filmgate serve`.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

use super::heartbeat::Heartbeat;
use super::{Failure, print};
use crate::app::App;
use crate::clock::SystemClock;
use crate::config::{self, Config, Flags, Loaded};
use crate::playground;
use crate::server::{self, Stop};
use crate::service::starter_catalogue::Outcome;
use crate::telemetry;

/// A second wall behind the guard: parser and validator recurse on this stack.
const WORKER_STACK: usize = 8 * 1024 * 1024;

pub(super) fn run(flags: &Flags) -> Result<(), Failure> {
    let Loaded { config, warnings, .. } = config::load(flags).map_err(|error| Failure::wrong_use(&error))?;
    let _log = telemetry::start(&config.log);
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(WORKER_STACK)
        .build()
        .map_err(|error| Failure::failed(&error))?
        .block_on(serve(&config))
}

async fn serve(config: &Config) -> Result<(), Failure> {
    // Before the database is touched: a second server on the same port must leave no trace.
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| Failure::failed(&cannot_listen(config.listen, &error)))?;
    let address = listener.local_addr().map_err(|error| Failure::failed(&error))?;
    // Before anything takes time: of the first process of a container, a signal that nobody waits for is lost.
    let mut signals = Signals::new().map_err(|error| Failure::failed(&error))?;
    let randomness = Box::new(StdRng::from_rng(&mut rand::rng()));
    let app = tokio::select! {
        app = App::build(config, Arc::new(SystemClock::new()), randomness) => {
            app.map_err(|error| Failure::failed(&error))?
        }
        _ = signals.next() => {
            tracing::info!("stopped during the start");
            return Ok(());
        }
    };
    for notice in config.notices() {
        tracing::warn!("{notice}");
    }
    print(&greeting(config, address, &app))?;
    let settings = server::Settings { http: config.http.clone(), uncapped: uncapped(config) };
    let heartbeat = Heartbeat::start(&app, config, address);
    // The first signal is the server's, the second one ours.
    let (first, wait_for_second) = oneshot::channel();
    let stop = async move {
        let stop = signals.next().await;
        let _ = first.send(signals);
        stop
    };
    let second = async {
        match wait_for_second.await {
            Ok(mut signals) => signals.next().await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        ended = server::run(listener, app.router, &app.lifecycle, &settings, stop) => {
            heartbeat.end().await;
            ended.map_err(|error| Failure::failed(&error))
        }
        _ = second => Err(Failure::failed(&"stopped at once by a second signal; requests in work were cut off")),
    }
}

/// Peers that stand for many clients: proxies that are named, and those on this machine that nobody thought of naming.
fn uncapped(config: &Config) -> Vec<IpNet> {
    let this_machine: [IpNet; 2] = [
        Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8).into(),
        Ipv6Net::from(Ipv6Addr::LOCALHOST).into(),
    ];
    config.trusted_proxies.iter().copied().chain(this_machine).collect()
}

/// What asks a process to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// SIGTERM is how orchestrators stop a service, Ctrl-C is how a person does.
    async fn next(&mut self) -> Stop {
        tokio::select! {
            _ = self.terminate.recv() => Stop::Gently,
            _ = self.interrupt.recv() => Stop::AtOnce,
        }
    }
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "{address} is in use by another program; stop it, or choose another port with --listen {}",
            SocketAddr::new(address.ip(), address.port().wrapping_add(1).max(1024))
        ),
        ErrorKind::PermissionDenied => {
            format!("{address} may not be used by this user; choose a port from 1024 on with --listen")
        }
        _ => format!("cannot listen on {address}: {error}; choose another address with --listen"),
    }
}

fn greeting(config: &Config, address: SocketAddr, app: &App) -> String {
    let host = if address.ip().is_unspecified() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    };
    let catalogue = match app.starter_catalogue {
        Outcome::Loaded(_) => "new, with the starter catalogue",
        Outcome::Declined => "new and empty",
        Outcome::DecidedBefore => "from an earlier start",
    };
    let pages = if playground::built() {
        format!(
            "\
  GraphiQL      http://{host}/playground
  REST tester   http://{host}/playground/rest
  for people    http://{host}/playground/films"
        )
    } else {
        format!("  playground    http://{host}/playground")
    };
    format!(
        "\
filmgate {version}: {films} films in {database} ({catalogue})

  random film   http://{host}/
  GraphQL       http://{host}/graphql
  OpenAPI       http://{host}/openapi.json
{pages}

Try it:

  curl http://{host}/
  curl 'http://{host}/v1/films?sort=newest&first=2'
  curl http://{host}/graphql -H 'Content-Type: application/json' -d '{{\"query\":\"{{ films(first: 2) {{ edges {{ node {{ id name likes }} }} }} }}\"}}'

Stop with Ctrl-C.
",
        version = env!("CARGO_PKG_VERSION"),
        films = app.films,
        database = config.database_url,
    )
}
