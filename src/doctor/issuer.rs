//! Whether tokens of the external issuer can be checked.

use std::sync::Arc;

use super::finding::Finding;
use crate::clock::Clock;
use crate::config::Jwt;
use crate::issuer::Issuer;
use crate::service::caller::Role;
use crate::service::text::counted;

const CHECK: &str = "jwt";

pub(super) async fn examine(jwt: &Jwt, clock: Arc<dyn Clock>) -> Vec<Finding> {
    let Some(settings) = jwt.settings() else {
        return vec![Finding::ok(CHECK, "no external issuer of tokens is configured")];
    };
    let is_admin_possible = settings.roles.max == Role::Admin;
    let source = settings.source.to_string();
    let keys = match Issuer::new(settings, clock) {
        Ok(issuer) => issuer.check_keys().await,
        Err(error) => Err(error.to_string()),
    };
    let mut findings = vec![match keys {
        Ok(count) if count > 0 => {
            Finding::ok(CHECK, format!("{source} has {} that can be used", counted(count, "key")))
        }
        Ok(_) => Finding::error(
            CHECK,
            format!("{source} has no key that can be used"),
            "every token is refused",
            "set auth.jwt.algorithms to what the issuer signs with, or auth.jwt.jwks to the place of its keys",
        ),
        Err(fault) => Finding::error(
            CHECK,
            format!("the keys of {source} cannot be had: {fault}"),
            "no token can be checked, and whoever has one is answered with 503",
            "see that auth.jwt.jwks is right and can be reached from here",
        ),
    }];
    if is_admin_possible {
        findings.push(Finding::warning(
            CHECK,
            "a token can make its bearer an admin",
            "whoever can give roles at the issuer owns everything here",
            "set auth.jwt.max_role = \"editor\", unless that is meant",
        ));
    }
    findings
}
