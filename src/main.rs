//! The `filmgate` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Of the instructions of a request, the system's allocator takes a fifth; this one half of that.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    filmgate::cli::run()
}
