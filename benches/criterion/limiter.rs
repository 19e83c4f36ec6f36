//! A check of the limiter with the default policies: all its windows, admitted and refused.

#![expect(clippy::expect_used, reason = "in a measurement, a panic is how a fault is told")]

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use filmgate::clock::Clock;
use filmgate::config::Limits;
use filmgate::limits::{Bucket, ClientKey, Limiter, Price};

/// Goes on by so many seconds each time it is asked.
struct Leaps(AtomicU64, u64);

impl Clock for Leaps {
    fn now(&self) -> Duration {
        Duration::from_secs(self.0.fetch_add(self.1, Ordering::Relaxed))
    }
}

fn limiter(leap: u64) -> Limiter {
    let limits = Limits::default();
    let clock = Arc::new(Leaps(AtomicU64::new(1), leap));
    Limiter::new(limits.enabled, &limits.policies(), limits.max_keys, clock)
}

fn check(criterion: &mut Criterion) {
    let client = ClientKey::from(IpAddr::from(Ipv4Addr::LOCALHOST));
    let price = Price::of(Bucket::Film, 1);
    // Longer than the slowest window, 200 a day, needs to give one back.
    let admits = limiter(600);
    criterion.bench_function("limiter admits", |bencher| {
        bencher.iter(|| admits.charge(client, &price).expect("it admits"));
    });
    let refuses = limiter(0);
    refuses.charge(client, &price).expect("the first one");
    criterion.bench_function("limiter refuses", |bencher| {
        bencher.iter(|| refuses.charge(client, &price).expect_err("it refuses"));
    });
    let many = limiter(0);
    let mut number = 0;
    criterion.bench_function("limiter admits another client each time", |bencher| {
        bencher.iter(|| {
            number += 1;
            many.charge(ClientKey::from(IpAddr::from(Ipv4Addr::from_bits(number))), &price)
                .expect("it admits");
        });
    });
}

criterion_group!(benches, check);
criterion_main!(benches);
