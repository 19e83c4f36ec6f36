//! Who the client is.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderValue};
use filmgate::front::client_ip::ClientIp;
use filmgate::limits::ClientKey;

const PROXY: [u8; 4] = [10, 0, 0, 1];
const STRANGER: [u8; 4] = [198, 51, 100, 7];
/// What the trusted proxy says.
const CLIENT: &str = "192.0.2.1";

/// A peer that is not trusted is the client; behind one that is, nobody is believed to the left of the first hop that is
/// not.
pub(crate) fn holds(forged: &[u8]) {
    // What cannot stand in a header does not get here.
    let Ok(value) = HeaderValue::from_bytes(forged) else { return };
    let clients = ClientIp::new("10.0.0.0/8".parse().into_iter().collect(), false);
    let resolve = |peer: [u8; 4], headers: &HeaderMap| clients.resolve(SocketAddr::from((peer, 1)), headers);
    let text = String::from_utf8_lossy(forged);
    for (name, said) in
        [("x-forwarded-for", CLIENT.to_owned()), ("forwarded", format!("proto=https;for={CLIENT}"))]
    {
        let mut alone = HeaderMap::new();
        alone.insert(name, value.clone());
        assert_eq!(resolve(STRANGER, &alone).address, IpAddr::from(STRANGER), "{name}: {text}");
        let found = resolve(PROXY, &alone);
        assert!(!found.is_local, "{name}: {text}");
        assert_eq!(found.key, ClientKey::from(found.address));
        assert_eq!(found.address, found.address.to_canonical());

        // The proxy adds what it knows: on a line of its own, or behind what was sent.
        let mut lines = alone.clone();
        lines.append(
            name,
            HeaderValue::from_maybe_shared(said.clone()).unwrap_or(HeaderValue::from_static(CLIENT)),
        );
        assert_eq!(resolve(PROXY, &lines).address.to_string(), CLIENT, "{name}: {text}");
        if let Ok(joined) = HeaderValue::from_bytes(&[forged, b", ", said.as_bytes()].concat()) {
            let mut line = HeaderMap::new();
            line.insert(name, joined);
            assert_eq!(resolve(PROXY, &line).address.to_string(), CLIENT, "{name}: {text}");
        }

        // It passes the other header on as it came: then at worst the proxy itself is the client.
        let mut other = HeaderMap::new();
        other.insert(if name == "forwarded" { "x-forwarded-for" } else { "forwarded" }, value.clone());
        other.insert(name, HeaderValue::from_maybe_shared(said).unwrap_or(HeaderValue::from_static(CLIENT)));
        let address = resolve(PROXY, &other).address;
        assert!(address == IpAddr::from(PROXY) || address.to_string() == CLIENT, "{name}: {text}: {address}");
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    fn resolved(name: &'static str, value: &str) -> IpAddr {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a header value"));
        ClientIp::new(vec!["10.0.0.0/8".parse().expect("a network")], false)
            .resolve(SocketAddr::from((PROXY, 1)), &headers)
            .address
    }

    proptest! {
        #![proptest_config(crate::promises::config())]

        #[test]
        fn anything_holds(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            holds(&bytes);
        }

        #[test]
        fn what_is_nearly_a_list_of_hops_holds(
            text in "((for=|For=\"?|by=|proto=http;)?(10\\.0\\.0\\.[0-9]{1,3}|192\\.0\\.2\\.9|unknown|_hidden|\\[?::1\\]?|\\[?2001:db8::[0-9a-f]\\]?|::ffff:10\\.0\\.0\\.2)?(:[0-9]{0,6})?\"?[,; ]{0,2}){0,5}"
        ) {
            holds(text.as_bytes());
        }

        /// Every way to write an address is read, and as the same one.
        #[test]
        fn what_is_legal_is_read(v4 in any::<u32>(), v6 in any::<u128>(), port in any::<u16>()) {
            let (v4, v6) = (Ipv4Addr::from_bits(v4), Ipv6Addr::from_bits(v6));
            // A trusted hop would be passed over.
            prop_assume!(v4.octets()[0] != 10 && v6.to_ipv4_mapped().is_none());
            for text in [v4.to_string(), format!("{v4}:{port}"), format!("::ffff:{v4}"), format!("[::ffff:{v4}]:{port}")] {
                prop_assert_eq!(resolved("x-forwarded-for", &text), IpAddr::from(v4), "{}", text);
            }
            for text in [v6.to_string(), format!("[{v6}]"), format!("[{v6}]:{port}")] {
                prop_assert_eq!(resolved("x-forwarded-for", &text), IpAddr::from(v6), "{}", text);
            }
            for text in [format!("for={v4}"), format!("FOR=\"{v4}:{port}\";proto=http"), format!("by=_x; for={v4}")] {
                prop_assert_eq!(resolved("forwarded", &text), IpAddr::from(v4), "{}", text);
            }
            for text in [format!("for=\"[{v6}]\""), format!("for=\"[{v6}]:{port}\"")] {
                prop_assert_eq!(resolved("forwarded", &text), IpAddr::from(v6), "{}", text);
            }
            let halves = |address: Ipv6Addr| ClientKey::from(IpAddr::from(address));
            prop_assert_eq!(halves(v6), halves(Ipv6Addr::from_bits(v6.to_bits() ^ 0xFFFF)));
        }

        #[test]
        fn obfuscated_hops_are_nobody(name in "(_[a-zA-Z0-9._-]{1,20}|unknown|secret)(:[0-9]{1,5})?") {
            prop_assert_eq!(resolved("x-forwarded-for", &format!("192.0.2.9, {name}")), IpAddr::from(PROXY));
            prop_assert_eq!(resolved("forwarded", &format!("for=192.0.2.9, for=\"{name}\"")), IpAddr::from(PROXY));
        }
    }
}
