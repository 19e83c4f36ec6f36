//! What the tests stand on.

mod accounts;
mod app;
mod clock;
mod cluster;
mod command;
mod events;
pub(crate) mod issuer;
mod live;
mod operations;
mod postgres;
mod proxy;
mod redis;
mod server;
mod signed;
mod socket;
mod store;
mod tls;
mod voters;

pub(crate) use self::redis::Redis;
pub(crate) use accounts::{PASSWORD, header_of};
pub(crate) use app::{Answer, NOBODY, TestApp, UNLIMITED, limits};
pub(crate) use clock::ManualClock;
pub(crate) use cluster::Cluster;
pub(crate) use command::Told;
pub(crate) use events::{Events, greedy, greedy_request};
pub(crate) use live::{Live, Wire, code};
pub(crate) use operations::{fits, of_call};
pub(crate) use postgres::Postgres;
pub(crate) use proxy::Proxy;
pub(crate) use server::Server;
pub(crate) use signed::{Signed, keys_of};
pub(crate) use socket::Socket;
pub(crate) use store::{Store, count};
pub(crate) use tls::{
    Duplex, Issued, Stream, Transport, client_config, issuer, issuer_der, say, shake, shake_anybody,
    shake_with, shown, variables,
};
pub(crate) use voters::{FILMS, Voters, Votes};

/// Whether a test whose outside help is missing may skip. It says so; under `TEST_REQUIRE_SERVICES=1` it fails.
pub(crate) fn skip(why: &str) {
    assert!(std::env::var_os("TEST_REQUIRE_SERVICES").is_none(), "required, but missing: {why}");
    #[expect(clippy::print_stderr, reason = "a skipped test must be heard")]
    {
        eprintln!("SKIPPED: {why}");
    }
}

/// What stands in a table of TOML under a key with dots.
pub(crate) fn value<'a>(table: &'a toml::Table, key: &str) -> Option<&'a toml::Value> {
    match key.split_once('.') {
        Some((section, rest)) => value(table.get(section)?.as_table()?, rest),
        None => table.get(key),
    }
}
