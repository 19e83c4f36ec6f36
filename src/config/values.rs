//! How a value is read where its type alone does not say it, and what is wrong with it.
//!
//! A list may be written as a list, or as one string with commas: so it fits into a variable too. Who calls adds the
//! key to a fault.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net};
use serde::de::value::StringDeserializer;
use serde::de::{DeserializeOwned, Error, IntoDeserializer as _};
use serde::{Deserialize, Deserializer, Serializer};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use url::Url;

use crate::limits::{Policies, Policy, parse_policies, twin};

/// One of a few words. config-rs reads enums in its own way, and does not name the words.
pub(super) fn word<'de, D: Deserializer<'de>, T: DeserializeOwned>(input: D) -> Result<T, D::Error> {
    let text: StringDeserializer<D::Error> = String::deserialize(input)?.into_deserializer();
    T::deserialize(text)
}

pub(super) fn optional_word<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    input: D,
) -> Result<Option<T>, D::Error> {
    word(input).map(Some)
}

/// A port alone means this machine.
pub(super) fn address<'de, D: Deserializer<'de>>(input: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(input)?;
    let port = || Some(SocketAddr::from((Ipv4Addr::LOCALHOST, text.parse().ok()?)));
    text.parse().ok().or_else(port).ok_or_else(|| {
        D::Error::custom(format!(
            "{text:?} is no address with a port; write both, such as 127.0.0.1:3000, [::1]:3000 or 0.0.0.0:3000, or a port alone, which means 127.0.0.1"
        ))
    })
}

pub(super) fn optional_address<'de, D: Deserializer<'de>>(input: D) -> Result<Option<SocketAddr>, D::Error> {
    address(input).map(Some)
}

/// An empty text means none.
pub(super) fn address_or_none<'de, D: Deserializer<'de>>(input: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(input)?;
    let input: StringDeserializer<D::Error> = text.clone().into_deserializer();
    if text.is_empty() { Ok(None) } else { optional_address(input) }
}

/// An empty text means none.
pub(super) fn collector_or_none<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(input)?;
    if text.is_empty() {
        return Ok(None);
    }
    let is_fit = Url::parse(&text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.path() != "/"
            && url.query().is_none()
    });
    // It is not told: what does not fit may hold a password.
    is_fit.then_some(Some(text)).ok_or_else(|| {
        D::Error::custom(
            "is no address that takes traces: write http:// or https://, the host and the whole path, such as http://127.0.0.1:4318/v1/traces, and no password: a token is a header, in OTEL_EXPORTER_OTLP_HEADERS",
        )
    })
}

/// From 0 to 1, both included. A variable is a text.
pub(super) fn share<'de, D: Deserializer<'de>>(input: D) -> Result<f64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Given {
        Number(f64),
        Text(String),
    }
    let (share, given) = match Given::deserialize(input)? {
        Given::Number(share) => (Some(share), share.to_string()),
        Given::Text(text) => (text.trim().parse().ok(), format!("{text:?}")),
    };
    share.filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| {
        D::Error::custom(format!("{given} is no share: write a number from 0 to 1, such as 0.1"))
    })
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<String>),
    One(String),
}

pub(super) fn strings<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<String>, D::Error> {
    match OneOrMany::deserialize(input) {
        Ok(OneOrMany::Many(list)) => Ok(list),
        Ok(OneOrMany::One(text)) => {
            Ok(text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect())
        }
        Err(_) => Err(D::Error::custom("expected a list of strings")),
    }
}

pub(super) fn networks<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<IpNet>, D::Error> {
    let network = |text: String| {
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.ok().and_then(canonical).ok_or_else(|| {
            D::Error::custom(format!(
                "{text:?} is neither an address nor a network, such as 10.0.0.5 or 10.0.0.0/8"
            ))
        })
    };
    strings(input)?.into_iter().map(network).collect()
}

/// Peers are compared as IPv4 where they are written as `::ffff:10.0.0.5`. `None` for such a network that has more in it
/// than IPv4.
fn canonical(network: IpNet) -> Option<IpNet> {
    let IpNet::V6(mapped) = network else { return Some(network) };
    let Some(address) = mapped.addr().to_ipv4_mapped() else { return Some(network) };
    Ipv4Net::new(address, mapped.prefix_len().checked_sub(96)?).ok().map(IpNet::V4)
}

