//! The `filmgate` program.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A request makes some dozens of small allocations, which took a fifth of its instructions with the system's allocator.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    filmgate::cli::run()
}
