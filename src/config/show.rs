//! The configuration that is in effect, as a file that can be read back.

use toml::Value;

use super::load::Loaded;
use super::secret_url::SecretUrl;
use super::section::Setting;
use super::settings::Config;

/// A configuration that cannot be written as TOML: a fault of ours.
#[derive(Debug, thiserror::Error)]
#[error("the configuration cannot be shown: {0}")]
pub struct ShowError(#[from] toml::ser::Error);

/// Every key with its value and where that comes from; a key that is not set is a comment. Passwords are masked.
///
/// # Errors
/// None that a test has seen: each value that loads can be written.
pub fn show(loaded: &Loaded) -> Result<String, ShowError> {
    let values = Value::try_from(&loaded.config)?;
    let version = env!("CARGO_PKG_VERSION");
    let mut lines = vec![format!("# The configuration of filmgate {version}, as it is in effect.")];
    let config = &loaded.config;
    for (key, url) in [
        ("database_url", Some(&config.database_url)),
        ("copy_to", config.copy_to.as_ref()),
        ("limits.storage", Some(&config.limits.storage)),
    ] {
        if url.is_some_and(SecretUrl::has_secret) {
            lines.push(format!("# {key} is masked: put its password back before this is used as a file."));
        }
    }
    lines.push(String::new());
    let mut section = "";
    for Setting { key, .. } in Config::declared() {
        let (place, name) = key.rsplit_once('.').unwrap_or(("", key));
        if place != section {
            section = place;
            lines.push(format!("\n[{section}]"));
        }
        lines.push(match key.split('.').try_fold(&values, |value, name| value.get(name)) {
            Some(value) => format!("{name} = {value} # {}", loaded.sources.of(key)),
            None => format!("# {name} is not set"),
        });
    }
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use toml::Table;

    use super::*;

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
    fn what_is_written_is_a_setting() {
        let mut written = Vec::new();
        names("", &Table::try_from(Config::default()).expect("a table"), &mut written);
        assert!(written.len() > 50, "{written:?}");
        for key in &written {
            assert!(Config::setting(key).is_some(), "{key}");
        }
    }
}
