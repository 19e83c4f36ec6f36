//! What only running servers know: whom they see, and each other.

use std::net::IpAddr;

use super::finding::Finding;
use crate::clock::Clock;
use crate::config::Config;
use crate::service::database::Database;
use crate::service::instances::{Instance, Traffic, instances};
use crate::service::text::counted;

/// Milliseconds after which a server is taken for gone: some beats of fifteen seconds.
const GONE_AFTER: i64 = 120_000;
/// Fewer requests tell nothing.
const ENOUGH: u64 = 20;
/// Per cent of the requests that are as good as all.
const EVERYBODY: u8 = 95;
/// One request in so many with forwarding headers is what the open internet sends anyway.
const USUAL: u64 = 10;

pub(super) async fn examine(database: &Database, config: &Config, clock: &dyn Clock) -> Vec<Finding> {
    let now = clock.now_ms();
    match instances(database).await {
        Ok(seen) => judge(&seen, config, now),
        Err(error) => vec![Finding::warning(
            "servers",
            format!("what the servers have seen cannot be read: {error}"),
            "mistakes that only a running server sees stay unseen",
            "see that the user of database_url may read the table instance",
        )],
    }
}

fn judge(seen: &[Instance], config: &Config, now: i64) -> Vec<Finding> {
    let running: Vec<&Instance> = seen.iter().filter(|one| now - one.seen_at < GONE_AFTER).collect();
    let Some(last) = seen.first() else {
        let what = "no server has left a word; start it, let clients call, and ask again";
        return vec![Finding::ok("servers", what)];
    };
    let mut findings = vec![together(&running, last, now)];
    findings.extend(ahead(&running, now));
    let judged = if running.is_empty() { vec![last] } else { running };
    for server in judged {
        findings.push(forwarding(server));
        findings.push(one_address(server, config));
    }
    findings
}

fn together(running: &[&Instance], last: &Instance, now: i64) -> Finding {
    const CHECK: &str = "servers";
    let apart = running.iter().filter(|server| server.limits_storage == "memory").count();
    match running {
        [] => {
            let (ago, listen) = ((now - last.seen_at) / 60_000, &last.listen);
            Finding::ok(
                CHECK,
                format!("no server is running; the last one was seen {ago} min ago, on {listen}"),
            )
        }
        [one] => Finding::ok(CHECK, format!("one server is running, on {}", one.listen)),
        many if apart > 1 => {
            let what = format!("{} servers are running on this database", many.len());
            let what = format!("{what}, and {apart} of them count limits on their own");
            let cure = format!("run one server, or divide limits.film and the others by {apart}");
            let cure = format!("{cure}; or set limits.storage to a Redis for all of them");
            Finding::warning(CHECK, what, "a client has each limit once for every server", cure)
        }
        many => Finding::ok(CHECK, format!("{} servers are running on this database", many.len())),
    }
}

/// A server whose clock is ahead of ours.
fn ahead(running: &[&Instance], now: i64) -> Option<Finding> {
    const MUCH: i64 = 30_000;
    let server = running.iter().find(|server| server.seen_at - now > MUCH)?;
    let (listen, ahead) = (&server.listen, (server.seen_at - now) / 1_000);
    Some(Finding::error(
        "clock",
        format!("the server on {listen} is {ahead} s ahead of this machine"),
        "tokens and sign-ins count at one server and not at another",
        "let both machines keep their time by themselves (chrony, systemd-timesyncd), then start filmgate again",
    ))
}

fn forwarding(server: &Instance) -> Finding {
    const CHECK: &str = "forwarding";
    let (listen, Traffic { requests, forwarded_untrusted: forwarded, untrusted_peer, .. }) =
        (&server.listen, &server.traffic);
    let Some(peer) = untrusted_peer.filter(|_| *forwarded > 0) else {
        let what = format!("{listen}: no forwarding header came from a peer that is not trusted");
        return Finding::ok(CHECK, what);
    };
    // A proxy of one's own stands nearby; a stranger who sends such headers is an everyday forger.
    if !is_nearby(peer) && forwarded.saturating_mul(USUAL) < *requests {
        let what =
            format!("{listen}: {forwarded} of {requests} requests had forwarding headers from strangers");
        return Finding::ok(CHECK, format!("{what}, which were ignored"));
    }
    Finding::error(
        CHECK,
        format!(
            "{listen}: {} came with forwarding headers from peers that are not trusted, such as {peer}",
            counted(forwarded, "request")
        ),
        "if that is your proxy, all its clients share one rate limit and look like one in the log",
        format!("set trusted_proxies = [\"{peer}\"] if it is your proxy, and start filmgate again"),
    )
}

