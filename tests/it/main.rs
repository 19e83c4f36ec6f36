//! The tests of filmgate: they drive the same app that production builds, a few of them over real sockets.

#![expect(clippy::expect_used, reason = "in a test, a panic is how a fault is told")]
#![expect(clippy::format_collect, clippy::format_push_string, reason = "short texts, made once")]
#![expect(clippy::too_many_lines, reason = "a table of cases is as long as it is")]

mod support;

mod account_command;
mod accounts;
mod architecture;
mod audit_events;
mod audits;
mod authz;
mod bearer;
mod bombs;
mod browser;
mod canary;
mod changes;
mod cli;
mod clients;
mod config_command;
mod connections;
mod container;
mod crash;
mod doctor;
mod documented;
mod drain;
mod drift;
mod export;
mod film_command;
mod films;
mod framing;
mod graphql;
mod graphql_limits;
mod headers;
mod health;
mod healthcheck;
mod http2;
mod import;
mod issuer;
mod issuer_keys;
mod keys;
mod limits;
mod live_abuse;
mod log_lines;
mod logs;
mod migrate;
mod nesting;
mod overload;
mod pages;
mod parity;
mod parity_accounts;
mod playground;
mod postgres;
mod random;
mod readme;
mod security_doc;
mod sessions;
mod sign_in_abuse;
mod signed_votes;
mod sse;
mod subscriptions;
mod tls;
mod tls_plain;
mod tls_reload;
mod tls_start;
mod update_film;
mod votes;
mod websocket;
