//! The tests of filmgate: they drive the same app that production builds, a few of them over real sockets.

#![expect(clippy::expect_used, reason = "in a test, a panic is how a fault is told")]
#![expect(clippy::format_collect, clippy::format_push_string, reason = "short texts, made once")]
#![expect(clippy::too_many_lines, reason = "a table of cases is as long as it is")]

mod support;

mod accounts;
mod admin;
mod clients;
mod cluster;
mod commands;
mod films;
mod graphql;
mod headers;
mod limits;
mod live;
mod logs;
mod pages;
mod parity;
mod project;
mod promises;
mod rest;
mod server;
mod storage;
mod transfer;