fn one_address(server: &Instance, config: &Config) -> Finding {
    const CHECK: &str = "clients";
    let (listen, traffic) = (&server.listen, &server.traffic);
    let (requests, clients, share) = (traffic.requests, traffic.clients, traffic.busiest_share);
    let Some(address) = traffic.busiest_client.filter(|_| requests >= ENOUGH) else {
        let what = format!(
            "{listen}: {} so far, too few to tell whether clients differ",
            counted(requests, "request")
        );
        return Finding::ok(CHECK, what);
    };
    let is_trying = address.is_loopback() && traffic.forwarded_untrusted == 0 && config.is_loopback();
    if share < EVERYBODY || is_trying {
        return Finding::ok(
            CHECK,
            format!("{listen}: {} from {}", counted(requests, "request"), counted(clients, "client")),
        );
    }
    let what = format!("{listen}: {share} % of {requests} requests seem to come from {address}");
    let why = "if that is a proxy, all its clients share one rate limit and look like one in the log";
    let is_trusted = config.trusted_proxies.iter().any(|network| network.contains(&address));
    if is_trusted && traffic.forwarded_untrusted == 0 {
        let cure = "let the proxy send X-Forwarded-For with the address of its client, or Forwarded; without it nobody can tell";
        return Finding::error(CHECK, what, why, cure);
    }
    let cure = format!(
        "if it is your proxy, set trusted_proxies = [\"{address}\"], and let it send X-Forwarded-For"
    );
    if is_nearby(address) {
        Finding::error(CHECK, what, why, cure)
    } else {
        Finding::warning(CHECK, what, why, cure)
    }
}

/// On this machine or in a private network.
fn is_nearby(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Level;

    const NOW: i64 = 1_795_392_000_000;

    fn server(traffic: Traffic) -> Instance {
        Instance {
            id: "1".to_owned(),
            started_at: NOW - 3_600_000,
            seen_at: NOW - 1_000,
            version: "1".to_owned(),
            listen: "0.0.0.0:3000".to_owned(),
            limits_storage: "memory".to_owned(),
            traffic,
        }
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn traffic(requests: u64, busiest: &str, share: u8, forwarded: u64, peer: &str) -> Traffic {
        Traffic {
            requests,
            clients: 3,
            busiest_client: Some(address(busiest)),
            busiest_share: share,
            forwarded_untrusted: forwarded,
            untrusted_peer: (forwarded > 0).then(|| address(peer)),
        }
    }

    /// What is not well.
    fn found(seen: &[Instance], config: &str) -> Vec<(&'static str, Level)> {
        let config: Config = toml::from_str(config).expect("a configuration");
        judge(seen, &config, NOW)
            .into_iter()
            .filter(|finding| finding.level != Level::Ok)
            .map(|finding| (finding.check, finding.level))
            .collect()
    }

    #[test]
    fn what_a_server_has_seen_is_judged() {
        const OPEN: &str = "listen = '0.0.0.0:3000'";
        const HERE: &str = "";
        const BEHIND: &str = "listen = '0.0.0.0:3000'\ntrusted_proxies = ['10.0.0.0/8']";
        let (forwarding, clients) = (("forwarding", Level::Error), ("clients", Level::Error));
        for (traffic, config, findings) in [
            (Traffic::default(), OPEN, vec![]),
            (traffic(1_000, "192.0.2.1", 40, 0, ""), OPEN, vec![]),
            (traffic(19, "10.0.0.5", 100, 0, ""), OPEN, vec![]),
            (traffic(20, "10.0.0.5", 100, 0, ""), OPEN, vec![clients]),
            (traffic(20, "10.0.0.5", 94, 0, ""), OPEN, vec![]),
            (traffic(20, "fd00::1", 100, 0, ""), OPEN, vec![clients]),
            (traffic(20, "192.0.2.1", 100, 0, ""), OPEN, vec![("clients", Level::Warning)]),
            // Somebody tries it out, and somebody whose proxy is on the same machine.
            (traffic(500, "127.0.0.1", 100, 0, ""), HERE, vec![]),
            (traffic(500, "127.0.0.1", 100, 500, "127.0.0.1"), HERE, vec![forwarding, clients]),
            (traffic(20, "10.0.0.5", 100, 20, "10.0.0.5"), OPEN, vec![forwarding, clients]),
            // A proxy that is trusted and tells nothing.
            (traffic(20, "10.0.0.5", 100, 0, ""), BEHIND, vec![clients]),
            // Forgers.
            (traffic(1_000, "192.0.2.1", 40, 99, "192.0.2.9"), OPEN, vec![]),
            (traffic(1_000, "192.0.2.1", 40, 101, "192.0.2.9"), OPEN, vec![forwarding]),
            (traffic(1_000, "192.0.2.1", 40, 1, "172.16.0.9"), OPEN, vec![forwarding]),
        ] {
            assert_eq!(found(&[server(traffic.clone())], config), findings, "{traffic:?} {config}");
        }
    }

    #[test]
    fn servers_that_run_together_must_count_together() {
        let of = |storage: &str, age: i64| Instance {
            limits_storage: storage.to_owned(),
            seen_at: NOW - age,
            ..server(Traffic::default())
        };
        let apart = vec![("servers", Level::Warning)];
        for (seen, findings) in [
            (vec![], vec![]),
            (vec![of("memory", 0)], vec![]),
            (vec![of("memory", 0), of("memory", 119_999)], apart.clone()),
            (vec![of("memory", 0), of("memory", 120_000)], vec![]),
            (vec![of("redis", 0), of("redis", 0)], vec![]),
            (vec![of("redis", 0), of("memory", 0)], vec![]),
            (vec![of("redis", 0), of("memory", 0), of("memory", 5)], apart),
            (vec![of("off", 0), of("off", 0)], vec![]),
            (vec![of("memory", -60_000)], vec![("clock", Level::Error)]),
        ] {
            assert_eq!(found(&seen, ""), findings, "{seen:?}");
        }
    }
}
