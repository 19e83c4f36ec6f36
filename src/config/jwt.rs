//! `[auth.jwt]`: tokens of an external issuer. Off until `issuer`, `audience` and `jwks` are set.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::{choice, list};
use crate::issuer::{ALGORITHMS, Algorithm, Roles, Settings, Source};
use crate::service::caller::Role;

/// `[auth.jwt]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Jwt {
    /// `iss`, letter by letter.
    pub issuer: Option<String>,
    /// One of these must be in `aud`.
    #[serde(deserialize_with = "list::strings")]
    pub audience: Vec<String>,
    /// A file, or `https://...`, with the public keys.
    pub jwks: Option<String>,
    #[serde(deserialize_with = "list::strings")]
    pub algorithms: Vec<String>,
    /// Seconds that the issuer's clock may be off.
    pub leeway: u64,
    /// The claim with the role.
    pub role_claim: String,
    /// `"NAME=ROLE"`: what the claim may hold, and what that means here.
    #[serde(deserialize_with = "list::strings")]
    pub roles: Vec<String>,
    /// The most that a token gives.
    #[serde(deserialize_with = "choice::choice")]
    pub max_role: Role,
    /// Of a token that names none.
    #[serde(deserialize_with = "choice::choice")]
    pub default_role: Role,
    /// Seconds after which keys are fetched anew.
    pub jwks_refresh: u64,
}

impl Default for Jwt {
    fn default() -> Self {
        Self {
            issuer: None,
            audience: Vec::new(),
            jwks: None,
            algorithms: ["RS256", "ES256", "EdDSA"].map(str::to_owned).to_vec(),
            leeway: 30,
            role_claim: "role".to_owned(),
            roles: Vec::new(),
            max_role: Role::Editor,
            default_role: Role::Voter,
            jwks_refresh: 3_600,
        }
    }
}

impl Jwt {
    /// What the issuer's room takes; none while no issuer is named.
    #[must_use]
    pub fn settings(&self) -> Option<Settings> {
        self.read().ok().flatten()
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        self.read().map(|_| ())
    }

    fn read(&self) -> Result<Option<Settings>, Error> {
        let algorithms = self.algorithms.iter().map(|name| algorithm(name)).collect::<Result<Vec<_>, _>>()?;
        if algorithms.is_empty() {
            return Err(Error::value("auth.jwt.algorithms", format!("name one at least: {}", known())));
        }
        if self.leeway > 300 {
            return Err(Error::value("auth.jwt.leeway", "must lie between 0 and 300"));
        }
        if !(1..=86_400).contains(&self.jwks_refresh) {
            return Err(Error::value("auth.jwt.jwks_refresh", "must lie between 1 and 86400"));
        }
        if self.role_claim.is_empty() {
            return Err(Error::value(
                "auth.jwt.role_claim",
                "names no claim; such as \"role\" or \"realm_access.roles\"",
            ));
        }
        if self.default_role > self.max_role {
            return Err(Error::value(
                "auth.jwt.default_role",
                "is above auth.jwt.max_role; lower one or raise the other",
            ));
        }
        let names = self.roles.iter().map(|pair| meaning(pair)).collect::<Result<_, _>>()?;
        let jwks = self
            .jwks
            .as_deref()
            .map(|place| place.parse::<Source>().map_err(|fault| Error::value("auth.jwt.jwks", fault)));
        let (issuer, source) = match (&self.issuer, self.audience.is_empty(), jwks.transpose()?) {
            (None, true, None) => return Ok(None),
            (Some(issuer), false, Some(source)) if !issuer.is_empty() => (issuer.clone(), source),
            _ => {
                return Err(Error::value(
                    self.missing(),
                    "auth.jwt needs all three: issuer, audience and jwks",
                ));
            }
        };
        if self.audience.iter().any(String::is_empty) {
            return Err(Error::value("auth.jwt.audience", "an empty audience is nobody"));
        }
        Ok(Some(Settings {
            issuer,
            audience: self.audience.clone(),
            source,
            algorithms,
            leeway: Duration::from_secs(self.leeway),
            refresh: Duration::from_secs(self.jwks_refresh),
            roles: Roles {
                claim: self.role_claim.clone(),
                names,
                max: self.max_role,
                default: self.default_role,
            },
        }))
    }

    fn missing(&self) -> &'static str {
        if self.issuer.as_ref().is_none_or(String::is_empty) {
            "auth.jwt.issuer"
        } else if self.audience.is_empty() {
            "auth.jwt.audience"
        } else {
            "auth.jwt.jwks"
        }
    }
}

