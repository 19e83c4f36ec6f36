//! `filmgate reload`, and what it asks of a running server: SIGHUP asks for the same.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode, Url};
use serde::de::DeserializeOwned;
use tokio::signal::unix::Signal;
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;

use super::output::{Failure, Output};
use super::service_manager;
use crate::admin::{REFUSED, RELOAD, Reloaded, TAKEN_OVER};
use crate::app::App;
use crate::config::load::{Flags, Loaded, load};
use crate::config::{Changes, Config};
use crate::metrics::table;
use crate::telemetry::RunningLog;
use crate::tls::Renewal;

/// For files on a disk that is slow, and a million clients whose times are taken over.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Args)]
pub(super) struct Reload {
    /// Ask the server whose second listener is there, and not at the configured `admin.listen`: `http://127.0.0.1:9464`
    #[arg(long, value_name = "URL", value_parser = address)]
    url: Option<Url>,
    #[command(flatten)]
    output: Output,
}

/// The listener speaks HTTP alone, and knows no passwords: one would end up in what is told.
fn address(text: &str) -> Result<Url, &'static str> {
    let is_fit = |url: &Url| url.scheme() == "http" && url.username().is_empty() && url.password().is_none();
    Url::parse(text).ok().filter(is_fit).ok_or("write http://HOST:PORT; no other scheme, and no password")
}

