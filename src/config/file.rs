//! The configuration file, before it is layered with anything.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use config::{File, FileFormat, FileSourceString, Source as _, ValueKind};

use super::error::{Error, explain, suggestion};
use super::keys::KEYS;

/// Read when it is there and no other file is named.
const DEFAULT_FILE: &str = "filmgate.toml";

/// A file that is TOML and names no unknown key.
pub(super) struct ConfigFile {
    pub path: PathBuf,
    pub content: File<FileSourceString, FileFormat>,
    /// The keys that it sets.
    pub keys: BTreeSet<String>,
}

/// Reads the file that is named, or the usual one where there is one.
pub(super) fn read(named: Option<&Path>) -> Result<Option<ConfigFile>, Error> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE)).to_owned();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => return Ok(None),
        Err(error) => {
            return Err(Error(format!("the configuration file {} cannot be read: {error}", path.display())));
        }
    };
    refuse_other_than_toml(&path, &text)?;
    let content = File::from_str(&text, FileFormat::Toml);
    let table = content.collect().map_err(|error| explain(&error))?;
    let (mut keys, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    for (name, value) in table {
        sort_key(&name, &value.kind, &mut keys, &mut unknown);
    }
    match unknown.first() {
        Some(key) => {
            Err(Error(format!("unknown configuration key {key} in {}{}", path.display(), suggestion(key))))
        }
        None => Ok(Some(ConfigFile { path, content, keys })),
    }
}

/// The place and the fault, without the line itself, which the parser would print: a password may stand in it.
fn refuse_other_than_toml(path: &Path, text: &str) -> Result<(), Error> {
    let Err(error) = text.parse::<toml::Table>() else {
        return Ok(());
    };
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    Err(Error(format!(
        "the configuration file {} is not TOML: line {}, column {}: {}",
        path.display(),
        before.matches('\n').count() + 1,
        before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
        error.message().replace('\n', " "),
    )))
}

fn sort_key(path: &str, value: &ValueKind, known: &mut BTreeSet<String>, unknown: &mut BTreeSet<String>) {
    if KEYS.iter().any(|(key, ..)| *key == path) {
        known.insert(path.to_owned());
        return;
    }
    match value {
        ValueKind::Table(table) if is_section(path) => {
            for (name, value) in table {
                sort_key(&format!("{path}.{name}"), &value.kind, known, unknown);
            }
        }
        _ => {
            unknown.insert(path.to_owned());
        }
    }
}

fn is_section(path: &str) -> bool {
    KEYS.iter().any(|(key, ..)| key.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}
