//! One client that asks as fast as it can, under the default limits, beside a quiet one and a probe.

use std::time::Duration;

use crate::client::{Load, RANDOM_FILM};
use crate::target::Target;
use crate::{block_on, promise};

const LIVE: &str = "GET /health/live HTTP/1.1\r\nHost: pod\r\n\r\n";
const READY: &str = "GET /health/ready HTTP/1.1\r\nHost: pod\r\n\r\n";
const QUOTAS: &str = "GET /v1/rate_limit HTTP/1.1\r\nHost: localhost\r\n\r\n";

pub(crate) fn run() -> bool {
    let target = Target::start(&[]);
    let flood = Load {
        target: target.address,
        source: 2,
        connections: 64,
        request: RANDOM_FILM,
        pause: Duration::ZERO,
        pause_refused: Duration::ZERO,
        time: Duration::from_secs(10),
    };
    let one = Load { connections: 1, pause: Duration::from_millis(100), ..flood };
    block_on(async {
        let (flooding, mut live, mut ready, mut quiet) = tokio::join!(
            flood.run(),
            Load { request: LIVE, ..one }.run(),
            Load { request: READY, ..one }.run(),
            Load { request: QUOTAS, source: 3, ..one }.run(),
        );
        println!(
            "  flood:   {:.0} requests/s refused, {} answered, {} failed",
            f64::from(u32::try_from(flooding.refused).expect("few")) / flood.counted(),
            flooding.good.len(),
            flooding.failed
        );
        for (name, seen) in [("live", &mut live), ("ready", &mut ready), ("quiet", &mut quiet)] {
            println!("  {name:<8} {} answers, p99 {:?}", seen.good.len(), seen.percentile(99));
        }
        let bad = |seen: &crate::client::Seen| seen.failed + seen.refused;
        promise("probes of the same address are answered", bad(&live) + bad(&ready) == 0)
            & promise("another client sees nothing of it", bad(&quiet) == 0)
            & promise("refused requests get an answer", flooding.failed == 0)
    })
}
