//! Who the client is: the socket's peer, or what a trusted proxy says.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::header::{FORWARDED, VIA};
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use crate::front::traffic::Traffic;
use crate::http::context::Client;
use crate::limits::ClientKey;

/// Headers by which a proxy shows itself.
const FORWARDING: [HeaderName; 8] = [
    FORWARDED,
    HeaderName::from_static("x-forwarded-for"),
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
    warned: AtomicBool,
    traffic: Arc<Traffic>,
}

impl ClientIp {
    /// `behind_proxy`: a proxy terminates TLS, so that no call is direct.
    #[must_use]
    pub fn new(trusted_proxies: Vec<IpNet>, behind_proxy: bool) -> Self {
        Self {
            behind_proxy: behind_proxy || !trusted_proxies.is_empty(),
            trusted_proxies,
            warned: AtomicBool::new(false),
            traffic: Arc::default(),
        }
    }

    /// A peer that is not trusted is itself the client, whatever its headers say.
    #[must_use]
    pub fn resolve(&self, peer: SocketAddr, headers: &HeaderMap) -> Client {
        let peer = peer.ip().to_canonical();
        // One look at the few that are there costs less than a look-up of each.
        let forwarded = headers.keys().any(|name| FORWARDING.contains(name));
        let address = if !forwarded {
            peer
        } else if self.trusts(peer) {
            self.forwarded_client(peer, headers)
        } else {
            self.traffic.note_untrusted(peer);
            self.warn_once(peer);
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
        let by_list = values(headers, "x-forwarded-for")
            .map(|hops| self.first_untrusted(peer, hops.iter().map(String::as_str)));
        let by_standard = values(headers, "forwarded")
            .map(|hops| self.first_untrusted(peer, hops.iter().map(|hop| for_parameter(hop))));
        match (by_list, by_standard) {
            (Some(one), Some(other)) if one != other => peer,
            (Some(address), _) | (None, Some(address)) => address,
            (None, None) => peer,
        }
    }

    fn first_untrusted<'a>(&self, peer: IpAddr, hops: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut nearest = peer;
        for hop in hops.rev() {
            // What cannot be read was written by the hop before it: that one is held responsible.
            let Some(address) = read_address(hop) else { break };
            nearest = address;
            if !self.trusts(address) {
                break;
            }
        }
        nearest
    }

    fn warn_once(&self, peer: IpAddr) {
        if !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                %peer,
                "a forwarding header from a peer that is not in trusted_proxies is ignored: if this is your proxy, \
                 add it, or all its clients share one rate limit (said once)"
            );
        }
    }
}

/// The comma-separated entries of all lines of a header, in order.
fn values(headers: &HeaderMap, name: &str) -> Option<Vec<String>> {
    let mut entries = Vec::new();
    for line in headers.get_all(name) {
        entries.extend(String::from_utf8_lossy(line.as_bytes()).split(',').map(|hop| hop.trim().to_owned()));
    }
    (!entries.is_empty()).then_some(entries)
}

/// `for=192.0.2.60;proto=http` gives `192.0.2.60`.
fn for_parameter(hop: &str) -> &str {
    hop.split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("for"))
        .map(|(_, value)| value.trim_matches('"'))
        .unwrap_or_default()
}

/// An address with or without a port.
fn read_address(text: &str) -> Option<IpAddr> {
    let address = text
        .parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok())?;
    Some(address.to_canonical())
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
            (vec![("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "192.0.2.1")], "192.0.2.1"),
            (vec![("forwarded", "for=6.6.6.6"), ("x-forwarded-for", "192.0.2.1")], "10.0.0.1"),
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
