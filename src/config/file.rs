//! The configuration file, before it is layered with anything.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use toml::{Table, Value};

use super::error::Error;
use super::settings::Config;
use super::source::{Source, Sources};

/// Read when it is there and no other file is named.
const DEFAULT_FILE: &str = "filmgate.toml";

/// Bytes of a file; every setting with its meaning takes a hundredth of it.
const LONGEST: usize = 1024 * 1024;

/// Reads the file that is named, or the usual one where there is one: TOML, in which every key is known.
pub(super) fn read(named: Option<&Path>, sources: &mut Sources) -> Result<String, Error> {
    let path = named.unwrap_or(Path::new(DEFAULT_FILE));
    let fault = |fault| Error(format!("the configuration file {} {fault}", path.display()));
    let text = match read_bounded(path) {
        Ok(text) if text.len() > LONGEST => return Err(fault(format!("is longer than {LONGEST} bytes"))),
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => return Ok(String::new()),
        Err(error) => return Err(fault(format!("cannot be read: {error}"))),
    };
    let table: Table = text.parse().map_err(|error| fault(not_toml(&text, &error)))?;
    read_keys("", &table, path, sources)?;
    sources.file = Some(path.to_owned());
    Ok(text)
}

/// One byte more than a file may have, at most: it may be one without an end.
fn read_bounded(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LONGEST as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

/// The place and the fault, without the line itself, which the parser would print: a password may stand in it.
fn not_toml(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!(
        "is not TOML: line {}, column {}: {}",
        before.matches('\n').count() + 1,
        before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
        error.message().replace('\n', " "),
    )
}

fn read_keys(prefix: &str, table: &Table, path: &Path, sources: &mut Sources) -> Result<(), Error> {
    for (name, value) in table {
        let key = format!("{prefix}{name}");
        let inner = format!("{key}.");
        match value {
            _ if Config::setting(&key).is_some() => sources.set.push((key, Source::File(path.to_owned()))),
            Value::Table(table) if Config::declared().any(|setting| setting.key.starts_with(&inner)) => {
                read_keys(&inner, table, path, sources)?;
            }
            _ => {
                let (file, known) = (path.display(), suggestion(&key));
                return Err(Error(format!("unknown configuration key {key} in {file}{known}")));
            }
        }
    }
    Ok(())
}

/// First guesses, which are like none of ours.
const OTHERS: [(&str, &str); 8] = [
    ("port", "listen"),
    ("host", "listen"),
    ("bind", "listen"),
    ("address", "listen"),
    ("database", "database_url"),
    ("db", "database_url"),
    ("proxies", "trusted_proxies"),
    ("origins", "cors.allowed_origins"),
];

/// The key with the same last part, or the most alike.
pub(super) fn suggestion(key: &str) -> String {
    // As others call them.
    if let Some((_, known)) = OTHERS.iter().find(|(other, _)| *other == key) {
        return format!("; did you mean {known}?");
    }
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let best = Config::declared()
        .map(|setting| {
            let alike = strsim::jaro_winkler(key, setting.key);
            let same = if last(key) == last(setting.key) { 1.0 } else { 0.0 };
            (alike + same, setting.key)
        })
        .max_by(|one, other| one.0.total_cmp(&other.0));
    match best {
        Some((score, known)) if score > 0.85 => format!("; did you mean {known}?"),
        _ => String::new(),
    }
}
