//! Whether the Redis that limits are kept in is there, counts by the right time, and forgets nothing.

use std::time::Duration;

use redis::{Client, RedisError};
use tokio::time::timeout;

use super::clock::beside;
use super::finding::Finding;
use crate::clock::Clock;
use crate::config::Limits;
use crate::limits::{Storage, try_draw};

const CHECK: &str = "limits";
const PATIENCE: Duration = Duration::from_secs(3);
/// The first number of the oldest version with users whose rights can be bounded, as docs/limits.md has them.
const OLDEST: u32 = 6;
const APART: &str = "each server counts by itself, and lets only its share of each limit pass";

pub(super) async fn examine(limits: &Limits, clock: &dyn Clock) -> Vec<Finding> {
    let Ok(Storage::Redis(client)) = limits.storage() else { return Vec::new() };
    if !limits.enabled {
        return Vec::new();
    }
    let (before, asked) = (clock.now_ms(), timeout(PATIENCE, ask(&client)).await);
    let answer = match asked {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    };
    match answer {
        Ok(Told { about, time, drawn }) => {
            judge(&about, drawn).into_iter().chain([beside("Redis", before, clock.now_ms(), time)]).collect()
        }
        Err(error) => {
            let what = format!("Redis at {} cannot be asked: {error}", limits.storage);
            let cure = "start it, see limits.storage, and let its user run INFO and TIME";
            vec![Finding::error(CHECK, what, APART, cure)]
        }
    }
}

struct Told {
    /// What it tells of itself.
    about: String,
    /// Milliseconds.
    time: i64,
    /// Whether a charge would come through, and why not.
    drawn: Result<(), String>,
}

async fn ask(client: &Client) -> Result<Told, RedisError> {
    let mut connection = client.get_multiplexed_async_connection().await?;
    let about = redis::cmd("INFO").query_async(&mut connection).await?;
    let (seconds, micros): (i64, i64) = redis::cmd("TIME").query_async(&mut connection).await?;
    let drawn = try_draw(&mut connection).await.map_err(|error| error.to_string());
    Ok(Told { about, time: seconds * 1_000 + micros / 1_000, drawn })
}

fn judge(about: &str, drawn: Result<(), String>) -> Vec<Finding> {
    let told = |name: &str| {
        let mut lines = about.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| *known == name).map_or("", |(_, value)| value.trim())
    };
    let version = told("redis_version");
    let policy = told("maxmemory_policy");
    let mut findings = Vec::new();
    if let Err(why) = drawn {
        let cure =
            "give its user the rights that docs/limits.md names, and Redis the memory that it may take";
        findings.push(Finding::error(CHECK, format!("Redis takes no charge: {why}"), APART, cure));
    }
    if version
        .split('.')
        .next()
        .and_then(|number| number.parse().ok())
        .is_some_and(|number: u32| number < OLDEST)
    {
        let what = format!("Redis {version} is older than those that limits are made for");
        findings.push(Finding::warning(CHECK, what, APART, format!("take Redis {OLDEST} or a later one")));
    }
    if told("cluster_enabled") == "1" {
        let cure = "take a Redis that is no cluster; one counts more than ten thousand calls a second";
        findings.push(Finding::error(
            CHECK,
            "Redis is a node of a cluster, which limits do not know",
            APART,
            cure,
        ));
    }
    if told("role") == "slave" {
        let cure = "let limits.storage name the Redis that is written to";
        findings.push(Finding::error(CHECK, "Redis is a replica, which takes nothing", APART, cure));
    }
    if !matches!(policy, "noeviction" | "") {
        findings.push(Finding::warning(
            CHECK,
            format!("Redis forgets keys when its memory is full (maxmemory-policy {policy})"),
            "whoever is forgotten has all of their limits again",
            "set maxmemory-policy noeviction: when memory is full, servers count by themselves until it is not",
        ));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, format!("Redis {version} counts, and forgets nobody")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Level;

    #[test]
    fn what_redis_tells_of_itself_is_judged() {
        const WELL: &str =
            "# Server\r\nredis_version:7.0.15\r\nrole:master\r\nmaxmemory_policy:noeviction\r\n";
        for (from, to, level) in [
            ("", "", Level::Ok),
            ("7.0.15", "6.0.0", Level::Ok),
            ("7.0.15", "5.0.14", Level::Warning),
            ("7.0.15", "10.1.0", Level::Ok),
            ("noeviction", "allkeys-lru", Level::Warning),
            ("noeviction", "volatile-ttl", Level::Warning),
            ("role:master", "role:slave", Level::Error),
            ("# Server", "cluster_enabled:1", Level::Error),
            ("# Server", "cluster_enabled:0", Level::Ok),
        ] {
            let findings = judge(&WELL.replace(from, to), Ok(()));
            assert_eq!(findings.iter().map(|finding| finding.level).collect::<Vec<_>>(), [level], "{to}");
        }
    }
}
