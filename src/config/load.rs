//! Layers the sources and tells what is wrong with them.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use config::Environment;

use super::error::{Error, explain, suggestion};
use super::{Config, DatabaseUrl, KEYS, Sources, file};

const PREFIX: &str = "FILMGATE_";

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub listen: Option<String>,
    pub database_url: Option<DatabaseUrl>,
    /// `tls.mode`.
    pub tls: Option<String>,
}

/// A configuration that holds, and what the operator should hear of.
#[derive(Debug)]
pub struct Loaded {
    pub config: Config,
    pub warnings: Vec<String>,
    pub sources: Sources,
}

/// Reads file, environment and flags.
///
/// # Errors
/// For a file that cannot be read, an unknown key, or a value that is wrong.
pub fn load(flags: &Flags) -> Result<Loaded, Error> {
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(Error(format!("the variable {name} is not valid Unicode"))),
        })
        .collect::<Result<_, _>>()?;
    load_from(flags, variables)
}

fn load_from(flags: &Flags, variables: HashMap<String, String>) -> Result<Loaded, Error> {
    let file = file::read(flags.config.as_deref())?;
    let mut sources = Sources::default();
    let (known, warnings) = split_variables(variables, &mut sources.variables);
    let mut builder = config::Config::builder();
    if let Some(file) = file {
        builder = builder.add_source(file.content);
        (sources.file, sources.in_file) = (Some(file.path), file.keys);
    }
    builder = builder.add_source(Environment::default().separator("__").source(Some(known)));
    let database_url = flags.database_url.as_ref().map(|url| url.expose().to_owned());
    for (key, flag, value) in [
        ("listen", "listen", flags.listen.clone()),
        ("database_url", "database-url", database_url),
        ("tls.mode", "tls", flags.tls.clone()),
    ] {
        sources.flags.extend(value.is_some().then_some((key, flag)));
        builder = builder.set_override_option(key, value).map_err(|error| explain(&error))?;
    }
    let config: Config =
        builder.build().and_then(config::Config::try_deserialize).map_err(|error| explain(&error))?;
    config.check()?;
    Ok(Loaded { config, warnings, sources })
}

/// Orchestrators put variables of their own into the environment, so an unknown one is a warning.
fn split_variables(
    variables: HashMap<String, String>,
    names: &mut BTreeMap<String, String>,
) -> (HashMap<String, String>, Vec<String>) {
    let mut known = HashMap::new();
    let mut warnings = Vec::new();
    for (name, value) in variables {
        let key = name.trim_start_matches(PREFIX).to_ascii_lowercase();
        let path = key.replace("__", ".");
        if KEYS.iter().any(|(known, ..)| *known == path) {
            known.insert(key, value);
            names.insert(path, name);
        } else {
            warnings
                .push(format!("the variable {name} is not a setting and is ignored{}", suggestion(&path)));
        }
    }
    warnings.sort();
    (known, warnings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_variables(variables: &[(&str, &str)]) -> Result<Loaded, Error> {
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        load_from(&Flags { config: None, ..Flags::default() }, variables)
    }

    #[test]
    fn variables_set_nested_keys_lists_numbers_and_switches() {
        let loaded = from_variables(&[
            ("FILMGATE_LISTEN", "127.0.0.1:4000"),
            ("FILMGATE_LIMITS__FILM", "5/minute, 7 per day"),
            ("FILMGATE_LIMITS__ENABLED", "false"),
            ("FILMGATE_GRAPHQL__MAX_PAGE", "7"),
            ("FILMGATE_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1"),
            ("FILMGATE_AUTH__ANONYMOUS_ROLE", "viewer"),
            ("FILMGATE_SERVICE_HOST", "injected"),
        ])
        .expect("a configuration");
        assert_eq!(loaded.config.listen.port(), 4000);
        assert_eq!(loaded.config.limits.film.len(), 2);
        assert!(!loaded.config.limits.enabled);
        assert_eq!(loaded.config.graphql.max_page, 7);
        assert_eq!(loaded.config.trusted_proxies.len(), 2);
        assert_eq!(loaded.config.auth.anonymous_role, Some(crate::service::caller::Role::Viewer));
        assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
    }

    #[test]
    fn a_bad_value_is_named_with_its_key() {
        for (name, value, key) in [
            ("FILMGATE_LISTEN", "localhost", "listen"),
            ("FILMGATE_LIMITS__FILM", "1/fortnight", "limits.film"),
            ("FILMGATE_LIMITS__STORAGE", "redis://x", "limits.storage"),
            ("FILMGATE_LIMITS__ENABLED", "maybe", "limits.enabled"),
            ("FILMGATE_GRAPHQL__MAX_PAGE", "-1", "graphql.max_page"),
            ("FILMGATE_TRUSTED_PROXIES", "proxy.example", "trusted_proxies"),
            ("FILMGATE_AUTH__ANONYMOUS_ROLE", "admin", "auth.anonymous_role"),
            ("FILMGATE_AUTH__ANONYMOUS_ROLE", "king", "auth.anonymous_role"),
            ("FILMGATE_CORS__ALLOWED_ORIGINS", "https://a.example/path", "cors.allowed_origins"),
            ("FILMGATE_LOG__LEVEL", "loud!!", "log.level"),
            ("FILMGATE_LISTEN", "0.0.0.0:3000", "tls.mode"),
            ("FILMGATE_TLS__MODE", "cert", "tls.cert"),
            ("FILMGATE_TLS__KEY", "key.pem", "tls.key"),
            ("FILMGATE_TLS__REDIRECT_LISTEN", "127.0.0.1:80", "tls.redirect_listen"),
            ("FILMGATE_TLS__HANDSHAKE_TIMEOUT", "0", "tls.handshake_timeout"),
        ] {
            let error = from_variables(&[(name, value)]).expect_err(name).to_string();
            assert!(error.contains(key), "{name}={value}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }
}