/// As `.example` has, which means all names below it elsewhere, and `a..example`: no client sends such a name.
fn has_empty_label(name: &str) -> bool {
    name.starts_with('.') || name.contains("..")
}

/// Names as they come in the header `Host`.
pub(super) fn hosts<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<String>, D::Error> {
    let host = |text: String| {
        let name = text.strip_suffix('.').unwrap_or(&text);
        let address = name.parse().map(url::Host::Ipv6);
        let host = address.ok().or_else(|| url::Host::parse(name).ok()).map(|host| host.to_string());
        host.filter(|_| !name.contains(['*', ',', ';', '%']) && !has_empty_label(name)).ok_or_else(|| {
            D::Error::custom(format!(
                "{text:?} is not the name of a host; write each name in full, without scheme, port and path, such as films.example"
            ))
        })
    };
    strings(input)?.into_iter().map(host).collect()
}

pub(super) fn origins<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Vec<String>>, D::Error> {
    let read = |text: String| {
        let origin = if text == "*" { Some(text.clone()) } else { origin(&text) };
        origin.ok_or_else(|| {
            D::Error::custom(format!(
                "{text:?} is no origin that a browser sends; write scheme and host, and a port if it has one, without a path, such as \"https://films.example\", or \"capacitor://localhost\" for an app"
            ))
        })
    };
    strings(input)?.into_iter().map(read).collect::<Result<_, _>>().map(Some)
}

/// As browsers write it: in small letters, a foreign name in ASCII, without the port that goes without saying.
fn origin(text: &str) -> Option<String> {
    let (scheme, authority) = text.split_once("://")?;
    let is_fit = |letter: char| !letter.is_whitespace() && !"/?#@*,;%\\".contains(letter);
    if authority.is_empty() || !authority.chars().all(is_fit) || has_empty_label(authority) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    match url.scheme() {
        "http" | "https" => Some(url.origin().ascii_serialization()),
        // Pages from there have no origin, or the one of the page that opened them.
        "file" | "ws" | "wss" | "ftp" | "data" | "blob" => None,
        _ => Some(format!("{scheme}://{authority}").to_ascii_lowercase()),
    }
}

pub(super) fn log_level<'de, D: Deserializer<'de>>(input: D) -> Result<String, D::Error> {
    let text = String::deserialize(input)?;
    // A directive without `=` could be a target as well; a misspelt level would then silence everything.
    let is_level = |text: &str| {
        !text.trim().is_empty() && (text.contains('=') || text.trim().parse::<LevelFilter>().is_ok())
    };
    if text.split(',').all(is_level) && EnvFilter::try_new(&text).is_ok() {
        return Ok(text);
    }
    Err(D::Error::custom(format!(
        "{text:?} is not a level; use error, warn, info, debug, trace or off, or directives such as filmgate=debug"
    )))
}

/// An empty list is a bucket without a limit; an empty string is more likely a variable that somebody forgot to fill,
/// and is refused.
pub(super) fn policies<'de, D: Deserializer<'de>>(input: D) -> Result<Vec<Policy>, D::Error> {
    let texts = match OneOrMany::deserialize(input) {
        Ok(OneOrMany::Many(texts)) => texts,
        Ok(OneOrMany::One(text)) => vec![text],
        Err(_) => {
            return Err(D::Error::custom(
                "expected a rate limit or a list of them, such as \"1/second, 50/hour\"",
            ));
        }
    };
    let mut policies = Vec::new();
    for text in texts {
        policies.extend(parse_policies(&text).map_err(D::Error::custom)?);
    }
    if policies.len() > Policies::MOST {
        let most = Policies::MOST;
        return Err(D::Error::custom(format!(
            "{} policies are more than the {most} of a bucket",
            policies.len()
        )));
    }
    match twin(&policies) {
        Some(twin) => Err(D::Error::custom(format!(
            "{twin} has the same window as another policy; keep the smaller one"
        ))),
        None => Ok(policies),
    }
}

pub(super) fn optional_policies<'de, D: Deserializer<'de>>(
    input: D,
) -> Result<Option<Vec<Policy>>, D::Error> {
    policies(input).map(Some)
}

pub(super) fn policy_texts<S: Serializer>(policies: &[Policy], output: S) -> Result<S::Ok, S::Error> {
    output.collect_seq(policies.iter().map(Policy::to_string))
}

