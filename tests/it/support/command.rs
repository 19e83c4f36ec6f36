//! A command that ends by itself, and what it said.

use std::path::Path;
use std::process::Output;

use super::Server;

pub(crate) struct Told {
    pub code: Option<i32>,
    pub output: String,
    pub errors: String,
}

impl Told {
    /// Runs a command on a database.
    pub(crate) fn by(folder: &Path, database_url: &str, arguments: &[&str]) -> Self {
        Self::with(folder, database_url, arguments, "true")
    }

    /// The same where a new database stays empty.
    pub(crate) fn by_empty(folder: &Path, database_url: &str, arguments: &[&str]) -> Self {
        Self::with(folder, database_url, arguments, "false")
    }

    fn with(folder: &Path, database_url: &str, arguments: &[&str], starter: &str) -> Self {
        let variables = [("FILMGATE_DATABASE_URL", database_url), ("FILMGATE_STARTER_CATALOGUE", starter)];
        Self::of(Server::output(folder, arguments, &variables))
    }

    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code(), output: text(output.stdout), errors: text(output.stderr) }
    }

    /// What a command said that did what it was asked.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.output, self.errors);
        assert_eq!(self.errors, "", "nothing is wrong, and there is no terminal");
        self.output
    }

    /// The one line of a command that failed.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}{}", self.output, self.errors);
        assert_eq!(self.errors.lines().count(), 1, "{}", self.errors);
        for word in words {
            assert!(self.errors.contains(word), "{word:?} is not in: {}", self.errors);
        }
    }

    /// The count before a word of the summary.
    #[track_caller]
    pub(crate) fn count(&self, what: &str) -> u64 {
        let line = self
            .output
            .lines()
            .find(|line| line.trim_start().split_once(' ').is_some_and(|(_, rest)| rest.starts_with(what)))
            .unwrap_or_else(|| panic!("no {what} in: {}{}", self.output, self.errors));
        line.split_whitespace().next().expect("a count").parse().expect("a number")
    }

    /// Added, updated, duplicates, refused.
    #[track_caller]
    pub(crate) fn counts(&self) -> [u64; 4] {
        ["added", "updated", "duplicates", "refused"].map(|what| self.count(what))
    }
}
