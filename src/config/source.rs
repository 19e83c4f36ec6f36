//! Where each value comes from, for who wonders why it is not the one that he wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// The place of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source<'a> {
    Default,
    File(&'a Path),
    /// With the name of the variable.
    Variable(&'a str),
    /// With its name, without the dashes.
    Flag(&'a str),
}

/// What was read, and which keys it set. Names only: a value may be a secret.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    pub(super) file: Option<PathBuf>,
    /// Keys.
    pub(super) in_file: BTreeSet<String>,
    /// Key and variable.
    pub(super) variables: BTreeMap<String, String>,
    /// Key and flag.
    pub(super) flags: BTreeMap<&'static str, &'static str>,
}

impl Sources {
    /// The one that counts, which is the last that sets the key.
    #[must_use]
    pub fn of(&self, key: &str) -> Source<'_> {
        if let Some(flag) = self.flags.get(key) {
            return Source::Flag(flag);
        }
        if let Some(variable) = self.variables.get(key) {
            return Source::Variable(variable);
        }
        match &self.file {
            Some(file) if self.in_file.contains(key) => Source::File(file),
            _ => Source::Default,
        }
    }

    /// The file that was read.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The variables that set a key.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.values().map(String::as_str)
    }
}

impl fmt::Display for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            // Escaped, so that it stays on one line whatever the file is called.
            Self::File(file) => write!(f, "file {:?}", file.to_string_lossy()),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Flag(name) => write!(f, "flag --{name}"),
        }
    }
}
