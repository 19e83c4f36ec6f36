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
        if let Some(setting) = Config::setting(&key) {
            setting.check_value(value)?;
            sources.set.push((key, Source::File(path.to_owned())));
            continue;
        }
        let within = Config::declared().find(|setting| setting.key.starts_with(&inner));
        match (value, within) {
            (Value::Table(table), Some(_)) => read_keys(&inner, table, path, sources)?,
            (_, Some(within)) => {
                return Err(Error::value(
                    &key,
                    format!("is a table; write [{key}], and below it its keys, such as {}", within.key),
                ));
            }
            _ => {
                let known = meant(&key).map_or_else(String::new, |known| format!("; did you mean {known}?"));
                return Err(Error(format!("unknown configuration key {key} in {}{known}", path.display())));
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

/// The key that is the same but for how its parts are joined, that has the same last part, or that is the most alike.
pub(super) fn meant(key: &str) -> Option<&'static str> {
    // As others call them.
    if let Some((_, known)) = OTHERS.iter().find(|(other, _)| *other == key) {
        return Some(known);
    }
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let joined = |key: &str| key.replace('.', "_");
    let best = Config::declared()
        .map(|setting| {
            let same = last(key) == last(setting.key) || joined(key) == joined(setting.key);
            (strsim::jaro_winkler(key, setting.key) + f64::from(u8::from(same)), setting.key)
        })
        .max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(score, _)| *score > 0.85).map(|(_, known)| known)
}