/// Asks the running server to read its configuration anew, and tells what came of it.
pub(super) fn run(command: &Reload, flags: &Flags) -> Result<(), Failure> {
    let url = if let Some(url) = &command.url {
        url.clone()
    } else {
        let loaded = load(flags).map_err(|fault| {
            Failure::failed(&format!("the server goes on as it was, and was not asked: {fault}"))
        })?;
        configured(&loaded.config)?
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let reloaded = runtime.block_on(ask(&url)).map_err(|fault| Failure::failed(&fault))?;
    command.output.tell(&reloaded, || text(&reloaded))
}

fn configured(config: &Config) -> Result<Url, Failure> {
    listener(config).ok_or_else(|| {
        Failure::wrong_use(
            &"no server can be asked, since admin.listen names no port: set it, name the listener by --url, or send SIGHUP \
              to the process of the server (kill -HUP PID), whose log tells the same",
        )
    })
}

/// The second listener of the server with this configuration, where it has one.
pub(super) fn listener(config: &Config) -> Option<Url> {
    let address = config.admin.listen.filter(|address| address.port() != 0)?;
    format!("http://{}", reached(address)).parse().ok()
}

/// Where a listener is reached from here: on loopback, where it listens on every address.
pub(super) fn reached(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip().to_canonical() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

async fn ask(url: &Url) -> Result<Reloaded, String> {
    let url = url.join(RELOAD).map_err(|error| error.to_string())?;
    call(Method::POST, &url).await.map_err(|(status, told)| match status {
        Some(StatusCode::UNPROCESSABLE_ENTITY) => format!("the server goes on as it was: {told}"),
        Some(status) => format!("{url} says {status}: {told}"),
        None => told,
    })
}

/// What the second listener answers; otherwise its status, if it has answered, and what it says.
pub(super) async fn call<T: DeserializeOwned>(
    method: Method,
    url: &Url,
) -> Result<T, (Option<StatusCode>, String)> {
    let client = Client::builder().redirect(Policy::none()).no_proxy().timeout(PATIENCE).build();
    let client = client.map_err(|error| (None, error.to_string()))?;
    let answer = client.request(method, url.clone()).send().await.map_err(|error| {
        let told = if error.is_connect() {
            format!("no server answers at {url}: it does not run, or was started with another admin.listen")
        } else {
            format!("{url} gave no answer: {error}")
        };
        (None, told)
    })?;
    match answer.status() {
        StatusCode::OK => {
            let unread = |error: &dyn Display| (None, format!("{url} gave no answer: {error}"));
            let told = answer.bytes().await.map_err(|error| unread(&error))?;
            serde_json::from_slice(&told).map_err(|error| unread(&error))
        }
        status => {
            let told = answer.text().await.unwrap_or_default();
            let told = told.chars().map(|c| if c.is_control() { ' ' } else { c }).take(1_000).collect();
            Err((Some(status), told))
        }
    }
}

fn text(reloaded: &Reloaded) -> String {
    let Reloaded { taken_over, need_restart, warnings } = reloaded;
    let taken_over = match &**taken_over {
        [] => "nothing was taken over\n".to_owned(),
        keys => format!("taken over: {}\n", keys.join(", ")),
    };
    let need_restart = match &**need_restart {
        [] => String::new(),
        keys => format!("changed, and needs a restart: {}\n", keys.join(", ")),
    };
    let warnings: Vec<String> = warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
    [taken_over, need_restart, warnings.concat()].concat()
}

/// Reads the configuration of a running server anew when somebody asks.
pub(super) struct Reloading {
    pub flags: Flags,
    pub app: Arc<App>,
    /// The one in use.
    pub config: Config,
    pub log: RunningLog,
    /// Who watches over the certificate, where there is one from files.
    pub certificate: Option<mpsc::Sender<Renewal>>,
}

impl Reloading {
    /// One after the other. Never ends.
    pub(super) async fn run(
        mut self,
        mut hangup: Signal,
        mut asked: mpsc::Receiver<oneshot::Sender<Result<Reloaded, String>>>,
    ) {
        loop {
            let answer = tokio::select! {
                _ = hangup.recv() => None,
                Some(answer) = asked.recv() => Some(answer),
            };
            service_manager::reloading();
            let reloaded = self.reload().await;
            self.tell(&reloaded);
            service_manager::reloaded(reloaded.as_ref().err());
            if let Some(answer) = answer {
                let _ = answer.send(reloaded);
            }
        }
    }

    /// Takes over all that a running server may, or nothing.
    async fn reload(&mut self) -> Result<Reloaded, String> {
        let flags = self.flags.clone();
        let loaded = spawn_blocking(move || load(&flags)).await.map_err(|error| error.to_string())?;
        let Loaded { config: new, mut warnings, .. } = loaded.map_err(|error| error.to_string())?;
        let mut config = self.config.clone();
        let Changes { taken_over, need_restart } =
            config.take_over(&new).map_err(|error| error.to_string())?;
        // First what may still fail.
        if let (Some(certificate), Some(files)) = (&self.certificate, config.tls.files()) {
            let (answer, answered) = oneshot::channel();
            let renewal = Renewal { files, hosts: config.allowed_hosts.clone(), answer };
            if certificate.send(renewal).await.is_ok()
                && let Ok(Err(fault)) = answered.await
            {
                return Err(fault.to_string());
            }
        }
        self.log.set_level(&config.log.level);
        let (app, taken) = (Arc::clone(&self.app), config.clone());
        // The times of many clients are taken over.
        spawn_blocking(move || app.take_over(&taken)).await.map_err(|error| error.to_string())?;
        self.config = config;
        warnings.extend(self.config.notices().into_iter().map(str::to_owned));
        let keys = |keys: Vec<&str>| keys.into_iter().map(str::to_owned).collect();
        Ok(Reloaded { taken_over: keys(taken_over), need_restart: keys(need_restart), warnings })
    }

    fn tell(&self, reloaded: &Result<Reloaded, String>) {
        let outcome = match reloaded {
            Ok(Reloaded { taken_over, need_restart, warnings }) => {
                if taken_over.is_empty() {
                    tracing::info!("the configuration was read anew, and there was nothing to take over");
                } else {
                    let settings = taken_over.join(", ");
                    tracing::info!(
                        settings,
                        "the configuration was read anew, and what has changed is taken over"
                    );
                }
                if !need_restart.is_empty() {
                    let settings = need_restart.join(", ");
                    tracing::warn!(settings, "these settings have changed too, and need a restart");
                }
                for warning in warnings {
                    tracing::warn!("{warning}");
                }
                TAKEN_OVER
            }
            Err(fault) => {
                tracing::error!("the configuration is not taken over, the one in use stays: {fault}");
                REFUSED
            }
        };
        if let Some(metrics) = &self.app.metrics {
            metrics.counter(table::RELOADS, &[outcome]).increment(1);
        }
    }
}
