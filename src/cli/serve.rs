//! `filmgate serve`.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::net::{TcpListener, TcpSocket};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};

use super::certificate::{self, Certificate};
use super::database::{closing, connect};
use super::greeting::{Addresses, greeting};
use super::heartbeat::Heartbeat;
use super::kept_limits;
use super::output::{Failure, print};
use super::reload::Reloading;
use super::second_listener::SecondListener;
use super::service_manager;
use crate::app::App;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::config::load::{Flags, Loaded, load};
use crate::server::{self, Encryption, Entrance, Stop};
use crate::service::database::Missing;
use crate::telemetry::{self, RunningLog};

/// A second wall behind the guard: parser and validator recurse on this stack.
const WORKER_STACK: usize = 8 * 1024 * 1024;

/// Connections that wait to be accepted; the system may lower it. Of a burst past it, the system resets some that were
/// told that they are connected: the 128 of the standard library are few.
const BACKLOG: u32 = 4_096;

/// For threads that still do something when all is served.
const LAST_MOMENT: Duration = Duration::from_millis(100);
/// For the last traces; whoever collects them may be gone.
const LAST_TRACES: Duration = Duration::from_millis(500);
/// For the last rows of a stop, also where requests have taken all of its time.
const LAST_ROWS: Duration = Duration::from_millis(500);

pub(super) fn run(flags: &Flags) -> Result<(), Failure> {
    let Loaded { config, warnings, sources } = load(flags).map_err(|error| Failure::wrong_use(&error))?;
    // A reload needs the file that was read now: its absence then is a mishap, and no wish for the defaults.
    let flags = &Flags { config: sources.file().map(Path::to_owned), ..flags.clone() };
    let log = telemetry::start(&config.log);
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(WORKER_STACK).build()?;
    let ended = runtime.block_on(async {
        tokio::select! {
            ended = closing(serve(flags, &config, log.running())) => ended,
            never = service_manager::keep_alive() => match never {},
        }
    });
    // A file system that hangs holds up no stop.
    runtime.shutdown_timeout(LAST_MOMENT);
    ended
}

async fn serve(flags: &Flags, config: &Config, log: RunningLog) -> Result<(), Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let mut certificate = certificate::prepare(config, &clock)?;
    // Before the database is touched: a second server on the same port must leave no trace.
    let (listener, main) = listen(config.listen, "--listen", config)?;
    let plain = match config.tls.redirect_listen {
        Some(address) => Some(listen(address, "tls.redirect_listen", config)?),
        None => None,
    };
    let admin = config.admin.listen.map(|address| listen(address, "admin.listen", config)).transpose()?;
    // Before anything takes time: of the first process of a container, a signal that nobody waits for is lost.
    let mut signals = Signals::new()?;
    let hangup = signal(SignalKind::hangup())?;
    let reload = certificate.as_mut().and_then(|certificate| certificate.reload.take());
    let renewals = reload.map(|reload| {
        let (renewals, asked) = mpsc::channel(1);
        tokio::spawn(reload.run(asked));
        renewals
    });
    let randomness = Box::new(StdRng::from_rng(&mut rand::rng()));
    let build = async {
        let database = connect(config, Missing::Create).await?;
        App::on(database, config, clock, randomness).await.map_err(|error| Failure::failed(&error))
    };
    let app = tokio::select! {
        app = build => Arc::new(app?),
        _ = signals.next() => {
            tracing::info!("stopped during the start");
            return Ok(());
        }
    };
    for notice in config.notices() {
        tracing::warn!("{notice}");
    }
    kept_limits::take_back(&app.limiter.load(), config);
    let addresses = Addresses {
        main,
        plain: plain.as_ref().map(|(_, address)| *address),
        admin: admin.as_ref().map(|(_, address)| *address),
    };
    if let Err(failure) = print(&greeting(config, &addresses, certificate.as_ref(), &app)) {
        tracing::warn!(error = failure.message, "the greeting cannot be written");
    }
    let settings = server::Settings::new(config.http.clone(), uncapped(config));
    let (reloads, asked) = mpsc::channel(1);
    let admin = SecondListener::start(admin, &app, &settings, log.clone(), reloads, config);
    let reloading = Reloading {
        flags: flags.clone(),
        app: Arc::clone(&app),
        config: config.clone(),
        log,
        certificate: renewals,
    };
    let reloading = tokio::spawn(reloading.run(hangup, asked));
    let heartbeat = Heartbeat::start(&app, config, addresses.main);
    let encryption = certificate
        .map(|Certificate { current, .. }| Encryption { current, timeout: config.tls.handshake_timeout() });
    let mut entrances = vec![Entrance { listener, behind: app.front.clone(), encryption }];
    if let (Some((listener, _)), Some(behind)) = (plain, app.https_only.clone()) {
        entrances.push(Entrance { listener, behind, encryption: None });
    }
    // The first signal is the server's, the second one ours.
    let (first, wait_for_second) = oneshot::channel();
    let (began, beginning) = oneshot::channel();
    let stop = async move {
        let stop = signals.next().await;
        service_manager::stopping();
        let _ = began.send(Instant::now());
        let _ = first.send(signals);
        stop
    };
    let second = async {
        match wait_for_second.await {
            Ok(mut signals) => signals.next().await,
            Err(_) => std::future::pending().await,
        }
    };
    // The sockets are open and the films are there: who connects from now on is served.
    service_manager::ready(app.films, addresses.main);
    tokio::select! {
        ended = server::run(entrances, &app.lifecycle, &settings, stop) => {
            reloading.abort();
            let spent = beginning.await.map_or(Duration::ZERO, |began| began.elapsed());
            let left = config.http.drain_timeout().saturating_sub(spent).max(LAST_ROWS);
            // A database that is locked does not take what is left of the audit, and holds up no stop either.
            let _ = timeout(left, async {
                tokio::join!(heartbeat.end(), app.service.close(), kept_limits::keep(app.limiter.load_full(), config))
            }).await;
            if let Some(tracer) = app.tracer.clone() {
                let _ = timeout(left, tokio::task::spawn_blocking(move || tracer.end(LAST_TRACES))).await;
            }
            // The last to go: until here somebody may want to see how the end comes along.
            if let Some(admin) = admin {
                admin.end().await;
            }
            Ok(ended?)
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

/// `setting`: what the operator would change.
fn listen(address: SocketAddr, setting: &str, config: &Config) -> Result<(TcpListener, SocketAddr), Failure> {
    let bound = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // What the last server has closed may still be on its way.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bound().map_err(|error| Failure::failed(&cannot_listen(address, setting, config, &error)))
}

/// The next one that this configuration does not use itself.
fn another_port(port: u16, config: &Config) -> u16 {
    let used = [Some(config.listen), config.tls.redirect_listen, config.admin.listen]
        .map(|used| used.map(|used| used.port()));
    let next = |port: u16| port.wrapping_add(1).max(1024);
    std::iter::successors(Some(next(port)), |port| Some(next(*port)))
        .find(|port| !used.contains(&Some(*port)))
        .unwrap_or(port)
}

fn cannot_listen(address: SocketAddr, setting: &str, config: &Config, error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "{address} is in use by another program; stop it, or choose another port with {setting} {}",
            SocketAddr::new(address.ip(), another_port(address.port(), config))
        ),
        ErrorKind::PermissionDenied => {
            format!("{address} may not be used by this user; choose a port from 1024 on with {setting}")
        }
        _ => format!("cannot listen on {address}: {error}; choose another address with {setting}"),
    }
}
