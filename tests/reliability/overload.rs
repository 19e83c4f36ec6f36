//! More load than there is capacity for: a sweep to the peak, then that and ten times as many clients by turns.

use std::time::Duration;

use crate::client::{LIKE, Load, RANDOM_FILM, Seen};
use crate::target::Target;
use crate::{block_on, promise};

const TIME: Duration = Duration::from_secs(4);
/// Of both by turns, of which medians are compared: the best of a sweep is the luckiest moment of a machine that others use.
const ROUNDS: u8 = 3;
/// What `Retry-After` says, for clients that listen to it.
const LISTENING: Duration = Duration::from_secs(1);
/// Those that do not come again at once; these wait a little, as a connection over a network would.
const STUBBORN: Duration = Duration::from_millis(50);
/// A bound that ten times the clients are sure to be over.
const LOW: &str = "256";
const LIVE: &str = "GET /health/live HTTP/1.1\r\nHost: pod\r\n\r\n";

pub(crate) fn run() -> bool {
    let low = [("FILMGATE_HTTP__MAX_IN_FLIGHT", LOW)];
    let held = measure("random films", 10, RANDOM_FILM, &[], LISTENING)
        & measure("votes", 20, LIKE, &[], LISTENING)
        & measure("votes, bound 256", 30, LIKE, &low, LISTENING);
    // For comparison: no server can promise how much it does for clients that do not listen.
    let _ = measure("votes, bound 256, stubborn clients", 40, LIKE, &low, STUBBORN);
    held
}

/// `source`: the first of four addresses to come from. Thousands of ports of one are not free again for a minute, and the system
/// looks for those that are for seconds, in which nothing else runs.
fn measure(
    name: &str,
    source: u8,
    request: &'static str,
    variables: &[(&'static str, &'static str)],
    pause_refused: Duration,
) -> bool {
    let quiet = [("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "warn")];
    let target = Target::start(&[&quiet, variables].concat());
    let load = Load {
        target: target.address,
        source,
        connections: 1,
        request,
        pause: Duration::ZERO,
        pause_refused,
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
        // Capacity is reached where more clients bring no more than such a step differs from another of its kind.
        let knee =
            curve.iter().find(|(_, goodput)| *goodput >= 0.9 * peak).map_or(1, |(clients, _)| *clients);
        let at_peak = Load { connections: knee, ..load };
        let load = Load { connections: 10 * knee, time: 2 * TIME, ..load };
        let probe =
            Load { connections: 1, source: 2, request: LIVE, pause: Duration::from_millis(100), ..load };
        let (mut peaks, mut over, mut is_whole, mut is_alive) = (Vec::new(), Vec::new(), true, true);
        for round in 1..=ROUNDS {
            let load = Load { source: source + round, ..load };
            peaks.push(rate(&at_peak, &at_peak.run().await));
            let (mut seen, mut live) = tokio::join!(load.run(), probe.run());
            over.push(rate(&load, &seen));
            println!(
                "  {name}: {:.0}/s at {knee} clients; at ten times, {:.0}/s, p99 {:?}, {} refused, {} failed; a probe \
                 meanwhile: {} answers, p99 {:?}",
                peaks.last().unwrap_or(&0.0),
                over.last().unwrap_or(&0.0),
                seen.percentile(99),
                seen.refused,
                seen.failed,
                live.good.len(),
                live.percentile(99)
            );
            is_whole &= seen.failed == 0;
            is_alive &= live.failed + live.refused == 0 && !live.good.is_empty();
        }
        let [peak, goodput] = [peaks, over].map(median);
        println!("  {name}: medians {peak:.0}/s and {goodput:.0}/s, {:.0} %", 100.0 * goodput / peak);
        if pause_refused == STUBBORN {
            return true;
        }
        promise("goodput at ten times is 80 % of the peak or more", goodput >= 0.8 * peak)
            & promise("nobody is cut off", is_whole)
            & promise("health is answered", is_alive)
    })
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_unstable_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

fn rate(load: &Load, seen: &Seen) -> f64 {
    f64::from(u32::try_from(seen.good.len()).expect("few")) / load.counted()
}
