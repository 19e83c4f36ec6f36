//! What a running server takes over from a configuration that was read anew, and what needs a restart.

use serde_json::Value;

use super::error::Error;
use super::settings::Config;

/// Settings that have changed, by their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Those that were taken over.
    pub taken_over: Vec<&'static str>,
    /// Those that need a restart.
    pub need_restart: Vec<&'static str>,
}

/// Makes the list of what is taken over, and the copy of it.
macro_rules! taken_over {
    ($($first:ident $(. $rest:ident)*;)+) => {
        /// Settings that a running server takes over; a section stands for all in it.
        pub const TAKEN_OVER: &[&str] = &[$(concat!(stringify!($first) $(, ".", stringify!($rest))*)),+];

        fn copy(config: &mut Config, new: &Config) {
            $(config.$first$(.$rest)*.clone_from(&new.$first$(.$rest)*);)+
        }
    };
}

taken_over! {
    allowed_hosts;
    cors;
    limits.film;
    limits.add_film;
    limits.browse;
    limits.login;
    limits.flood;
    limits.tiers;
    log.level;
    tls.cert;
    tls.key;
}

impl Config {
    /// Takes over what a running server may from another configuration; what has changed.
    ///
    /// # Errors
    /// When that does not go together with what only a restart can change. Nothing is taken over then.
    pub fn take_over(&mut self, new: &Self) -> Result<Changes, Error> {
        let mut whole = self.clone();
        copy(&mut whole, new);
        whole.check()?;
        let (own, news) = (self.values()?, new.values()?);
        let has_changed = |key: &str| {
            let at = |values: &Value| values.pointer(&format!("/{}", key.replace('.', "/"))).cloned();
            at(&own) != at(&news)
                // What is masked looks alike.
                || key == "database_url" && self.database_url != new.database_url
                || key == "limits.storage" && self.limits.storage != new.limits.storage
        };
        let changed = Self::declared().map(|setting| setting.key).filter(|key| has_changed(key));
        let (taken_over, need_restart) = changed.partition(|key| is_taken_over(key));
        *self = whole;
        Ok(Changes { taken_over, need_restart })
    }

    fn values(&self) -> Result<Value, Error> {
        serde_json::to_value(self).map_err(|error| Error(error.to_string()))
    }
}

fn is_taken_over(key: &str) -> bool {
    TAKEN_OVER
        .iter()
        .any(|taken| key.strip_prefix(taken).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(before: &str, after: &str) -> (Config, Result<Changes, String>) {
        let [mut config, new]: [Config; 2] =
            [before, after].map(|text| toml::from_str(text).expect("a configuration"));
        let changes = config.take_over(&new).map_err(|error| error.to_string());
        (config, changes)
    }

    #[test]
    fn every_key_of_the_list_is_one_of_the_configuration() {
        for taken in TAKEN_OVER {
            assert!(
                Config::declared()
                    .any(|setting| is_taken_over(setting.key) && setting.key.starts_with(taken)),
                "{taken}"
            );
        }
        assert!(!is_taken_over("listen") && !is_taken_over("limits.storage") && !is_taken_over("log.format"));
    }

    #[test]
    fn what_has_changed_is_taken_over_or_needs_a_restart_and_is_named() {
        let (config, told) = changes("", "");
        assert_eq!(told, Ok(Changes { taken_over: Vec::new(), need_restart: Vec::new() }));
        assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
        let (config, told) = changes(
            "",
            "listen = '127.0.0.1:4000'\ndatabase_url = 'postgres://a:other@b/c'\nallowed_hosts = ['a.example']\n\
             [limits]\nfilm = '5/minute'\nstorage = 'redis://:other@h'\n[log]\nlevel = 'debug'\nformat = 'json'\n\
             [cors]\nallowed_origins = ['https://a.example']\n[http]\nmax_body = 7",
        );
        let told = told.expect("a whole");
        assert_eq!(told.taken_over, ["allowed_hosts", "cors.allowed_origins", "limits.film", "log.level"]);
        assert_eq!(
            told.need_restart,
            ["listen", "database_url", "http.max_body", "limits.storage", "log.format"]
        );
        assert_eq!(
            (config.limits.film.len(), config.log.level.as_str(), config.allowed_hosts.len()),
            (1, "debug", 1)
        );
        assert_eq!(config.listen, Config::default().listen);
        // A password alone is a change, though it is shown nowhere.
        let (_, told) =
            changes("database_url = 'postgres://a:one@b/c'", "database_url = 'postgres://a:two@b/c'");
        assert_eq!(told.expect("a whole").need_restart, ["database_url"]);
    }

    #[test]
    fn what_does_not_go_together_is_not_taken_over() {
        let tls = "listen = '0.0.0.0:443'\n[tls]\nmode = 'self-signed'\nredirect_listen = '0.0.0.0:80'";
        let before = format!("allowed_hosts = ['a.example']\n{tls}");
        let (config, told) = changes(&before, "[limits]\nfilm = '5/minute'");
        assert!(told.expect_err("no hosts").contains("tls.redirect_listen"));
        assert_eq!(config.allowed_hosts, ["a.example"]);
        assert_eq!(config.limits.film.len(), 3);
    }
}
