//! kill -9 of one of three servers, of their PostgreSQL and of their Redis, amid votes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::support::{Cluster, Postgres, Redis, Signed, Voters, Votes, count, keys_of};
use crate::{block_on, promise};

const ROUNDS: u64 = 20;
/// What one client may do in a day, whichever server is asked.
const BUDGET: u64 = 2_000;
/// One at each server, one call after the other.
const SPENDERS: u64 = 3;

/// With accounts.
const PEOPLE: usize = 8;

/// What is killed.
#[derive(Clone, Copy, PartialEq)]
enum Killed {
    Server,
    Postgres,
    Redis,
}

pub(crate) fn run() -> bool {
    block_on(async {
        kills("one of three servers", Killed::Server).await
            & kills("their PostgreSQL", Killed::Postgres).await
            & kills("their Redis", Killed::Redis).await
    })
}

async fn kills(what: &str, killed: Killed) -> bool {
    let mut postgres = Postgres::start("on").expect("PostgreSQL");
    let mut redis = Redis::start(&[]).expect("Redis");
    redis.say(0, &["PING"]).await;
    let database = postgres.database().await;
    let budget = format!("{BUDGET}/day");
    let mut cluster = Cluster::start(
        &database,
        &redis.url(0),
        &[
            // Votes are drawn in Redis too, and pass.
            ("FILMGATE_LIMITS__FILM", "1000000/second"),
            ("FILMGATE_LIMITS__BROWSE", &budget),
            ("FILMGATE_LIMITS__FLOOD", "1000000/second"),
            ("FILMGATE_LIMITS__STORAGE_TIMEOUT", "1000"),
            ("FILMGATE_LOG__LEVEL", "error,filmgate::limits=info"),
        ],
    );
    let folder = TempDir::new().expect("a folder");
    let keys = keys_of(PEOPLE, folder.path(), &database);
    let urls = cluster.urls();
    let signed = Signed::start(&urls, &keys);
    let voters = urls.each_ref().map(|url| Voters::start(url, true));
    let spent = (killed == Killed::Redis).then(|| Spenders::start(&urls));
    let (mut own, mut recoveries) = (Votes::default(), Vec::new());
    for round in 0..ROUNDS {
        sleep(Duration::from_millis(150 + round * 37 % 400)).await;
        let number = usize::try_from(round % 3).expect("few");
        match killed {
            Killed::Server => cluster.servers[number].kill_now(),
            Killed::Postgres => postgres.kill(),
            Killed::Redis => redis.kill(),
        }
        sleep(Duration::from_millis(300)).await;
        if killed == Killed::Redis {
            until("the loss is told", || told(&cluster, "Redis does not count") > round).await;
        }
        let mut begin = Instant::now();
        match killed {
            Killed::Server => {
                tokio::task::block_in_place(|| cluster.start_again(number, &Cluster::program()));
                own += first_vote(&urls[number]).await;
            }
            Killed::Postgres => {
                // What it takes to recover is its own affair.
                postgres.restart().await;
                begin = Instant::now();
                for url in &urls {
                    own += first_vote(url).await;
                }
            }
            Killed::Redis => {
                redis.start_again();
                until("together again", || told(&cluster, "Redis counts limits again") > round).await;
            }
        }
        recoveries.push(begin.elapsed());
    }
    let passed = match spent {
        Some(spenders) => Some(spenders.stop().await),
        None => None,
    };
    for voters in voters {
        own += voters.stop().await;
    }
    let exact = signed.stop().await;
    let ask = async |sql: &str| u64::try_from(count(&database, sql).await).expect("a count");
    let anonymous = ask("SELECT COUNT(*) FROM vote WHERE voter IS NULL").await;
    let by_account = ask("SELECT COUNT(*) FROM vote WHERE voter IS NOT NULL").await;
    let pairs = ask("SELECT COUNT(DISTINCT (voter, film_id)) FROM vote WHERE voter IS NOT NULL").await;
    let counted = ask("SELECT CAST(SUM(likes + dislikes) AS bigint) FROM film").await;
    recoveries.sort_unstable();
    let worst = *recoveries.last().expect("some");
    println!(
        "  {what}, killed {ROUNDS} times: {} votes sent, {} acknowledged, {anonymous} on disk; \
         of accounts {exact} acknowledged, {by_account} on disk",
        own.sent, own.acknowledged
    );
    println!("  back after {:.2?} (median) and {worst:.2?} (worst)", recoveries[recoveries.len() / 2]);
    let kept = promise(
        "nothing acknowledged is lost, nothing is counted twice",
        (own.acknowledged..=own.sent).contains(&anonymous)
            && (by_account, pairs) == (exact, exact)
            && counted == anonymous + by_account
            && own.acknowledged > 1_000
            && exact > 100,
    );
    let most = if killed == Killed::Redis { 10 } else { 5 };
    let back = promise(&format!("each time back within {most} s"), worst < Duration::from_secs(most));
    let Some((passed, refused, failed)) = passed else { return kept & back };
    // Each time, a server does not know of what the others let pass since its last call, and of its share one call is more.
    let bound = BUDGET + ROUNDS * 2 * SPENDERS;
    println!(
        "  one client over all three: {passed} calls of a budget of {BUDGET} passed, {refused} were refused"
    );
    kept & back
        & promise(
            &format!("all of a budget passes, and at most {bound}"),
            (BUDGET..=bound).contains(&passed) && refused > 0,
        )
        & promise("no call fails", failed == 0)
}

