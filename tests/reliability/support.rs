//! Servers, databases and people, as the tests have them.

#![expect(dead_code, reason = "the tests use more of it")]

#[path = "../it/support/clock.rs"]
mod clock;
#[path = "../it/support/cluster.rs"]
mod cluster;
#[path = "../it/support/postgres.rs"]
mod postgres;
#[path = "../it/support/proxy.rs"]
mod proxy;
#[path = "../it/support/redis.rs"]
mod redis;
#[path = "../it/support/server.rs"]
mod server;
#[path = "../it/support/signed.rs"]
mod signed;
#[path = "../it/support/store.rs"]
mod store;
#[path = "../it/support/voters.rs"]
mod voters;

pub(crate) use self::redis::Redis;
pub(crate) use clock::ManualClock;
pub(crate) use cluster::Cluster;
pub(crate) use postgres::Postgres;
pub(crate) use proxy::Proxy;
pub(crate) use server::Server;
pub(crate) use signed::{Signed, keys_of};
pub(crate) use store::count;
pub(crate) use voters::{Voters, Votes};

/// Figures without a part of the set-up would be mistaken for all of them.
fn skip(why: &str) {
    panic!("needed, but missing: {why}");
}
