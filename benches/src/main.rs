//! How fast filmgate is: instructions a request, the files that a like passes, and load beside yardsticks.
//!
//! ```text
//! instructions  rows of callgrind, held against instructions.json, and the heaviest documents
//! cycles        where they are spent, by crate
//! files         the files of src with instructions in the record of one like, kept in files.json
//! load          ours and the yardsticks under load in one run, for docs/performance.md
//! million       a catalogue of a million films
//! serve         a yardstick: reads, or votes over a database
//! ```
//!
//! filmgate itself is the binary beside this one: both are built with the profile `measured`, which is `dist` with
//! the lines that a record names.

#![expect(clippy::expect_used, reason = "in a measurement, a panic is how a fault is told")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "figures are what it is for")]

mod callgrind;
#[path = "../../tests/reliability/client.rs"]
#[expect(dead_code, reason = "its load waits between requests, and ours does not")]
mod client;
mod cycles;
mod document;
mod files;
mod heaviest;
mod instructions;
mod load;
mod machine;
mod measure;
mod million;
mod plot;
mod requests;
mod server;
mod store;
mod yardsticks;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let good = match words[..] {
        ["serve", "reads"] => yardsticks::reads::serve(),
        ["serve", "votes", database] => yardsticks::votes::serve(database),
        ["instructions"] => instructions::check(),
        ["instructions", "accept"] => instructions::accept(),
        ["cycles"] => cycles::run(),
        ["files"] => files::run(),
        ["million"] => million::run(),
        ["load"] => load::run(None),
        ["load", before] => load::run(Some(before)),
        _ => {
            eprintln!("benches instructions [accept] | cycles | files | million | load [BINARY-OF-BEFORE]");
            false
        }
    };
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
