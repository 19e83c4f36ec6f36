//! What the settings of `[auth.jwt]` come to.

use super::error::Error;
use super::settings::Jwt;
use crate::issuer::{ALGORITHMS, Algorithm, Roles, Settings, Source};
use crate::service::caller::Role;

impl Jwt {
    /// What an issuer is made of; none while no issuer is named.
    #[must_use]
    pub fn settings(&self) -> Option<Settings> {
        self.read().ok().flatten()
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        self.read().map(|_| ())
    }

    fn read(&self) -> Result<Option<Settings>, Error> {
        const ALL: &str = "auth.jwt needs all three: issuer, audience and jwks";
        let algorithms = self.algorithms.iter().map(|name| algorithm(name)).collect::<Result<Vec<_>, _>>()?;
        let names = self.roles.iter().map(|pair| meaning(pair)).collect::<Result<_, _>>()?;
        let source = self.jwks.as_deref().map(str::parse::<Source>).transpose();
        let source = source.map_err(|fault| Error::value("auth.jwt.jwks", fault))?;
        let issuer = self.issuer.as_deref().filter(|issuer| !issuer.is_empty());
        let (key, fault) = if algorithms.is_empty() {
            ("algorithms", "is empty; name one at least, such as RS256")
        } else if self.role_claim.is_empty() {
            ("role_claim", "names no claim; such as \"role\" or \"realm_access.roles\"")
        } else if self.default_role > self.max_role {
            ("default_role", "is above auth.jwt.max_role; lower one or raise the other")
        } else if self.audience.iter().any(String::is_empty) {
            ("audience", "an empty audience is nobody; name this service as the tokens do")
        } else {
            match (issuer, &*self.audience, source) {
                (None, [], None) if self.issuer.is_none() => return Ok(None),
                (None, ..) => ("issuer", ALL),
                (_, [], _) => ("audience", ALL),
                (_, _, None) => ("jwks", ALL),
                (Some(issuer), audience, Some(source)) => {
                    return Ok(Some(Settings {
                        issuer: issuer.to_owned(),
                        audience: audience.to_vec(),
                        source,
                        algorithms,
                        leeway: self.leeway(),
                        refresh: self.jwks_refresh(),
                        roles: Roles {
                            claim: self.role_claim.clone(),
                            names,
                            max: self.max_role,
                            default: self.default_role,
                        },
                    }));
                }
            }
        };
        Err(Error::value(&format!("auth.jwt.{key}"), fault))
    }
}

fn algorithm(name: &str) -> Result<Algorithm, Error> {
    name.parse().ok().filter(|algorithm| ALGORITHMS.contains(algorithm)).ok_or_else(|| {
        let fault = if name.to_ascii_uppercase().starts_with("HS") {
            "signs with a shared secret, and a set of public keys holds none; use"
        } else {
            "is not one of"
        };
        let known = ALGORITHMS.map(|algorithm| format!("{algorithm:?}")).join(", ");
        Error::value("auth.jwt.algorithms", format!("{name:?} {fault} {known}"))
    })
}

fn meaning(pair: &str) -> Result<(String, Role), Error> {
    // From the right: a name may have such a sign in it.
    pair.rsplit_once('=')
        .and_then(|(name, role)| Some((name.trim().to_owned(), role.trim().parse().ok()?)))
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
