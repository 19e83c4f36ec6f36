//! Who the client is: the socket's peer, or what a trusted proxy says.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::header::{FORWARDED, VIA};
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use crate::front::traffic::Traffic;
use crate::http::context::Client;
use crate::http::list::{elements, has_any, is_empty, parameter};
use crate::limits::ClientKey;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What makes all clients of a proxy share one rate limit.
const WARNINGS: [&str; 3] = [
    "a forwarding header from a peer that is not in trusted_proxies is ignored: if this is your proxy, add it, or all its clients share one rate limit",
    "a forwarding header of a trusted proxy names no address where it should name a client, so the proxy is taken for one: have it send the address in X-Forwarded-For or in for= of Forwarded, or all its clients share one rate limit",
    "X-Forwarded-For and Forwarded of a trusted proxy name different clients, so the proxy is taken for one: have it remove the header that it does not write itself, or all its clients share one rate limit",
];
const UNTRUSTED: usize = 0;
const UNREADABLE: usize = 1;
const DISAGREE: usize = 2;

/// Headers by which a proxy shows itself.
const FORWARDING: [HeaderName; 8] = [
    FORWARDED,
    X_FORWARDED_FOR,
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
    VIA,
    HeaderName::from_static("true-client-ip"),
    HeaderName::from_static("cf-connecting-ip"),
];

/// Finds the client.
#[derive(Debug)]
pub struct ClientIp {
    trusted_proxies: Vec<IpNet>,
    behind_proxy: bool,
    warned: [AtomicBool; WARNINGS.len()],
    traffic: Arc<Traffic>,
}

impl ClientIp {
    /// `behind_proxy`: a proxy terminates TLS, so that no call is direct.
    #[must_use]
    pub fn new(trusted_proxies: Vec<IpNet>, behind_proxy: bool) -> Self {
        Self {
            behind_proxy: behind_proxy || !trusted_proxies.is_empty(),
            trusted_proxies,
            warned: Default::default(),
            traffic: Arc::default(),
        }
    }

    /// A peer that is not trusted is itself the client, whatever its headers say.
    #[must_use]
    pub fn resolve(&self, peer: SocketAddr, headers: &HeaderMap) -> Client {
        let peer = peer.ip().to_canonical();
        let forwarded = has_any(headers, &FORWARDING);
        let address = if !forwarded {
            peer
        } else if self.trusts(peer) {
            self.forwarded_client(peer, headers)
        } else {
            self.traffic.note_untrusted(peer);
            self.warn_once(peer, UNTRUSTED);
            peer
        };
        Client {
            address,
            key: ClientKey::from(address),
            is_local: address.is_loopback() && !forwarded && !self.behind_proxy,
        }
    }

    /// What has been seen of the clients.
    #[must_use]
    pub fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(&address))
    }

    /// The first hop from the right that is not a trusted proxy.
    ///
    /// A proxy writes one of the two headers and may pass the other one on as the client sent it. Where they
    /// disagree, nobody can tell which is forged, so the proxy itself is the client.
    fn forwarded_client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let hops = |name: &HeaderName, address: fn(&str) -> Option<IpAddr>| {
            self.first_untrusted(peer, elements(headers, name).map(address))
        };
        let by_list = (!is_empty(headers, &X_FORWARDED_FOR)).then(|| hops(&X_FORWARDED_FOR, read_address));
        // One that says something else alone, such as the scheme, is not about clients.
        let names_clients = elements(headers, &FORWARDED).any(|hop| parameter(hop, "for").is_some());
        let by_standard =
            names_clients.then(|| hops(&FORWARDED, |hop| read_address(&parameter(hop, "for")?)));
        match (by_list, by_standard) {
            (Some(one), Some(other)) if one != other => {
                self.warn_once(peer, DISAGREE);
                peer
            }
            (Some(address), _) | (None, Some(address)) => address,
            (None, None) => {
                self.warn_once(peer, UNREADABLE);
                peer
            }
        }
    }

    /// `hops`: the nearest first.
    fn first_untrusted(&self, peer: IpAddr, hops: impl Iterator<Item = Option<IpAddr>>) -> IpAddr {
        let mut nearest = peer;
        for hop in hops {
            // What cannot be read was written by the hop before it: that one is held responsible.
            let Some(address) = hop else {
                self.warn_once(nearest, UNREADABLE);
                break;
            };
            nearest = address;
            if !self.trusts(address) {
                break;
            }
        }
        nearest
    }

    /// `warning`: each is said once.
    fn warn_once(&self, peer: IpAddr, warning: usize) {
        if !self.warned[warning].swap(true, Ordering::Relaxed) {
            tracing::warn!(%peer, "{} (said once)", WARNINGS[warning]);
        }
    }
}

