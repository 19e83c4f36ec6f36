//! Layers the sources and tells what is wrong with them.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::PathBuf;

use config::{Environment, File, FileFormat};

use super::error::{Error, explain};
use super::file;
use super::secret_url::SecretUrl;
use super::settings::Config;
use super::source::{Source, Sources};

const PREFIX: &str = "FILMGATE_";

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub config: Option<PathBuf>,
    pub listen: Option<String>,
    pub database_url: Option<SecretUrl>,
    pub copy_to: Option<SecretUrl>,
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
        .collect();
    load_from(flags, variables)
}

fn load_from(flags: &Flags, variables: BTreeMap<String, OsString>) -> Result<Loaded, Error> {
    let mut sources = Sources::default();
    let text = file::read(flags.config.as_deref(), &mut sources)?;
    let (known, warnings) = split_variables(variables, &mut sources)?;
    let mut builder = config::Config::builder()
        .add_source(File::from_str(&text, FileFormat::Toml))
        .add_source(Environment::default().separator("__").source(Some(known)));
    let exposed = |url: &Option<SecretUrl>| url.as_ref().map(|url| url.expose().to_owned());
    for (key, flag, value) in [
        ("listen", "listen", flags.listen.clone()),
        ("database_url", "database-url", exposed(&flags.database_url)),
        ("copy_to", "to", exposed(&flags.copy_to)),
        ("tls.mode", "tls", flags.tls.clone()),
    ] {
        sources.set.extend(value.is_some().then_some((key.to_owned(), Source::Flag(flag))));
        builder = builder.set_override_option(key, value).map_err(|error| explain(&error))?;
    }
    let config: Config =
        builder.build().and_then(config::Config::try_deserialize).map_err(|error| explain(&error))?;
    config.check()?;
    Ok(Loaded { config, warnings, sources })
}

/// Orchestrators put variables of their own into the environment, so an unknown one is a warning.
fn split_variables(
    variables: BTreeMap<String, OsString>,
    sources: &mut Sources,
) -> Result<(HashMap<String, String>, Vec<String>), Error> {
    let (mut known, mut warnings) = (HashMap::new(), Vec::new());
    for (name, value) in variables {
        let variable = name.strip_prefix(PREFIX).unwrap_or(&name).to_ascii_lowercase();
        let key = variable.replace("__", ".");
        if let Some(setting) = Config::setting(&key) {
            let value = value
                .into_string()
                .map_err(|_| Error(format!("the variable {name} is not valid Unicode")))?;
            known.insert(variable, setting.read_text(value)?);
            sources.set.push((key, Source::Variable(name)));
        } else {
            let suggestion = file::meant(&key).map_or_else(String::new, |known| {
                format!("; did you mean {PREFIX}{}?", known.replace('.', "__").to_ascii_uppercase())
            });
            warnings.push(format!("the variable {name} is not a setting and is ignored{suggestion}"));
        }
    }
    Ok((known, warnings))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_variables(variables: &[(&str, &str)]) -> Result<Loaded, Error> {
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(*value))).collect();
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
            ("FILMGATE_FILMGATE_LISTEN", "127.0.0.1:5000"),
        ])
        .expect("a configuration");
        assert_eq!(loaded.config.listen.port(), 4000);
        assert_eq!(loaded.config.limits.film.len(), 2);
        assert!(!loaded.config.limits.enabled);
        assert_eq!(loaded.config.graphql.max_page, 7);
        assert_eq!(loaded.config.trusted_proxies.len(), 2);
        assert_eq!(loaded.config.auth.anonymous_role, Some(crate::service::caller::Role::Viewer));
        assert_eq!(loaded.warnings.len(), 2, "{:?}", loaded.warnings);
    }

    #[test]
    fn a_bad_value_is_named_with_its_key() {
        for (name, value, key) in [
            ("FILMGATE_LISTEN", "localhost", "listen"),
            ("FILMGATE_LIMITS__FILM", "1/fortnight", "limits.film"),
            ("FILMGATE_LIMITS__STORAGE", "redis://me@x", "limits.storage"),
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
            ("FILMGATE_LIMITS__FILM", "5/minute, 3 per minute", "limits.film: 3/minute"),
            ("FILMGATE_CORS__ALLOWED_ORIGINS", "*, https://a.example", "cors.allowed_origins"),
            ("FILMGATE_AUTH__JWT__LEEWAY", "301", "auth.jwt.leeway"),
        ] {
            let error = from_variables(&[(name, value)]).expect_err(name).to_string();
            assert!(error.contains(key), "{name}={value}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    fn with(key: &str, value: u64) -> Result<Loaded, String> {
        let name = format!("{PREFIX}{}", key.to_uppercase().replace('.', "__"));
        from_variables(&[(&name, &value.to_string())]).map_err(|error| error.to_string())
    }

    #[test]
    fn a_number_lies_in_its_range() {
        let mut outside = 0;
        for setting in Config::declared() {
            let Some(range) = &setting.range else { continue };
            let (least, most) = (*range.start(), *range.end());
            for value in [least, most] {
                let loaded = with(setting.key, value).expect(setting.key);
                crate::config::show::show(&loaded).expect(setting.key);
            }
            for value in [least.checked_sub(1), most.checked_add(1)].into_iter().flatten() {
                outside += 1;
                let fault = with(setting.key, value).expect_err(setting.key);
                assert!(fault.contains(setting.key) && fault.contains(&value.to_string()), "{fault}");
            }
        }
        assert!(outside > 60, "{outside}");
    }

    /// But a port, which cannot be anything that does not fit, and a share, which is judged where it is read.
    #[test]
    fn every_number_has_a_range() {
        let values = serde_json::to_value(Config::default()).expect("values");
        let is_number = |key: &str| {
            values.pointer(&format!("/{}", key.replace('.', "/"))).is_some_and(serde_json::Value::is_u64)
        };
        let numbers: Vec<_> = Config::declared().filter(|setting| is_number(setting.key)).collect();
        assert!(numbers.len() > 35, "{numbers:?}");
        for setting in numbers {
            assert!(setting.range.is_some(), "{setting:?}");
        }
    }

    #[test]
    fn a_fault_names_the_key_the_value_and_what_would_be_right() {
        for (key, value, fault) in [
            (
                "audit.keep_days",
                36_501,
                "36501 was given, expected 0 to 36500. Days that security events are kept in the database; `0`: for ever.",
            ),
            ("graphql.max_tokens", 0, "0 was given, expected at least 1. Lexical tokens of a document."),
            (
                "graphql.max_tokens",
                u64::MAX,
                "18446744073709551615 was given, expected at most 9223372036854775807. Lexical tokens of a document.",
            ),
        ] {
            assert_eq!(with(key, value).expect_err(key), format!("configuration key {key}: {fault}"));
        }
    }
}
