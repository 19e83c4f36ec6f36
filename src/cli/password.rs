//! Passwords for commands: typed unseen, or one line from standard input. Never an argument or a variable, which other
//! people on the machine, histories and crash reports may see.

use std::io::{BufRead, IsTerminal as _, stdin};

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

use super::output::Failure;

/// Bytes of a line: more than any password has.
const LONGEST: u64 = 4_096;

#[derive(Debug, Args)]
pub(super) struct Source {
    /// Read the password as one line from standard input instead of asking for it
    #[arg(long)]
    password_stdin: bool,
}

/// A new password, typed twice.
pub(super) fn read(source: &Source) -> Result<SecretString, Failure> {
    if source.password_stdin {
        return read_line(stdin().lock());
    }
    if !stdin().is_terminal() {
        return Err(Failure::wrong_use(
            &"there is no terminal to type the password at; send it as one line with --password-stdin",
        ));
    }
    let password = ask("Password: ")?;
    if ask("The same again: ")?.expose_secret() == password.expose_secret() {
        return Ok(password);
    }
    Err(Failure::failed(&"these are two different passwords; nothing was changed"))
}

fn ask(prompt: &str) -> Result<SecretString, Failure> {
    Ok(rpassword::prompt_password(prompt)?.into())
}

/// The first line, without its end.
fn read_line(from: impl BufRead) -> Result<SecretString, Failure> {
    let mut line = String::new();
    // Neither error tells anything of what was read.
    let read = from.take(LONGEST + 1).read_line(&mut line);
    let line = SecretString::from(line);
    if read? > usize::try_from(LONGEST).unwrap_or(usize::MAX) {
        return Err(Failure::wrong_use(&"the line on standard input is longer than any password"));
    }
    let text = line.expose_secret();
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(Failure::wrong_use(&"there is no password on standard input"));
    }
    Ok(text.into())
}
