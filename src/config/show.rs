//! The configuration that is in effect, as a file that can be read back.

use toml::{Table, Value};

use super::keys::KEYS;
use super::load::Loaded;

/// A configuration that cannot be written as TOML: a fault of ours.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be shown: {0}")]
pub struct ShowError(#[from] toml::ser::Error);

/// Every key with its value and where that comes from; a key that is not set is a comment. Passwords are masked.
///
/// # Errors
/// None that a test has seen: each value that loads can be written.
pub fn show(loaded: &Loaded) -> Result<String, ShowError> {
    let table = Table::try_from(&loaded.config)?;
    let version = env!("CARGO_PKG_VERSION");
    let mut lines = vec![format!("# The configuration of filmgate {version}, as it is in effect.")];
    if loaded.config.database_url.has_secret() {
        lines.push(
            "# database_url is masked: put its password back before this is used as a file.".to_owned(),
        );
    }
    for section in sections() {
        lines.push(String::new());
        if !section.is_empty() {
            lines.push(format!("[{section}]"));
        }
        for (key, ..) in KEYS.iter().filter(|(key, ..)| split(key).0 == section) {
            let name = split(key).1;
            lines.push(match find(&table, key) {
                Some(value) => format!("{name} = {value} # {}", loaded.sources.of(key)),
                None => format!("# {name} is not set"),
            });
        }
    }
    Ok(lines.join("\n") + "\n")
}

/// In the order of the keys, but keys without a section first: TOML can name them nowhere else.
fn sections() -> Vec<&'static str> {
    let mut sections = vec![""];
    for (key, ..) in KEYS {
        let section = split(key).0;
        if !sections.contains(&section) {
            sections.push(section);
        }
    }
    sections
}

fn split(key: &str) -> (&str, &str) {
    key.rsplit_once('.').unwrap_or(("", key))
}

fn find<'a>(table: &'a Table, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        Some((section, rest)) => find(table.get(section)?.as_table()?, rest),
        None => table.get(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn names(path: &str, table: &Table, found: &mut Vec<String>) {
        for (name, value) in table {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            match value {
                Value::Table(table) => names(&path, table, found),
                _ => found.push(path),
            }
        }
    }

    #[test]
    fn what_is_written_and_what_is_documented_are_the_same_keys() {
        let mut written = Vec::new();
        names("", &Table::try_from(Config::default()).expect("a table"), &mut written);
        let mut documented: Vec<&str> =
            KEYS.iter().filter(|(_, default, _)| *default != "not set").map(|(key, ..)| *key).collect();
        written.sort();
        documented.sort_unstable();
        assert_eq!(written, documented);
    }
}