/// How many times the server that is behind the others has said so since it was started.
fn told(cluster: &Cluster, what: &str) -> u64 {
    let said = |line: &&Value| line["message"].as_str().is_some_and(|message| message.starts_with(what));
    let counts = cluster.servers.each_ref().map(|server| server.log().iter().filter(said).count());
    u64::try_from(*counts.iter().min().expect("three")).expect("few")
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if holds() {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

/// Votes until one is acknowledged.
async fn first_vote(url: &str) -> Votes {
    let client = Client::new();
    let mut votes = Votes::default();
    for _ in 0..4_000 {
        votes.sent += 1;
        let answer = client.post(format!("{url}/v1/films/6/like")).send().await;
        if answer.is_ok_and(|answer| answer.status() == 200) {
            votes.acknowledged += 1;
            return votes;
        }
        sleep(Duration::from_millis(5)).await;
    }
    panic!("never: a vote at {url}");
}

/// One client that spends its budget at all three.
struct Spenders {
    enough: Arc<AtomicBool>,
    counts: Arc<[AtomicU64; 3]>,
    tasks: JoinSet<()>,
}

impl Spenders {
    fn start(urls: &[String; 3]) -> Self {
        let (enough, counts) = (Arc::<AtomicBool>::default(), Arc::<[AtomicU64; 3]>::default());
        let mut tasks = JoinSet::new();
        for url in urls {
            let (url, enough, counts) =
                (format!("{url}/v1/films/1"), Arc::clone(&enough), Arc::clone(&counts));
            tasks.spawn(async move {
                let client = Client::new();
                while !enough.load(Ordering::SeqCst) {
                    let answer = client.get(&url).header("x-forwarded-for", "192.0.2.1").send().await;
                    let place = match answer.map(|answer| answer.status().as_u16()) {
                        Ok(200) => 0,
                        Ok(429) => 1,
                        _ => 2,
                    };
                    counts[place].fetch_add(1, Ordering::SeqCst);
                    sleep(Duration::from_millis(30)).await;
                }
            });
        }
        Self { enough, counts, tasks }
    }

    /// Goes on until the budget is spent: passed, refused and failed.
    async fn stop(self) -> (u64, u64, u64) {
        let counts = Arc::clone(&self.counts);
        until("the budget is spent", || counts[1].load(Ordering::SeqCst) > 100).await;
        self.enough.store(true, Ordering::SeqCst);
        self.tasks.join_all().await;
        let of = |place: usize| counts[place].load(Ordering::SeqCst);
        (of(0), of(1), of(2))
    }
}
