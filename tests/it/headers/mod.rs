//! What every answer carries, and what browsers may do.

mod browser;
mod compression;
mod cross_site;
mod every_answer;
mod host;
mod newlines;
mod query_method;
