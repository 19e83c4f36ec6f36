//! What a signed token says, judged.

use std::time::Duration;

use serde_json::{Map, Value};

use super::types::Refusal;
use super::types::{Settings, Subject};
use crate::service::text::{is_plain, is_visible};

/// Bytes of a `sub`, as `OpenID` Connect has it.
const LONGEST_SUBJECT: usize = 255;

/// Who it is, if the token is from the right issuer, for us, and of now.
pub(super) fn check(
    claims: &Map<String, Value>,
    settings: &Settings,
    now: Duration,
) -> Result<Subject, Refusal> {
    if claims.get("iss").and_then(Value::as_str) != Some(&settings.issuer) {
        return Err(Refusal::Invalid("it is of another issuer"));
    }
    if !is_for_us(claims.get("aud"), &settings.audience) {
        return Err(Refusal::Invalid("it is for another audience"));
    }
    let expires = time(claims, "exp")?.ok_or(Refusal::Invalid("it does not say when it expires"))?;
    let expires = expires.saturating_add(settings.leeway);
    if now >= expires {
        return Err(Refusal::Invalid("it has expired"));
    }
    let latest = now.saturating_add(settings.leeway);
    if time(claims, "nbf")?.is_some_and(|begin| begin > latest) {
        return Err(Refusal::Invalid("it is not valid yet"));
    }
    if time(claims, "iat")?.is_some_and(|issued| issued > latest) {
        return Err(Refusal::Invalid("it was issued in the future"));
    }
    let subject = match claims.get("sub") {
        Some(Value::String(subject)) if is_subject(subject) => subject.clone(),
        _ => return Err(Refusal::Invalid("it does not say whose it is")),
    };
    Ok(Subject {
        issuer: settings.issuer.clone(),
        subject,
        role: settings.roles.of(claims)?,
        expires_at: i64::try_from(expires.as_millis()).unwrap_or(i64::MAX),
    })
}

fn is_for_us(claim: Option<&Value>, audience: &[String]) -> bool {
    let is_ours = |value: &Value| value.as_str().is_some_and(|text| audience.iter().any(|ours| ours == text));
    match claim {
        Some(Value::Array(values)) => values.iter().all(Value::is_string) && values.iter().any(is_ours),
        Some(value) => is_ours(value),
        None => false,
    }
}

/// Since the Unix epoch. A time that is there but is none (a string, a negative number) is refused, whichever it is.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<Duration>, Refusal> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let time = value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.map(Some).ok_or(Refusal::Invalid("a time in it is not a number of seconds"))
}

fn is_subject(text: &str) -> bool {
    text.len() <= LONGEST_SUBJECT && is_visible(text) && text.chars().all(is_plain)
}
