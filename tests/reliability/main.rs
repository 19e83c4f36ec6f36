//! What the house withstands, measured: run by `make reliability` against a build of the profile `dist`, never by `make test`.
//!
//! Each section starts servers of its own on loopback, prints what it saw, and holds it against what is promised; the
//! programme fails when a promise is broken. `docs/reliability.md` keeps the figures of one run.

#![expect(clippy::expect_used, reason = "in a measurement, a panic is how a fault is told")]
#![expect(clippy::print_stdout, reason = "figures are what it is for")]

mod addresses;
mod client;
mod cluster;
mod cpu;
mod drain;
mod flood;
mod kill;
mod live;
mod overload;
mod rolling;
mod scale;
mod sign_in;
mod slow;
mod support;
mod target;
mod tls;

use std::process::ExitCode;

/// A section: its name, and what it measures.
type Section = (&'static str, fn() -> bool);

const SECTIONS: [Section; 12] = [
    ("addresses", addresses::run),
    ("slow", slow::run),
    ("flood", flood::run),
    ("overload", overload::run),
    ("drain", drain::run),
    ("kill", kill::run),
    ("tls", tls::run),
    ("sign_in", sign_in::run),
    ("live", live::run),
    ("cluster", cluster::run),
    ("rolling", rolling::run),
    ("scale", scale::run),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let mut held = true;
    for (name, run) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            println!("\n== {name}");
            held &= run();
        }
    }
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints a promise and whether it was held.
fn promise(text: &str, held: bool) -> bool {
    println!("  {} {text}", if held { "held:  " } else { "BROKEN:" });
    held
}

/// A runtime for the load, beside the server's own process.
fn block_on<T>(load: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(load)
}
