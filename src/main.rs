//! The `filmgate` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    filmgate::cli::run()
}
