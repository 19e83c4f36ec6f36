//! `filmgate healthcheck`: for orchestrators that run a command beside the server, where no curl is installed.

use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use clap::Args;
use http::StatusCode;
use http::header::HOST;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use serde_json::json;
use tokio::net::lookup_host;
use tokio::time::{Instant, timeout_at};

use super::flags::ServingFlags;
use super::output::{Failure, Output};
use super::reload::reached;
use crate::config::Config;
use crate::config::load::{Flags, load};

const PATH: &str = "/health/ready";
/// Bytes of a refusal that are read to tell why.
const READ_AT_MOST: usize = 4 * 1024;
/// Characters of it that are told.
const TOLD_AT_MOST: usize = 200;

#[derive(Debug, Args)]
pub(super) struct Healthcheck {
    /// Ask this server and not the configured one, such as `http://127.0.0.1:3000`
    #[arg(long, value_name = "URL", value_parser = Target::named)]
    url: Option<Target>,
    /// Time for the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    pub serving: ServingFlags,
}

/// Whom to ask, and for what.
#[derive(Debug, Clone)]
struct Target {
    url: Url,
    /// The name by which it is addressed, where that is not the one of the URL.
    name: Option<String>,
}

/// A configuration that does not hold is exit code 1 here: a container engine gives 2 a meaning of its own.
pub(super) fn run(command: &Healthcheck, flags: &Flags) -> Result<(), Failure> {
    let target = if let Some(target) = &command.url {
        target.clone()
    } else {
        let loaded = load(flags).map_err(|error| Failure::failed(&error))?;
        Target::configured(&loaded.config).map_err(|why| Failure::failed(&why))?
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(ask(&target, Duration::from_secs(command.timeout)));
    // A host name that is still being looked up must not hold up the end.
    runtime.shutdown_background();
    answer.map_err(|why| Failure::failed(&why))?;
    command.output.tell(&json!({ "ready": true }), || "ready\n".to_owned())
}

impl Target {
    fn named(url: &str) -> Result<Self, &'static str> {
        let is_fit = |url: &Url| {
            matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
        };
        let mut url = Url::parse(url)
            .ok()
            .filter(is_fit)
            .ok_or("write http://HOST:PORT or https://HOST:PORT; no other scheme, and no password")?;
        if url.path() == "/" && url.query().is_none() {
            url.set_path(PATH);
        }
        Ok(Self { url, name: None })
    }

    fn configured(config: &Config) -> Result<Self, &'static str> {
        if config.listen.port() == 0 {
            return Err("listen leaves the port to the system, so that nobody here knows it; use --url");
        }
        let scheme = if config.tls.is_ours() { "https" } else { "http" };
        let target = Self::named(&format!("{scheme}://{}", reached(config.listen)))?;
        // Beyond loopback the server may answer to its own names only.
        let name = config.allowed_hosts.first().filter(|_| !config.is_loopback());
        Ok(Self { name: name.cloned(), ..target })
    }

    fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// `HOST:PORT`.
    fn place(&self) -> String {
        format!("{}:{}", self.host(), self.url.port_or_known_default().unwrap_or_default())
    }
}

/// Ready, or why not.
async fn ask(target: &Target, time: Duration) -> Result<(), String> {
    let (end, url) = (Instant::now() + time, &target.url);
    let response = timeout_at(end, request(target))
        .await
        .map_err(|_| format!("{url} did not answer within {} s", time.as_secs()))??;
    match response.status() {
        StatusCode::OK => Ok(()),
        StatusCode::NOT_FOUND => {
            Err(format!("{url} is not there (404): that server is no filmgate, or one of another version"))
        }
        status => Err(format!("{url} is not ready: {status}{}", told(response, end).await)),
    }
}

async fn request(target: &Target) -> Result<Response, String> {
    let place = target.place();
    let addresses =
        lookup_host(&place).await.map_err(|error| format!("{place} cannot be reached: {error}"))?;
    let addresses: Vec<SocketAddr> = addresses.collect();
    get(target, &addresses, addresses.iter().all(is_on_this_machine)).await
}

