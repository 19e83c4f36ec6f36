//! Where each value comes from, for whoever wonders why it is not the one that they wrote.

use std::fmt;
use std::path::{Path, PathBuf};

/// The place of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Default,
    File(PathBuf),
    /// With the name of the variable.
    Variable(String),
    /// With its name, without the dashes.
    Flag(&'static str),
}

/// What was read, and which keys it set. Names only: a value may be a secret.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    pub(super) file: Option<PathBuf>,
    /// Keys, each with what sets it. What comes later counts.
    pub(super) set: Vec<(String, Source)>,
}

impl Sources {
    /// The one that counts, which is the last that sets the key.
    #[must_use]
    pub fn of(&self, key: &str) -> &Source {
        self.set.iter().rfind(|(set, _)| set == key).map_or(&Source::Default, |(_, source)| source)
    }

    /// The file that was read.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The variables that set a key.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.set.iter().filter_map(|(_, source)| match source {
            Source::Variable(name) => Some(&**name),
            _ => None,
        })
    }
}

impl fmt::Display for Source {
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
