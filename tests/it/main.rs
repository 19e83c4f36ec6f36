//! The tests of filmgate: they drive the same app that production builds, a few of them over real sockets.

#![expect(clippy::expect_used, reason = "in a test, a panic is how a fault is told")]
#![expect(clippy::format_collect, clippy::format_push_string, reason = "short texts, made once")]
#![expect(clippy::too_many_lines, reason = "a table of cases is as long as it is")]

mod support;

mod architecture;
mod audits;
mod authz;
mod browser;
mod cli;
mod connections;
mod crash;
mod documented;
mod drain;
mod drift;
mod films;
mod graphql;
mod health;
mod http2;
mod limits;
mod logs;
mod nesting;
mod overload;
mod parity;
mod random;
mod readme;
mod votes;
