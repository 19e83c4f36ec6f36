//! `filmgate healthcheck`: for orchestrators that run a command beside the server, where no curl is installed.

use std::fmt;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http::header::{CONNECTION, HOST, USER_AGENT};
use http::uri::Scheme;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::healthcheck_tls::encrypt;
use super::{Failure, print};
use crate::config::{self, Config, Flags};

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
}

/// Whom to ask, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    is_encrypted: bool,
    /// `HOST:PORT`.
    connect: String,
    /// The name by which it is addressed.
    host: String,
    path: String,
}

/// A configuration that does not hold is exit code 1 here: a container engine gives 2 a meaning of its own.
pub(super) fn run(command: &Healthcheck, flags: &Flags) -> Result<(), Failure> {
    let target = if let Some(target) = &command.url {
        target.clone()
    } else {
        let loaded = config::load(flags).map_err(|error| Failure::failed(&error))?;
        Target::configured(&loaded.config).map_err(|why| Failure::failed(&why))?
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(&error))?;
    let answer = runtime.block_on(ask(&target, Duration::from_secs(command.timeout)));
    // A host name that is still being looked up must not hold up the end.
    runtime.shutdown_background();
    answer.map_err(|why| Failure::failed(&why))?;
    print("ready\n")
}

impl Target {
    fn named(url: &str) -> Result<Self, String> {
        let known = [Some(&Scheme::HTTP), Some(&Scheme::HTTPS)];
        let uri = url.parse::<Uri>().ok().filter(|uri| known.contains(&uri.scheme()));
        let (Some(uri), false) = (uri, url.contains('@')) else {
            return Err(
                "write http://HOST:PORT or https://HOST:PORT; no other scheme, and no password".to_owned()
            );
        };
        let is_encrypted = uri.scheme() == Some(&Scheme::HTTPS);
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let host = uri.host().unwrap_or_default();
        let port = match uri.port_u16() {
            Some(port) => port,
            None if authority == host && is_encrypted => 443,
            None if authority == host => 80,
            None => return Err("the port must lie between 0 and 65535".to_owned()),
        };
        let path = match uri.path_and_query().map_or("/", |path| path.as_str()) {
            "/" => PATH,
            path => path,
        };
        Ok(Self {
            is_encrypted,
            connect: format!("{host}:{port}"),
            host: authority.to_owned(),
            path: path.to_owned(),
        })
    }

    fn configured(config: &Config) -> Result<Self, &'static str> {
        let port = config.listen.port();
        if port == 0 {
            return Err("listen leaves the port to the system, so that nobody here knows it; use --url");
        }
        // Who listens on every address is reached on loopback.
        let address = match config.listen.ip().to_canonical() {
            IpAddr::V4(address) if address.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(address) if address.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            address => address,
        };
        let connect = SocketAddr::new(address, port).to_string();
        // Beyond loopback the server may answer to its own names only.
        let name = config.allowed_hosts.first().filter(|_| !config.is_loopback());
        let host = name.cloned().unwrap_or_else(|| connect.clone());
        Ok(Self { is_encrypted: config.tls.is_ours(), connect, host, path: PATH.to_owned() })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_encrypted { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.connect, self.path)
    }
}

/// Ready, or why not.
async fn ask(target: &Target, time: Duration) -> Result<(), String> {
    let end = Instant::now() + time;
    let response = timeout_at(end, request(target))
        .await
        .map_err(|_| format!("{target} did not answer within {} s", time.as_secs()))??;
    match response.status() {
        StatusCode::OK => Ok(()),
        StatusCode::NOT_FOUND => {
            Err(format!("{target} is not there (404): that server is no filmgate, or one of another version"))
        }
        status => Err(format!("{target} is not ready: {status}{}", told(response.into_body(), end).await)),
    }
}

async fn request(target: &Target) -> Result<Response<Incoming>, String> {
    let stream = TcpStream::connect(&target.connect).await.map_err(|error| match error.kind() {
        ErrorKind::ConnectionRefused => format!("nothing listens on {}", target.connect),
        _ => format!("{} cannot be reached: {error}", target.connect),
    })?;
    if target.is_encrypted {
        let refused = |error| format!("{target} cannot be spoken to over TLS: {error}");
        request_over(encrypt(stream, &target.host).await.map_err(refused)?, target).await
    } else {
        request_over(stream, target).await
    }
}

async fn request_over(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    target: &Target,
) -> Result<Response<Incoming>, String> {
    let not_http = |error: hyper::Error| format!("{target} gave no HTTP answer: {error}");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(not_http)?;
    // Its end is seen by the sender.
    tokio::spawn(connection);
    let request = Request::get(&target.path)
        .header(HOST, &target.host)
        .header(USER_AGENT, concat!("filmgate/", env!("CARGO_PKG_VERSION")))
        .header(CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| format!("{:?} cannot be asked: {error}", target.host))?;
    sender.send_request(request).await.map_err(not_http)
}

/// What a refusal says, as the end of a line; nothing when it says nothing in time.
async fn told(mut body: Incoming, end: Instant) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < READ_AT_MOST {
        let Ok(Some(Ok(frame))) = timeout_at(end, body.frame()).await else {
            break;
        };
        bytes.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new()));
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
    use super::*;

    #[test]
    fn a_url_names_a_server_or_a_page() {
        for (url, connect, host, path) in [
            ("https://films.example", "films.example:443", "films.example", PATH),
            ("http://127.0.0.1:3000", "127.0.0.1:3000", "127.0.0.1:3000", PATH),
            ("http://films.example/", "films.example:80", "films.example", PATH),
            ("HTTP://[::1]:3000/health/live?a=b", "[::1]:3000", "[::1]:3000", "/health/live?a=b"),
        ] {
            let target = Target::named(url).expect(url);
            assert_eq!((&*target.connect, &*target.host, &*target.path), (connect, host, path));
        }
        for url in ["", "127.0.0.1:3000", "ftp://a", "http://", "http://me:SECRET@a", "http://a:99999"] {
            Target::named(url).expect_err(url);
        }
    }

    #[test]
    fn the_configured_server_is_asked_where_it_listens_and_under_its_own_name() {
        for (listen, hosts, connect, host) in [
            ("127.0.0.1:3000", &[][..], "127.0.0.1:3000", "127.0.0.1:3000"),
            ("127.0.0.1:3000", &["films.example"], "127.0.0.1:3000", "127.0.0.1:3000"),
            ("0.0.0.0:3001", &[], "127.0.0.1:3001", "127.0.0.1:3001"),
            ("[::]:3001", &["films.example"], "[::1]:3001", "films.example"),
            ("192.0.2.1:80", &[], "192.0.2.1:80", "192.0.2.1:80"),
        ] {
            let config = Config {
                listen: listen.parse().expect("an address"),
                allowed_hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
                ..Config::default()
            };
            let target = Target::configured(&config).expect("a target");
            assert_eq!((&*target.connect, &*target.host, &*target.path), (connect, host, PATH));
        }
        let config = Config { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..Config::default() };
        Target::configured(&config).expect_err("no port");
    }
}