#[expect(clippy::ref_option, reason = "serde calls it with one")]
pub(super) fn optional_policy_texts<S: Serializer>(
    policies: &Option<Vec<Policy>>,
    output: S,
) -> Result<S::Ok, S::Error> {
    match policies {
        Some(policies) => policy_texts(policies, output),
        None => output.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T>(
        reader: fn(StringDeserializer<serde::de::value::Error>) -> Result<T, serde::de::value::Error>,
        text: &str,
    ) -> Option<T> {
        reader(text.to_owned().into_deserializer()).ok()
    }

    /// What is taken matches what browsers send; what never could is refused.
    #[test]
    fn origins_are_normalised_as_browsers_write_them() {
        for (given, sent) in [
            ("https://A.Example", "https://a.example"),
            ("HTTPS://a.example", "https://a.example"),
            ("https://a.example:443", "https://a.example"),
            ("http://a.example:80", "http://a.example"),
            ("http://a.example:", "http://a.example"),
            ("https://a.example:80", "https://a.example:80"),
            ("https://a.example:0443", "https://a.example"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("http://[2001:DB8:0:0::1]:8080", "http://[2001:db8::1]:8080"),
            ("http://127.1:5173", "http://127.0.0.1:5173"),
            ("capacitor://localhost", "capacitor://localhost"),
            ("App://Obsidian.md", "app://obsidian.md"),
            ("chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop"),
            ("tauri://localhost", "tauri://localhost"),
            ("*", "*"),
        ] {
            assert_eq!(read(origins, given), Some(Some(vec![sent.to_owned()])), "{given}");
        }
        for given in [
            "a.example",
            "https://",
            "https://a.example/",
            "https://a.example/path",
            "https://a.example?x",
            "https://*.example",
            "https://a..example",
            "https://me@a.example",
            "https://a b.example",
            "https://a.example:99999",
            "https://a.example:x",
            "null",
            "file://",
            "file:///tmp",
            "wss://a.example",
            "https:\\\\a.example",
            "https://a.example;b",
            "app://",
            "1pp://x",
            "mailto:x",
        ] {
            assert_eq!(read(origins, given), None, "{given}");
        }
    }

    #[test]
    fn hosts_are_normalised_as_they_come_in_a_header() {
        for (given, sent) in [
            ("Films.Example", "films.example"),
            ("films.example.", "films.example"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("2001:DB8::1", "[2001:db8::1]"),
            ("[2001:db8:0::1]", "[2001:db8::1]"),
            ("192.0.2.1", "192.0.2.1"),
            ("my_host", "my_host"),
        ] {
            assert_eq!(read(hosts, given), Some(vec![sent.to_owned()]), "{given}");
        }
        for given in [
            "films.example:8080",
            "https://films.example",
            "films.example/",
            "*.films.example",
            ".films.example",
            "films..example",
            "*",
            "a b",
            "[::1",
            "me@a.example",
        ] {
            assert_eq!(read(hosts, given), None, "{given}");
        }
    }

    #[test]
    fn a_port_alone_is_of_this_machine() {
        for (given, meant) in [
            ("4999", "127.0.0.1:4999"),
            ("0", "127.0.0.1:0"),
            ("0.0.0.0:80", "0.0.0.0:80"),
            ("[::]:80", "[::]:80"),
        ] {
            assert_eq!(read(address, given).expect(given).to_string(), meant);
        }
        for given in ["", ":4999", "localhost:4999", "127.0.0.1", "::1:80", "65536", "-1", "4999 "] {
            assert_eq!(read(address, given), None, "{given}");
        }
    }

    #[test]
    fn networks_match_the_peers_that_they_name() {
        for (given, network) in [
            ("10.0.0.5", "10.0.0.5/32"),
            ("::ffff:10.0.0.5", "10.0.0.5/32"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(read(networks, given), Some(vec![network.parse().expect(network)]), "{given}");
        }
        for given in [
            "10.0.0.5:80",
            "proxy.example",
            "[::1]",
            "::ffff:10.0.0.0/90",
            "10.0.0.0/33",
            "fe80::1%eth0",
            "*",
        ] {
            assert_eq!(read(networks, given), None, "{given}");
        }
    }
}