fn algorithm(name: &str) -> Result<Algorithm, Error> {
    const KEY: &str = "auth.jwt.algorithms";
    if let Some(algorithm) = name.parse().ok().filter(|algorithm| ALGORITHMS.contains(algorithm)) {
        return Ok(algorithm);
    }
    if name.to_ascii_uppercase().starts_with("HS") {
        return Err(Error::value(
            KEY,
            format!(
                "{name:?} signs with a shared secret, and a set of public keys holds none; use {}",
                known()
            ),
        ));
    }
    Err(Error::value(KEY, format!("{name:?} is not one of {}", known())))
}

fn known() -> String {
    ALGORITHMS.map(|algorithm| format!("{algorithm:?}")).join(", ")
}

fn meaning(pair: &str) -> Result<(String, Role), Error> {
    // From the right: a name may have such a sign in it.
    pair.rsplit_once('=')
        .and_then(|(name, role)| Some((name.trim().to_owned(), Roles::named(role.trim())?)))
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| {
            Error::value(
                "auth.jwt.roles",
                format!("{pair:?} is not a name of the issuer's and a role (viewer, voter, editor, admin), such as \"film-admins=admin\""),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> Jwt {
        Jwt {
            issuer: Some("https://id.example".to_owned()),
            audience: vec!["filmgate".to_owned()],
            jwks: Some("https://id.example/jwks.json".to_owned()),
            ..Jwt::default()
        }
    }

    #[test]
    fn it_is_off_until_issuer_audience_and_keys_are_named() {
        assert!(Jwt::default().check().is_ok() && Jwt::default().settings().is_none());
        assert!(whole().settings().is_some());
        for (jwt, key) in [
            (Jwt { issuer: None, ..whole() }, "auth.jwt.issuer"),
            (Jwt { issuer: Some(String::new()), ..whole() }, "auth.jwt.issuer"),
            (Jwt { audience: Vec::new(), ..whole() }, "auth.jwt.audience"),
            (Jwt { audience: vec![String::new()], ..whole() }, "auth.jwt.audience"),
            (Jwt { jwks: None, ..whole() }, "auth.jwt.jwks"),
        ] {
            let fault = jwt.check().expect_err(key).to_string();
            assert!(fault.starts_with(&format!("configuration key {key}: ")), "{fault}");
        }
    }

    #[test]
    fn a_bad_value_is_told_with_its_key_and_a_cure() {
        let one = |text: &str| vec![text.to_owned()];
        for (jwt, key, word) in [
            (Jwt { algorithms: one("HS256"), ..whole() }, "algorithms", "shared secret"),
            (Jwt { algorithms: one("hs512"), ..whole() }, "algorithms", "shared secret"),
            (Jwt { algorithms: one("none"), ..whole() }, "algorithms", "RS256"),
            (Jwt { algorithms: Vec::new(), ..whole() }, "algorithms", "RS256"),
            (Jwt { leeway: 301, ..whole() }, "leeway", "300"),
            (Jwt { jwks_refresh: 0, ..whole() }, "jwks_refresh", "86400"),
            (Jwt { role_claim: String::new(), ..whole() }, "role_claim", "realm_access.roles"),
            (Jwt { roles: one("film-admins"), ..whole() }, "roles", "film-admins=admin"),
            (Jwt { roles: one("film-admins=king"), ..whole() }, "roles", "viewer, voter, editor, admin"),
            (Jwt { roles: one("=admin"), ..whole() }, "roles", "film-admins=admin"),
            (Jwt { default_role: Role::Admin, ..whole() }, "default_role", "max_role"),
            (Jwt { jwks: Some("http://id.example/k".to_owned()), ..whole() }, "jwks", "https"),
        ] {
            let fault = jwt.check().expect_err(key).to_string();
            assert!(fault.starts_with(&format!("configuration key auth.jwt.{key}: ")), "{fault}");
            assert!(fault.contains(word), "{fault}");
        }
    }

    #[test]
    fn names_of_the_issuer_are_pairs() {
        let roles = ["cn=films, dc=example = admin", "staff=editor"].map(str::to_owned).to_vec();
        let settings = Jwt { roles, ..whole() }.settings().expect("settings");
        let names = [("cn=films, dc=example", Role::Admin), ("staff", Role::Editor)];
        assert_eq!(settings.roles.names, names.map(|(name, role)| (name.to_owned(), role)));
    }
}
