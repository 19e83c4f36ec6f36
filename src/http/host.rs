//! Names of hosts, as addresses and headers write them.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The host of what may have a port behind it. `None` for what is none: a user before it, or anything but a port behind it.
#[must_use]
pub fn of_authority(text: &str) -> Option<&str> {
    let end = if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
    let (host, port) = text.split_at(end);
    let is_port = |port: &str| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    let has_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    (has_port && !host.is_empty() && !host.contains('@')).then_some(host)
}

/// Whether nothing but this machine can be meant: `localhost`, a name below it, or a loopback address.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    is_localhost(name)
        || name.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || ipv6(name).is_some_and(|address| address.to_canonical().is_loopback())
}

/// Whether a page at this origin is one of this machine, as its browser writes it.
#[must_use]
pub fn is_origin_of_this_machine(origin: &str) -> bool {
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    let host = authority.and_then(of_authority);
    host.is_some_and(|host| is_localhost(host) || ["127.0.0.1", "[::1]"].contains(&host))
}

/// One form for all ways to write a host in ASCII.
#[must_use]
pub fn normal(host: &str) -> Cow<'_, str> {
    let name = host.strip_suffix('.').unwrap_or(host);
    match ipv6(name) {
        Some(address) => format!("[{address}]").into(),
        None if name.bytes().any(|byte| byte.is_ascii_uppercase()) => name.to_ascii_lowercase().into(),
        None => name.into(),
    }
}

fn is_localhost(name: &str) -> bool {
    const LOCALHOST: &str = "localhost";
    let place = name.len().checked_sub(LOCALHOST.len());
    let Some((below, last)) = place.and_then(|place| name.split_at_checked(place)) else { return false };
    // An empty label is no name.
    let are_labels = || below.strip_suffix('.').is_some_and(|names| !names.split('.').any(str::is_empty));
    last.eq_ignore_ascii_case(LOCALHOST) && (below.is_empty() || are_labels())
}

fn ipv6(name: &str) -> Option<Ipv6Addr> {
    name.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_may_have_a_port_and_nothing_else() {
        for (text, host) in [
            ("films.example", Some("films.example")),
            ("films.example:8080", Some("films.example")),
            ("films.example:", Some("films.example")),
            ("[::1]", Some("[::1]")),
            ("[::1]:80", Some("[::1]")),
            ("[::1].evil", None),
            ("[::1]evil:80", None),
            ("[::1", None),
            ("::1", None),
            ("evil@localhost", None),
            ("localhost:80.evil", None),
            ("localhost:123456", None),
            ("localhost:80:80", None),
            (":80", None),
            ("", None),
        ] {
            assert_eq!(of_authority(text), host, "{text}");
        }
    }

    #[test]
    fn this_machine_is_named_by_localhost_and_loopback_addresses() {
        for name in
            ["localhost", "LOCALHOST.", "a.b.localhost", "127.0.0.1", "127.1.2.3", "[::1]", "[0:0::1]"]
        {
            assert!(is_this_machine(name), "{name}");
        }
        for name in [
            "localhost.evil",
            "evillocalhost",
            ".localhost",
            "a..localhost",
            ".a.localhost",
            "..localhost",
            "éocalhost",
            "localhost..",
            "[127.0.0.1]",
            "::1",
            "[[::1]]",
            "10.0.0.1",
            "[::2]",
            "",
        ] {
            assert!(!is_this_machine(name), "{name}");
        }
    }

    #[test]
    fn a_host_has_one_form() {
        for (host, form) in
            [("Films.Example.", "films.example"), ("[2001:DB8:0::1]", "[2001:db8::1]"), ("a", "a")]
        {
            assert_eq!(normal(host), form);
        }
    }
}
