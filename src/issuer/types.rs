//! What an issuer is asked with, and what it answers.

use std::time::Duration;

pub use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::source::Source;
use crate::service::caller::Role;

/// What can be asked for in `auth.jwt.algorithms`. Shared secrets (HS256 and so on) are missing on purpose: the set holds
/// public keys, and a public key must never do as a secret.
pub const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// Whom to believe, and how far.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `iss`, letter by letter.
    pub issuer: String,
    /// One of these must be in `aud`.
    pub audience: Vec<String>,
    /// Where the public keys are.
    pub source: Source,
    pub algorithms: Vec<Algorithm>,
    /// How far the issuer's clock may be from ours.
    pub leeway: Duration,
    /// For how long keys of a URL are taken as they are.
    pub refresh: Duration,
    pub roles: Roles,
}

/// Who bears a good token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    pub issuer: String,
    /// `sub`: 1 to 255 bytes of plain text; unique within its issuer only.
    pub subject: String,
    pub role: Role,
    /// Milliseconds since the Unix epoch, with the leeway.
    pub expires_at: i64,
}

/// Why a token is not believed. `Display` is for the bearer, and tells nothing that helps to forge one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A bad credential. The reason is for the log; it holds nothing of the token.
    #[error("This token is not valid here.")]
    Invalid(&'static str),
    /// Nobody can tell now, since the keys cannot be had: never to be taken for an anonymous call.
    #[error("Tokens cannot be checked at the moment. Please try again shortly.")]
    Unavailable,
}

/// Which role a token gives.
#[derive(Debug, Clone)]
pub struct Roles {
    /// The claim that tells: its name, or the way to it, with dots between the names of objects.
    pub claim: String,
    /// What the claim may hold, and what that means here. Empty: the names of the roles.
    pub names: Vec<(String, Role)>,
    /// No token gives more.
    pub max: Role,
    /// Of a token that tells nothing.
    pub default: Role,
}

impl Roles {
    /// The highest role that is named, no higher than the cap. Names that mean nothing here are common (an issuer serves
    /// many) and are passed over; a claim of another form is a fault of the configuration, and guessing would hide it.
    pub(super) fn of(&self, claims: &Map<String, Value>) -> Result<Role, Refusal> {
        const FORM: Refusal = Refusal::Invalid("its role is neither a string nor a list of strings");
        let named = match find(claims, &self.claim) {
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => self.meaning(name),
            Some(Value::Array(names)) => {
                let names = names.iter().map(Value::as_str).collect::<Option<Vec<_>>>().ok_or(FORM)?;
                names.into_iter().filter_map(|name| self.meaning(name)).max()
            }
            Some(_) => return Err(FORM),
        };
        Ok(named.unwrap_or(self.default).min(self.max))
    }

    fn meaning(&self, name: &str) -> Option<Role> {
        if self.names.is_empty() {
            return name.parse().ok();
        }
        self.names.iter().filter(|(known, _)| known == name).map(|(_, role)| *role).max()
    }
}

/// A claim whose own name has dots in it (`https://films.example/role`) comes before a way through objects.
fn find<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(path) {
        return Some(value);
    }
    let (first, rest) = path.split_once('.')?;
    find(claims.get(first)?.as_object()?, rest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn role(claim: &str, names: &[(&str, Role)], max: Role, claims: &Value) -> Result<Role, Refusal> {
        let names = names.iter().map(|(name, role)| ((*name).to_owned(), *role)).collect();
        let roles = Roles { claim: claim.to_owned(), names, max, default: Role::Voter };
        roles.of(claims.as_object().expect("an object"))
    }

    #[test]
    fn the_highest_known_name_counts_up_to_the_cap() {
        for (claims, found) in [
            (json!({}), Role::Voter),
            (json!({"role": null}), Role::Voter),
            (json!({"role": "viewer"}), Role::Viewer),
            (json!({"role": "editor"}), Role::Editor),
            (json!({"role": "admin"}), Role::Editor),
            (json!({"role": "Admin"}), Role::Voter),
            (json!({"role": "king"}), Role::Voter),
            (json!({"role": []}), Role::Voter),
            (json!({"role": ["king", "viewer"]}), Role::Viewer),
            (json!({"role": ["viewer", "editor", "voter"]}), Role::Editor),
        ] {
            assert_eq!(role("role", &[], Role::Editor, &claims), Ok(found), "{claims}");
        }
        for claims in [
            json!({"role": 1}),
            json!({"role": true}),
            json!({"role": {"admin": true}}),
            json!({"role": [["admin"]]}),
        ] {
            assert!(role("role", &[], Role::Admin, &claims).is_err(), "{claims}");
        }
    }

    #[test]
    fn names_of_the_issuer_stand_in_the_place_of_ours() {
        let names = [("film-admin", Role::Admin), ("staff", Role::Editor)];
        let found = |name| role("role", &names, Role::Admin, &json!({ "role": name }));
        assert_eq!(found("film-admin"), Ok(Role::Admin));
        assert_eq!(found("staff"), Ok(Role::Editor));
        assert_eq!(found("admin"), Ok(Role::Voter), "what is not listed means nothing");
    }

    #[test]
    fn dots_lead_into_objects_unless_they_belong_to_the_name() {
        let found = |path, claims| role(path, &[], Role::Admin, &claims);
        assert_eq!(
            found("realm_access.roles", json!({"realm_access": {"roles": ["admin"]}})),
            Ok(Role::Admin)
        );
        assert_eq!(found("realm_access.roles", json!({"realm_access": "admin"})), Ok(Role::Voter));
        assert_eq!(
            found("https://films.example/role", json!({"https://films.example/role": "editor"})),
            Ok(Role::Editor)
        );
        assert_eq!(found("a.b.c", json!({"a": {"b.c": "editor"}})), Ok(Role::Editor));
    }
}