/// An address as the two headers write it: an IPv6 address with a port stands in brackets, and a port may be a made-up
/// name.
fn read_address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches('"');
    let has_port = |port: &str| {
        let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.bytes().all(is_fit))
    };
    let address = if let Some(text) = text.strip_prefix('[') {
        let (address, port) = text.split_once(']')?;
        address.parse().ok().filter(|_| has_port(port)).map(IpAddr::V6)
    } else {
        let (address, port) = text.split_at(text.find(':').unwrap_or(text.len()));
        let v4 = address.parse().ok().filter(|_| has_port(port)).map(IpAddr::V4);
        v4.or_else(|| text.parse().ok())
    };
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, lines: &[(&'static str, &str)]) -> Client {
        let networks = trusted.iter().map(|text| text.parse().expect("a network")).collect();
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().expect("a header value"));
        }
        ClientIp::new(networks, false)
            .resolve(SocketAddr::new(peer.parse().expect("an address"), 1), &headers)
    }

    #[test]
    fn the_first_untrusted_hop_from_the_right_is_the_client() {
        let trusted = ["10.0.0.0/8", "127.0.0.1/32"];
        for (lines, address) in [
            (vec![], "10.0.0.1"),
            (vec![("x-forwarded-for", "192.0.2.1")], "192.0.2.1"),
            (vec![("x-forwarded-for", "6.6.6.6, 192.0.2.1, 10.0.0.9")], "192.0.2.1"),
            (vec![("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "192.0.2.1")], "192.0.2.1"),
            (vec![("x-forwarded-for", "192.0.2.1:4711")], "192.0.2.1"),
            (vec![("x-forwarded-for", "[2001:db8::1]:4711")], "2001:db8::1"),
            (vec![("x-forwarded-for", "6.6.6.6, nonsense")], "10.0.0.1"),
            (vec![("x-forwarded-for", "10.0.0.3")], "10.0.0.3"),
            (vec![("forwarded", "for=6.6.6.6, for=\"[2001:db8::7]:1\";proto=https")], "2001:db8::7"),
            // Nothing is no hop.
            (vec![("x-forwarded-for", "192.0.2.1,")], "192.0.2.1"),
            (vec![("x-forwarded-for", "192.0.2.1, ,\t")], "192.0.2.1"),
            (vec![("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "")], "192.0.2.1"),
            (vec![("x-forwarded-for", ""), ("forwarded", "for=192.0.2.1")], "192.0.2.1"),
            (vec![("forwarded", "for=192.0.2.1,"), ("forwarded", " ")], "192.0.2.1"),
            (vec![("x-forwarded-for", ",")], "10.0.0.1"),
            // A port may have a made-up name.
            (vec![("forwarded", "for=\"192.0.2.1:_p1\"")], "192.0.2.1"),
            (vec![("forwarded", "For=\"[2001:db8::7]:_p1\" ; proto=https")], "2001:db8::7"),
            (vec![("x-forwarded-for", "\"[2001:db8::7]:80\"")], "2001:db8::7"),
            (vec![("forwarded", "for=192.0.2.1;by=\"a, for=6.6.6.6\"")], "192.0.2.1"),
            (vec![("forwarded", "for=\"192.0.2\\.1\"")], "192.0.2.1"),
            // A quote that the client has left open.
            (vec![("x-forwarded-for", "\"6.6.6.6, 192.0.2.1")], "192.0.2.1"),
            (vec![("forwarded", "for=\"6.6.6.6, for=192.0.2.1")], "192.0.2.1"),
            (vec![("forwarded", "for=\"x, for=\"[2001:db8::7]:1\"")], "2001:db8::7"),
            // What is no address.
            (vec![("forwarded", "for=unknown")], "10.0.0.1"),
            (vec![("forwarded", "for=6.6.6.6, proto=https")], "10.0.0.1"),
            (vec![("x-forwarded-for", "[192.0.2.1]x")], "10.0.0.1"),
            (vec![("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "192.0.2.1")], "192.0.2.1"),
            (vec![("forwarded", "for=6.6.6.6"), ("x-forwarded-for", "192.0.2.1")], "10.0.0.1"),
            (vec![("forwarded", "proto=https;host=a"), ("x-forwarded-for", "192.0.2.1")], "192.0.2.1"),
            (
                vec![("forwarded", "by=6.6.6.6, \"for=6.6.6.6\""), ("x-forwarded-for", "192.0.2.1")],
                "192.0.2.1",
            ),
            (vec![("forwarded", "for=, proto=https"), ("x-forwarded-for", "192.0.2.1")], "10.0.0.1"),
            (vec![("forwarded", "proto=https")], "10.0.0.1"),
        ] {
            let found = client(&trusted, "10.0.0.1", &lines);
            assert_eq!(found.address.to_string(), address, "{lines:?}");
            assert!(!found.is_local);
        }
    }

    #[test]
    fn a_peer_that_is_not_trusted_is_the_client() {
        let found = client(&["10.0.0.0/8"], "198.51.100.7", &[("x-forwarded-for", "192.0.2.1")]);
        assert_eq!(found.address.to_string(), "198.51.100.7");
    }

    #[test]
    fn only_a_direct_call_from_this_machine_is_local() {
        assert!(client(&[], "127.0.0.1", &[]).is_local);
        assert!(client(&[], "::1", &[]).is_local);
        assert!(client(&[], "::ffff:127.0.0.1", &[]).is_local);
        for header in FORWARDING {
            let header: &str = header.to_string().leak();
            assert!(!client(&[], "127.0.0.1", &[(header, "1.1 proxy")]).is_local, "{header}");
        }
        assert!(!client(&["10.0.0.5/32"], "127.0.0.1", &[]).is_local);
        assert!(!client(&[], "192.0.2.1", &[]).is_local);
        let behind = ClientIp::new(Vec::new(), true);
        assert!(!behind.resolve(SocketAddr::from(([127, 0, 0, 1], 1)), &HeaderMap::new()).is_local);
    }
}
