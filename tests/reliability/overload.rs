//! More load than there is capacity for: a sweep to the peak, then ten times as many clients.

use std::time::Duration;

use crate::client::{LIKE, Load, RANDOM_FILM, Seen};
use crate::target::Target;
use crate::{block_on, promise};

const TIME: Duration = Duration::from_secs(4);
/// Clients that do not listen come again at once; these wait a little, as a connection over a network would.
const AGAIN: Duration = Duration::from_millis(50);
const LIVE: &str = "GET /health/live HTTP/1.1\r\nHost: pod\r\n\r\n";

pub(crate) fn run() -> bool {
    let random = measure("random films", RANDOM_FILM);
    let votes = measure("votes", LIKE);
    random & votes
}

fn measure(name: &str, request: &'static str) -> bool {
    let target = Target::start(&[("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "warn")]);
    let load = Load {
        target: target.address,
        source: 1,
        connections: 1,
        request,
        pause: Duration::ZERO,
        pause_refused: AGAIN,
        time: TIME,
    };
    block_on(async {
        let mut curve = Vec::new();
        for connections in [1, 4, 16, 64, 256, 512] {
            let load = Load { connections, ..load };
            let mut seen = load.run().await;
            let goodput = rate(&load, &seen);
            println!(
                "  {name}: {connections:>4} clients {goodput:>8.0}/s, p99 {:?}, {} refused, {} failed",
                seen.percentile(99),
                seen.refused,
                seen.failed
            );
            curve.push((connections, goodput));
        }
        let peak = curve.iter().map(|(_, goodput)| *goodput).fold(0.0, f64::max);
        // Capacity is reached where more clients bring no more.
        let knee =
            curve.iter().find(|(_, goodput)| *goodput >= 0.95 * peak).map_or(1, |(clients, _)| *clients);
        let load = Load { connections: 10 * knee, time: 2 * TIME, ..load };
        let probe =
            Load { connections: 1, source: 2, request: LIVE, pause: Duration::from_millis(100), ..load };
        let (mut seen, mut live) = tokio::join!(load.run(), probe.run());
        let goodput = rate(&load, &seen);
        println!(
            "  {name}: peak {peak:.0}/s at {knee} clients; at ten times, {goodput:.0}/s, p99 {:?}, {} refused, {} failed",
            seen.percentile(99),
            seen.refused,
            seen.failed
        );
        println!("  {name}: a probe meanwhile: {} answers, p99 {:?}", live.good.len(), live.percentile(99));
        promise("goodput at ten times is 80 % of the peak or more", goodput >= 0.8 * peak)
            & promise("nobody is cut off", seen.failed == 0)
            & promise("health is answered", live.failed + live.refused == 0 && !live.good.is_empty())
    })
}

fn rate(load: &Load, seen: &Seen) -> f64 {
    f64::from(u32::try_from(seen.good.len()).expect("few")) / load.counted()
}
