//! A PostgreSQL server of our own, as the tests have it.

#[path = "../../tests/it/support/postgres.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod postgres;

pub(crate) use postgres::Postgres;

fn skip(why: &str) {
    eprintln!("{why}: its rows are left out.");
}
