//! `make reliability`: what happens to the real program under bad clients, too many clients, and death. Prints figures,
//! and ends with 1 when a promise does not hold. Names of sections as arguments run only those.

#![expect(clippy::expect_used, reason = "a panic is how a broken set-up is told")]
#![expect(clippy::print_stdout, reason = "figures are what this is for")]

mod kill;
mod support;

use std::process::ExitCode;

/// One row of figures.
fn tell(line: &str) {
    println!("- {line}");
}

/// What did not hold.
#[derive(Default)]
struct Findings {
    broken: Vec<String>,
}

impl Findings {
    /// A promise, kept or not.
    fn hold(&mut self, promise: &str, kept: bool) {
        println!("- {promise}: {}", if kept { "yes" } else { "NO" });
        if !kept {
            self.broken.push(promise.to_owned());
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut findings = Findings::default();
    // Cargo adds flags of its own.
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |section: &str| wanted.is_empty() || wanted.iter().any(|name| name == section);
    if is_wanted("kill") {
        kill::run(&mut findings).await;
    }
    if findings.broken.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("\nBroken: {}", findings.broken.join("; "));
    ExitCode::FAILURE
}
