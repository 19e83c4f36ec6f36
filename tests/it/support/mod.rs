//! What the tests stand on.

mod app;
mod clock;
mod live;
mod server;

pub(crate) use app::{Answer, TestApp, UNLIMITED, limits};
pub(crate) use clock::ManualClock;
pub(crate) use live::{Live, Wire, code};
pub(crate) use server::Server;

/// Whether a test whose outside help is missing may skip. It says so; under `TEST_REQUIRE_SERVICES=1` it fails.
pub(crate) fn skip(why: &str) {
    assert!(std::env::var_os("TEST_REQUIRE_SERVICES").is_none(), "required, but missing: {why}");
    #[expect(clippy::print_stderr, reason = "a skipped test must be heard")]
    {
        eprintln!("SKIPPED: {why}");
    }
}
