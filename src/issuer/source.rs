//! Where the keys of an issuer are: a file, or a URL.

use std::error::Error;
use std::fmt;
use std::io::Read as _;
use std::iter;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::ACCEPT;
use reqwest::redirect::Policy;

use crate::telemetry;

/// Bytes of a key set; real ones have a few thousand.
const LARGEST: usize = 256 * 1024;
/// Time for the whole answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// The place of a key set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    /// `https`, or `http` on this machine.
    Url(Url),
}

impl fmt::Display for Source {
    /// For the log: of a URL, the origin only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{:?}", path.to_string_lossy()),
            Self::Url(url) => f.write_str(&url.origin().ascii_serialization()),
        }
    }
}

impl FromStr for Source {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err("names nothing; write a file, or a URL such as \"https://id.example/jwks.json\"");
        }
        if !text.contains("://") {
            return Ok(Self::File(PathBuf::from(text)));
        }
        let url = Url::parse(text).map_err(|_| "is not a URL")?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a password; public keys need none");
        }
        match url.scheme() {
            "file" => url.to_file_path().map(Self::File).map_err(|()| "names no file of this machine"),
            "https" => Ok(Self::Url(url)),
            "http" if is_this_machine(&url) => Ok(Self::Url(url)),
            "http" => Err(
                "keys that come in the clear can be exchanged on their way; use https, or http on this machine",
            ),
            _ => Err("must be a file or begin with https://"),
        }
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Reads a source again and again.
pub(super) enum Reader {
    File(PathBuf),
    Url { url: Url, client: reqwest::Client },
}

impl Reader {
    pub(super) fn new(source: &Source) -> Result<Self, String> {
        match source {
            Source::File(path) => Ok(Self::File(path.clone())),
            Source::Url(url) => {
                let client = reqwest::Client::builder()
                    // Where the keys are is the operator's word, and nobody else's.
                    .redirect(Policy::none())
                    .no_proxy()
                    .https_only(url.scheme() == "https")
                    .timeout(PATIENCE)
                    .pool_max_idle_per_host(0)
                    .user_agent(concat!("filmgate/", env!("CARGO_PKG_VERSION")))
                    .build()
                    .map_err(|error| format!("no client for it can be made: {error}"))?;
                Ok(Self::Url { url: url.clone(), client })
            }
        }
    }

    /// The content now; a failure is one clause for the log.
    pub(super) async fn read(&self) -> Result<Vec<u8>, String> {
        match self {
            Self::File(path) => {
                let path = path.clone();
                let read = tokio::task::spawn_blocking(move || read_file(&path));
                match tokio::time::timeout(PATIENCE, read).await {
                    Ok(Ok(content)) => content,
                    _ => Err("it could not be read in time".to_owned()),
                }
            }
            Self::Url { url, client } => fetch(client, url).await,
        }
    }
}

/// No more of it than is allowed.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let file = std::fs::File::open(path).map_err(|error| format!("it cannot be read: {error}"))?;
    let mut content = Vec::new();
    let most = LARGEST as u64 + 1;
    file.take(most).read_to_end(&mut content).map_err(|error| format!("it cannot be read: {error}"))?;
    if content.len() > LARGEST { Err(too_large()) } else { Ok(content) }
}

async fn fetch(client: &reqwest::Client, url: &Url) -> Result<Vec<u8>, String> {
    let request = client.get(url.clone()).header(ACCEPT, "application/jwk-set+json, application/json");
    let request = match telemetry::traceparent() {
        Some(traceparent) => request.header("traceparent", traceparent),
        None => request,
    };
    let mut answer = request.send().await.map_err(|error| failure(&error.without_url()))?;
    if !answer.status().is_success() {
        return Err(format!("it answered {}", answer.status().as_u16()));
    }
    let mut content = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|error| failure(&error.without_url()))? {
        if content.len() + piece.len() > LARGEST {
            return Err(too_large());
        }
        content.extend_from_slice(&piece);
    }
    Ok(content)
}

fn too_large() -> String {
    format!("it has more than {LARGEST} bytes")
}

/// With its causes: the outermost one says no more than that it failed.
fn failure(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no whole answer within {} seconds", PATIENCE.as_secs());
    }
    let causes = iter::successors(Some(error as &dyn Error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_file_or_a_url_that_nobody_can_tamper_with() {
        for (text, path) in [
            ("keys.json", "keys.json"),
            ("/etc/a b.json", "/etc/a b.json"),
            ("file:///etc/a%20b.json", "/etc/a b.json"),
        ] {
            assert_eq!(text.parse(), Ok(Source::File(path.into())));
        }
        for text in
            ["https://id.example/keys?p=1", "http://localhost:1/k", "http://127.0.0.1/k", "http://[::1]:8/k"]
        {
            assert!(matches!(text.parse(), Ok(Source::Url(_))), "{text}");
        }
        for text in [
            "",
            "http://id.example/keys",
            "http://127.0.0.1.example/keys",
            "http://localhost.example/keys",
            "ftp://id.example/keys",
            "https://user:secret@id.example/keys",
            "https://",
            "data://x",
        ] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_place_in_the_log_shows_no_more_than_its_origin() {
        let source: Source = "https://id.example:8443/keys?key=CaNaRy".parse().expect("a place");
        assert_eq!(source.to_string(), "https://id.example:8443");
    }
}
