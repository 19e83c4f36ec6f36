//! What one, two and three servers answer over one PostgreSQL and one Redis, and what that takes of whose processor.

use std::net::SocketAddr;
use std::time::Duration;

use crate::client::{LIKE, Load, RANDOM_FILM};
use crate::support::{Cluster, Postgres, Proxy, Redis, count};
use crate::{block_on, cpu, promise};

const ROUNDS: usize = 3;
const CONNECTIONS: usize = 64;
const TIME: Duration = Duration::from_secs(5);

pub(crate) fn run() -> bool {
    block_on(async { table(false).await & table(true).await })
}

/// What is asked: a name, and the request.
const ASKED: [(&str, &str); 2] = [("`GET /`", RANDOM_FILM), ("a like", LIKE)];

async fn table(in_redis: bool) -> bool {
    let postgres = Postgres::start("on").expect("PostgreSQL");
    let redis = Redis::start(&[]).expect("Redis");
    let database = postgres.database().await;
    let cluster = Cluster::start(
        &database,
        &redis.url(0),
        &[
            ("FILMGATE_LIMITS__ENABLED", if in_redis { "true" } else { "false" }),
            // The three windows of the default, of which none is ever used up.
            ("FILMGATE_LIMITS__FILM", "1000000/second, 1000000000/hour, 4000000000/day"),
            ("FILMGATE_LIMITS__FLOOD", "1000000/second"),
            ("FILMGATE_LIMITS__STORAGE_TIMEOUT", "1000"),
            ("FILMGATE_LOG__LEVEL", "error"),
        ],
    );
    let proxy = Proxy::start(cluster.addresses()).expect("haproxy");
    proxy.until_it_answers().await;
    let addresses = cluster.addresses();
    let filmgates: Vec<String> = cluster.servers.iter().map(|server| server.process().to_string()).collect();
    let (database_process, storage_process) = ([postgres.process()], [redis.process()]);
    let parts: [&[String]; 5] = [
        &filmgates,
        &database_process,
        &storage_process,
        &[proxy.keeper.id().to_string()],
        &[std::process::id().to_string()],
    ];
    println!(
        "  limits {}: processor time a request of filmgate, PostgreSQL, Redis, HAProxy and the load\n",
        if in_redis { "in Redis" } else { "off" }
    );
    println!("  | | servers | requests/s | p99 | filmgate | PostgreSQL | Redis | HAProxy | load |");
    println!("  |---|---|---|---|---|---|---|---|---|");
    let (mut failed, mut likes) = (0, 0);
    for (name, request) in ASKED {
        for (servers, targets) in [
            ("1", &addresses[..1]),
            ("2", &addresses[..2]),
            ("3", &addresses[..]),
            ("3 behind HAProxy", &[proxy.address]),
        ] {
            let mut rounds = Vec::new();
            for _ in 0..ROUNDS {
                let before = parts.map(cpu::used);
                let (answered, p99, faults) = load(targets, request).await;
                let after = parts.map(cpu::used);
                failed += faults;
                likes += if request == LIKE { answered } else { 0 };
                let requests = u32::try_from(answered.max(1)).expect("few");
                let each = |place: usize| after[place].saturating_sub(before[place]) / requests;
                rounds.push((answered, p99, [0, 1, 2, 3, 4].map(each)));
            }
            rounds.sort_by_key(|(answered, ..)| *answered);
            let (answered, p99, each) = rounds[ROUNDS / 2];
            let micros =
                |time: Duration| format!(" {}.{} µs |", time.as_micros(), time.as_nanos() / 100 % 10);
            let each = each.map(micros).concat();
            let second = u64::try_from(answered).expect("few") / TIME.as_secs();
            println!("  | {name} | {servers} | {second} | {p99:.1?} |{each}");
        }
    }
    println!();
    let bytes =
        count(&database, "SELECT pg_total_relation_size('vote') / GREATEST(COUNT(*), 1) FROM vote").await;
    println!("  a vote takes {bytes} bytes in PostgreSQL, with its indexes");
    let counted = count(&database, "SELECT likes FROM film WHERE id = 7").await;
    promise("no request fails", failed == 0)
        & promise("each like counts once", usize::try_from(counted).is_ok_and(|counted| counted == likes))
}

/// How many were answered, how long they took, and how many were not. All of it counts, so that it is what processor
/// time is divided by.
async fn load(targets: &[SocketAddr], request: &'static str) -> (usize, Duration, usize) {
    let mut loads = tokio::task::JoinSet::new();
    for target in targets {
        let load = Load {
            target: *target,
            source: 1,
            connections: CONNECTIONS / targets.len(),
            request,
            pause: Duration::ZERO,
            pause_refused: Duration::ZERO,
            time: TIME,
        };
        loads.spawn(load.run_whole());
    }
    let mut seen = crate::client::Seen::default();
    while let Some(part) = loads.join_next().await {
        seen.add(part.expect("no panic"));
    }
    let p99 = seen.percentile(99);
    (seen.good.len(), p99, seen.failed + seen.refused)
}