/// Whose certificate it is matters only where somebody could stand in between: what is sent to an address of this
/// machine never leaves it, and there the server goes by names that this client was not told.
async fn get(target: &Target, addresses: &[SocketAddr], is_here: bool) -> Result<Response, String> {
    let client = Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .resolve_to_addrs(target.host(), addresses)
        // Without encryption too, where no certificates are needed: there may be none on the machine.
        .tls_danger_accept_invalid_certs(is_here || target.url.scheme() == "http")
        .user_agent(concat!("filmgate/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| format!("no client can be made: {}", innermost(&error)))?;
    let mut request = client.get(target.url.clone());
    if let Some(name) = &target.name {
        request = request.header(HOST, name);
    }
    request.send().await.map_err(|error| failure(target, &error))
}

/// An address of this machine is reached from that very address. A datagram socket is connected without a word.
fn is_on_this_machine(address: &SocketAddr) -> bool {
    let any: IpAddr =
        if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let from = UdpSocket::bind((any, 0)).and_then(|socket| {
        socket.connect(address)?;
        socket.local_addr()
    });
    address.ip().to_canonical().is_loopback() || from.is_ok_and(|from| from.ip() == address.ip())
}

fn failure(target: &Target, error: &reqwest::Error) -> String {
    let (url, cause) = (&target.url, innermost(error));
    let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    if cause.downcast_ref().is_some_and(refused) {
        format!("nothing listens on {}", target.place())
    } else if !error.is_connect() {
        format!("{url} gave no HTTP answer: {cause}")
    } else if url.scheme() == "https" {
        format!("{url} cannot be spoken to over TLS: {cause}")
    } else {
        format!("{} cannot be reached: {cause}", target.place())
    }
}

/// The cause that says most: those around it say no more than that it failed.
fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    error.source().map_or(error, innermost)
}

/// What a refusal says, as the end of a line; nothing when it says nothing in time.
async fn told(mut response: Response, end: Instant) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < READ_AT_MOST {
        let Ok(Ok(Some(piece))) = timeout_at(end, response.chunk()).await else {
            break;
        };
        bytes.extend_from_slice(&piece);
    }
    let problem: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
    let detail = problem.as_ref().and_then(|problem| problem["detail"].as_str());
    let text = detail.map_or_else(|| String::from_utf8_lossy(&bytes).into_owned(), str::to_owned);
    // It may come from anybody, and goes to a terminal.
    let text: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(TOLD_AT_MOST).collect();
    match text.trim() {
        "" => String::new(),
        text => format!(": {text}"),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;
    use crate::tls::{install_provider, self_signed, unchanging};

    #[test]
    fn a_url_names_a_server_or_a_page() {
        for (url, asked, place) in [
            ("https://films.example", "https://films.example/health/ready", "films.example:443"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000/health/ready", "127.0.0.1:3000"),
            ("http://films.example/", "http://films.example/health/ready", "films.example:80"),
            ("HTTP://[::1]:3000/health/live?a=b", "http://[::1]:3000/health/live?a=b", "[::1]:3000"),
        ] {
            let target = Target::named(url).expect(url);
            assert_eq!((target.url.as_str(), target.place()), (asked, place.to_owned()));
        }
        for url in ["", "127.0.0.1:3000", "ftp://a", "http://", "http://me:SECRET@a", "http://a:99999"] {
            Target::named(url).expect_err(url);
        }
    }

    #[test]
    fn the_configured_server_is_asked_where_it_listens_and_under_its_own_name() {
        for (listen, hosts, place, name) in [
            ("127.0.0.1:3000", &[][..], "127.0.0.1:3000", None),
            ("127.0.0.1:3000", &["films.example"], "127.0.0.1:3000", None),
            ("0.0.0.0:3001", &[], "127.0.0.1:3001", None),
            ("[::]:3001", &["films.example"], "[::1]:3001", Some("films.example")),
            ("192.0.2.1:80", &[], "192.0.2.1:80", None),
        ] {
            let config = Config {
                listen: listen.parse().expect("an address"),
                allowed_hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
                ..Config::default()
            };
            let target = Target::configured(&config).expect("a target");
            assert_eq!((target.url.path(), target.name.as_deref()), (PATH, name));
            assert_eq!(target.place(), place);
        }
        let config = Config { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..Config::default() };
        Target::configured(&config).expect_err("no port");
    }

    /// The answer of a server whose certificate nobody vouches for.
    async fn asked(host: &str, is_here: bool) -> Result<StatusCode, String> {
        install_provider();
        let in_2026 = Duration::from_secs(1_780_000_000);
        let pair = self_signed(Ipv4Addr::UNSPECIFIED.into(), &[], in_2026).expect("a certificate");
        let acceptor = TlsAcceptor::from(unchanging(pair).expect("TLS").borrow().clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a connection");
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
            }
        });
        let target = Target::named(&format!("https://{host}:{}", address.port())).expect("a target");
        get(&target, &[address], is_here).await.map(|response| response.status())
    }

    #[tokio::test]
    async fn elsewhere_somebody_has_to_vouch_and_on_this_machine_nobody() {
        for host in ["localhost", "127.0.0.1", "films.example"] {
            assert_eq!(asked(host, true).await, Ok(StatusCode::OK), "{host}");
            let refused = asked(host, false).await.expect_err(host);
            assert!(refused.contains("certificate"), "{refused}");
        }
    }

    #[test]
    fn an_address_of_loopback_is_on_this_machine_and_one_of_the_documentation_is_not() {
        for (address, is_here) in
            [("127.0.0.1:80", true), ("127.0.0.9:80", true), ("[::1]:80", true), ("192.0.2.1:80", false)]
        {
            assert_eq!(is_on_this_machine(&address.parse().expect("an address")), is_here, "{address}");
        }
    }
}
