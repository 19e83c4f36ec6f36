//! `filmgate serve`.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, print};
use crate::app::App;
use crate::clock::SystemClock;
use crate::config::{self, Config, Flags, Loaded};
use crate::service::starter_catalogue::Outcome;
use crate::{server, telemetry};

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
    let randomness = Box::new(StdRng::from_rng(&mut rand::rng()));
    let app = App::build(config, Arc::new(SystemClock::new()), randomness)
        .await
        .map_err(|error| Failure::failed(&error))?;
    for notice in config.notices() {
        tracing::warn!("{notice}");
    }
    print(&greeting(config, address, &app))?;
    let stop = stop_signal().map_err(|error| Failure::failed(&error))?;
    server::run(listener, app.router, &config.http, stop).await.map_err(|error| Failure::failed(&error))
}

/// Ends at SIGTERM or Ctrl-C.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
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
    format!(
        "\
filmgate {version}: {films} films in {database} ({catalogue})

  random film   http://{host}/
  GraphQL       http://{host}/graphql
  playground    http://{host}/playground
  OpenAPI       http://{host}/openapi.json

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
