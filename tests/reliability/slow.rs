//! Thousands of clients that take their time, beside some that do not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep};

use crate::client::{Load, RANDOM_FILM, connect};
use crate::target::Target;
use crate::{block_on, promise};

/// Of each kind.
const EACH: usize = 2_000;
/// Between two bytes of a slow client.
const DRIP: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(35);

/// Slow at what, and what it says before it slows down.
const KINDS: [(u8, &str); 3] = [
    (2, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
    (
        3,
        "POST /add_film HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n",
    ),
    (4, ""),
];

pub(crate) fn run() -> bool {
    let target = Target::start(&[("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "warn")]);
    let load = Load {
        target: target.address,
        source: 1,
        connections: 8,
        request: RANDOM_FILM,
        pause: Duration::from_millis(10),
        pause_refused: Duration::ZERO,
        time: Duration::from_secs(10),
    };
    block_on(async {
        let mut calm = load.run().await;
        let before = target.memory();
        println!(
            "  calm:    {} answers, p50 {:?}, p99 {:?}, memory {before} KiB",
            calm.good.len(),
            calm.percentile(50),
            calm.percentile(99)
        );
        let open = Arc::new(AtomicUsize::new(0));
        let mut slow = tokio::task::JoinSet::new();
        let began = Instant::now();
        for (source, first) in KINDS {
            for _ in 0..EACH {
                let stream = connect(source, target.address).await.expect("a connection (ulimit -n 8192)");
                open.fetch_add(1, Ordering::Relaxed);
                let open = Arc::clone(&open);
                slow.spawn(async move {
                    let connected = Instant::now();
                    let (mut reading, mut writing) = stream.into_split();
                    let drip = async {
                        if first.is_empty() {
                            return std::future::pending().await;
                        }
                        let _ = writing.write_all(first.as_bytes()).await;
                        while writing.write_all(b"x").await.is_ok() {
                            sleep(DRIP).await;
                        }
                        std::future::pending::<()>().await;
                    };
                    let end =
                        async { while reading.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {} };
                    tokio::select! {
                        () = end => {}
                        () = drip => {}
                    }
                    open.fetch_sub(1, Ordering::Relaxed);
                    connected.elapsed()
                });
            }
        }
        println!("  {} slow connections opened in {:?}", 3 * EACH, began.elapsed());
        let most_open = open.load(Ordering::Relaxed);
        let good = tokio::spawn(Load { time: Duration::from_secs(30), ..load }.run());
        let mut most_memory = before;
        while began.elapsed() < LONGEST + Duration::from_secs(5) && open.load(Ordering::Relaxed) > 0 {
            most_memory = most_memory.max(target.memory());
            sleep(Duration::from_millis(100)).await;
        }
        let left = open.load(Ordering::Relaxed);
        let mut longest = Duration::ZERO;
        while let Some(Ok(lasted)) = slow.try_join_next() {
            longest = longest.max(lasted);
        }
        slow.abort_all();
        let mut beside = good.await.expect("no panic");
        let grown = most_memory.saturating_sub(before);
        println!(
            "  beside:  {} answers, p50 {:?}, p99 {:?}, memory {most_memory} KiB at most",
            beside.good.len(),
            beside.percentile(50),
            beside.percentile(99)
        );
        println!("  of {most_open} open at once, the longest lasted {longest:?}; {left} are left");
        promise("good clients see no error", beside.failed + beside.refused + calm.failed == 0)
            & promise("p99 within ten times the calm one", beside.percentile(99) <= 10 * calm.percentile(99))
            & promise("all are dropped within 35 s", left == 0 && longest <= LONGEST)
            & promise("memory grows by less than 128 MiB", grown < 128 * 1024)
    })
}
