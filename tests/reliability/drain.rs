//! A stop under load, again and again.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use crate::client::{Client, LIKE, RANDOM_FILM};
use crate::target::Target;
use crate::{block_on, promise};

const TIMES: usize = 20;
const KEEPING: usize = 32;
/// These connect anew for each request.
const CONNECTING: usize = 8;
const LONGEST: Duration = Duration::from_secs(10);

pub(crate) fn run() -> bool {
    let (mut answered, mut failed, mut longest, mut well) = (0, 0, Duration::ZERO, true);
    for _ in 0..TIMES {
        let (of_round, faults, took, ended) = block_on(round());
        answered += of_round;
        failed += faults;
        longest = longest.max(took);
        well &= ended;
    }
    println!(
        "  {TIMES} stops: {answered} requests answered, {failed} failed, the longest stop took {longest:?}"
    );
    promise("no request fails", failed == 0)
        & promise("each stop ends well within 10 s", well && longest <= LONGEST)
}

async fn round() -> (usize, usize, Duration, bool) {
    let mut target = Target::start(&[("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "warn")]);
    let address = target.address;
    let (answered, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut clients = tokio::task::JoinSet::new();
    for number in 0..KEEPING + CONNECTING {
        let (answered, failed) = (Arc::clone(&answered), Arc::clone(&failed));
        clients.spawn(async move {
            let request = if number % 2 == 0 { RANDOM_FILM } else { LIKE };
            loop {
                let mut client = match Client::connect(1, address).await {
                    Ok(client) => client,
                    // Nobody listens any more: that is how a client learns of the end.
                    Err(error) if error.kind() == ErrorKind::ConnectionRefused => return,
                    Err(_) => {
                        failed.fetch_add(1, Ordering::Relaxed);
                        return;
                    }
                };
                loop {
                    match client.ask(request).await {
                        Ok(answer) if answer.status == 200 => {
                            answered.fetch_add(1, Ordering::Relaxed);
                            if answer.closes || number >= KEEPING {
                                break;
                            }
                        }
                        _ => {
                            failed.fetch_add(1, Ordering::Relaxed);
                            return;
                        }
                    }
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let began = Instant::now();
    target.terminate();
    let ended = timeout(2 * LONGEST, target.wait()).await.unwrap_or(false);
    let took = began.elapsed();
    clients.join_all().await;
    (answered.load(Ordering::Relaxed), failed.load(Ordering::Relaxed), took, ended)
}
