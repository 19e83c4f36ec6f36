//! Who asks: by a credential in a header, or, over a WebSocket, in the first message. Never in an address, which logs and
//! histories keep.

use std::sync::Arc;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName};

use crate::http::budget::budget;
use crate::http::context::Context;
use crate::http::list::has_any;
use crate::http::problem::Problem;
use crate::issuer::{Issuer, Refusal, Subject};
use crate::service::accounts::AccountService;
use crate::service::audit::Event;
use crate::service::caller::{Caller, Identity, Origin, Role};
use crate::service::{Error, FilmService};

/// Where keys may be shown, besides `Authorization`.
pub const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// From credentials to callers.
pub struct Identities {
    /// What a caller without a credential may do.
    anonymous_role: Option<Role>,
    service: Arc<FilmService>,
    /// Whose tokens are believed besides our own.
    issuer: Option<Arc<Issuer>>,
}

/// A credential as it was shown.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// None at all.
    Nothing,
    /// After `Bearer`, or in `X-API-Key`.
    Something(Arc<str>),
}

impl Credential {
    /// Reads the headers.
    ///
    /// # Errors
    /// 401 for what is no credential, or for several: whoever sent them would not know which one counted.
    pub fn in_headers(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut credential = Self::Nothing;
        if !has_any(headers, &[AUTHORIZATION, API_KEY]) {
            return Ok(credential);
        }
        for value in headers.get_all(AUTHORIZATION) {
            let text = value.to_str().map_err(|_| unreadable())?;
            credential = credential.add(bearer(text)?).ok_or_else(several)?;
        }
        for value in headers.get_all(API_KEY) {
            let text = value.to_str().map_err(|_| unreadable())?;
            credential = credential.add(key(text)?).ok_or_else(several)?;
        }
        Ok(credential)
    }

    /// Reads members with the names of those headers, in any case: the first message of a WebSocket.
    ///
    /// # Errors
    /// As for headers.
    pub fn in_members<'a>(
        members: impl Iterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Result<Self, Problem> {
        let mut credential = Self::Nothing;
        for (name, text) in members {
            let secret = if name.eq_ignore_ascii_case(AUTHORIZATION.as_str()) {
                bearer(text.ok_or_else(unreadable)?)?
            } else if name.eq_ignore_ascii_case(API_KEY.as_str()) {
                key(text.ok_or_else(unreadable)?)?
            } else {
                continue;
            };
            credential = credential.add(secret).ok_or_else(several)?;
        }
        Ok(credential)
    }

    /// This one, or the one that is shown later: a handshake and the first message may both have it, but not two of them.
    ///
    /// # Errors
    /// As for headers.
    pub fn or(&self, later: Self) -> Result<Self, Problem> {
        match (self, later) {
            (_, Self::Nothing) => Ok(self.clone()),
            (Self::Nothing, later) => Ok(later),
            (_, later) if *self == later => Ok(later),
            _ => Err(several()),
        }
    }

    fn add(self, credential: &str) -> Option<Self> {
        (self == Self::Nothing).then(|| Self::Something(credential.into()))
    }
}

fn bearer(text: &str) -> Result<&str, Problem> {
    match text.split_once(' ') {
        Some((scheme, credential))
            if scheme.eq_ignore_ascii_case("bearer") && !credential.trim().is_empty() =>
        {
            Ok(credential.trim())
        }
        _ => Err(refusal("The Authorization header must be: Bearer, a space, and the credential.")),
    }
}

fn key(text: &str) -> Result<&str, Problem> {
    if AccountService::is_key(text) { Ok(text) } else { Err(unreadable()) }
}

fn several() -> Problem {
    refusal("Send one credential, in one place.")
}

fn unreadable() -> Problem {
    refusal(Error::BadCredential.to_string())
}

/// 401 for what was shown.
fn refusal(detail: impl Into<String>) -> Problem {
    Problem::bad_credential(detail).for_audit(Event::CredentialRefused)
}

impl Identities {
    /// `anonymous_role`: not set, it depends on where the call comes from.
    #[must_use]
    pub fn new(anonymous_role: Option<Role>, service: Arc<FilmService>, issuer: Option<Arc<Issuer>>) -> Self {
        Self { anonymous_role, service, issuer }
    }

    /// The caller behind a credential. A bad one is refused: to fall back to an anonymous caller would hide that it does
    /// not work.
    ///
    /// # Errors
    /// 401 for a bad one, 503 when it cannot be looked up.
    pub async fn identify(&self, context: &Arc<Context>, credential: &Credential) -> Result<Caller, Problem> {
        let caller = match credential {
            Credential::Nothing => Caller::anonymous(self.anonymous(context)),
            Credential::Something(credential) => {
                let caller = match &self.issuer {
                    // Boxed, so that a request without a credential does not hold the room of a look-up.
                    Some(issuer) if Issuer::has_shape(credential) => {
                        Box::pin(vouched(issuer, credential)).await?
                    }
                    _ => Box::pin(self.service.accounts().identify(credential)).await.map_err(refused)?,
                };
                context.record().actor = Some(caller.name());
                if let Some(budget) = budget(&context.limiter, &caller) {
                    context.draw_from(budget);
                }
                caller
            }
        };
        Ok(caller.by(Arc::clone(context) as Arc<dyn Origin>))
    }

    fn anonymous(&self, context: &Context) -> Role {
        match self.anonymous_role {
            Some(role) => role,
            None if context.client.is_local => Role::Editor,
            None => Role::Voter,
        }
    }
}

/// The caller behind a token of the external issuer.
async fn vouched(issuer: &Issuer, token: &str) -> Result<Caller, Problem> {
    match issuer.verify(token).await {
        Ok(Subject { issuer, subject, role, expires_at }) => {
            let identity = Identity::External { issuer: issuer.into(), subject: subject.into(), expires_at };
            Ok(Caller { role, identity, origin: None, once: None })
        }
        Err(error @ Refusal::Unavailable) => Err(Problem::unavailable(error.to_string())),
        Err(error @ Refusal::Invalid(reason)) => {
            tracing::debug!(reason, "a token was refused");
            Err(refusal(error.to_string()))
        }
    }
}

fn refused(error: Error) -> Problem {
    match error {
        Error::Unavailable | Error::Failing(_) | Error::Overtaken | Error::Internal(_) => error.into(),
        other => refusal(other.to_string()),
    }
}
