//! What a command writes.

use super::failure::Failure;

/// Writes a line to standard error: what a person should read beside what a program takes from standard output.
pub(super) fn note(text: &str) -> Result<(), Failure> {
    use std::io::{Write as _, stderr};
    writeln!(stderr(), "{text}").map_err(|error| Failure::failed(&error))
}

/// Writes to standard output. A closed pipe (`filmgate schema | head`) is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    use std::io::{ErrorKind, Write as _, stdout};
    match stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::failed(&error)),
        _ => Ok(()),
    }
}
