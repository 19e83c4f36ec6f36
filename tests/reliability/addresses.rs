//! A million clients of the limiter, in this process: what they weigh, and whether anybody waits while they are swept.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use filmgate::clock::{Clock, SystemClock};
use filmgate::config::Limits;
use filmgate::limits::{Bucket, ClientKey, Limiter, Price};

use crate::promise;

const MOST: u32 = 1_000_000;
const BEYOND: u32 = 200_000;
/// KiB.
const ROOM: u64 = 200 * 1024;
const PAUSE: Duration = Duration::from_millis(10);

/// Hours pass at once.
struct Ahead {
    clock: SystemClock,
    seconds: AtomicU64,
}

impl Clock for Ahead {
    fn now(&self) -> Duration {
        self.clock.now() + Duration::from_secs(self.seconds.load(Ordering::Relaxed))
    }
}

/// Half of them IPv4 addresses, half of them a /64 of IPv6.
fn client(number: u32) -> ClientKey {
    let bits = number.wrapping_mul(0x9E37_79B1);
    ClientKey::from(if number.is_multiple_of(2) {
        IpAddr::from(Ipv4Addr::from_bits(bits))
    } else {
        IpAddr::from(Ipv6Addr::from_bits(0x2001 << 112 | u128::from(bits) << 64 | 1))
    })
}

fn charge(limiter: &Limiter, number: u32) {
    let mut price = Price::of(Bucket::Flood, 1);
    price.add(Bucket::Film, 1);
    let _ = limiter.charge(client(number), &price);
}

/// KiB of memory that this process holds.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// The longest time that a client waited for an answer while this ran.
#[expect(clippy::disallowed_methods, reason = "real time is what is measured")]
fn longest_wait(limiter: &Limiter, run: impl FnOnce()) -> Duration {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let checker = scope.spawn(|| {
            let mut longest = Duration::ZERO;
            for number in (0..MOST).step_by(7).cycle() {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let began = Instant::now();
                charge(limiter, number);
                longest = longest.max(began.elapsed());
            }
            longest
        });
        run();
        is_over.store(true, Ordering::Relaxed);
        checker.join().expect("no panic")
    })
}

/// Processor time of this thread so far: what others take from it does not count.
fn worked() -> Duration {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").expect("a thread");
    Duration::from_nanos(times.split(' ').next().expect("a first number").parse().expect("a number"))
}

/// The longest of these steps, each of which may hold a lock that others wait for.
fn longest_step(steps: impl Iterator<Item = ()>) -> Duration {
    let mut last = worked();
    let spans = steps.map(|()| {
        let now = worked();
        now.saturating_sub(std::mem::replace(&mut last, now))
    });
    spans.max().unwrap_or_default()
}

pub(crate) fn run() -> bool {
    let clock = Arc::new(Ahead { clock: SystemClock::new(), seconds: AtomicU64::new(0) });
    let limiter = Limiter::new(
        true,
        &Limits::default().policies(),
        MOST as usize,
        Arc::clone(&clock) as Arc<dyn Clock>,
    );
    let before = memory();
    (0..MOST).for_each(|number| charge(&limiter, number));
    let (keys, weight) = (limiter.len(), memory().saturating_sub(before));
    let calm = longest_wait(&limiter, || thread::sleep(Duration::from_millis(300)));
    let mut steps = [Duration::ZERO; 3];
    let at_the_cap = longest_wait(&limiter, || {
        steps[0] = longest_step((MOST..MOST + BEYOND).map(|number| charge(&limiter, number)));
    });
    let beyond = memory().saturating_sub(before);
    let in_vain = longest_wait(&limiter, || steps[1] = longest_step(limiter.sweep()));
    clock.seconds.store(10 * 24 * 60 * 60, Ordering::Relaxed);
    let in_earnest = longest_wait(&limiter, || steps[2] = longest_step(limiter.sweep()));
    println!(
        "  {keys} clients in {} MiB, {} MiB after {BEYOND} more, {} MiB once all are forgotten",
        weight / 1024,
        beyond / 1024,
        memory().saturating_sub(before) / 1024
    );
    println!(
        "  longest step at the cap {:?}, of a sweep of nobody {:?}, of everybody {:?}",
        steps[0], steps[1], steps[2]
    );
    println!(
        "  longest wait of a client meanwhile {at_the_cap:?}, {in_vain:?}, {in_earnest:?}; {calm:?} while nothing went on"
    );
    promise("a million clients within 200 MiB", weight.max(beyond) < ROOM)
        & promise("no step holds anybody up for 10 ms", steps.into_iter().all(|step| step < PAUSE))
}
