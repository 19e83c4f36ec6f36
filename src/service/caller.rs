//! On whose behalf a use case runs.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};
use utoipa::ToSchema;

use crate::service::idempotency::once::Once;

/// Who asks. Made at the surface, judged in the service.
#[derive(Debug, Clone)]
pub struct Caller {
    pub role: Role,
    pub identity: Identity,
    /// By which request; not set for a command.
    pub origin: Option<Arc<dyn Origin>>,
    /// Under which key a change is made once; not set where the request has none.
    pub once: Option<Arc<Once>>,
}

/// As whom somebody asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Without a credential.
    Anonymous,
    /// The person at the command line.
    Operator,
    /// Signed in, or by a key.
    Account {
        id: i64,
        name: Arc<str>,
        /// The account's own: a key may be worth less.
        role: Role,
        by: Credential,
        /// What the key has of its own in place of the account's limits, as it is kept.
        limits: Option<Arc<str>>,
    },
    /// Vouched for by an external issuer, until then: in milliseconds since the Unix epoch.
    External { issuer: Arc<str>, subject: Arc<str>, expires_at: i64 },
}

/// What an account was known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// The id of a session.
    Session(i64),
    /// The id of a key.
    Key(i64),
}

/// The request that a caller came by, as the audit names it.
pub trait Origin: fmt::Debug + Send + Sync {
    /// The client's address.
    fn client(&self) -> IpAddr;
    /// What stands for the client where whole networks are one: its address, or the first of its /64.
    fn network(&self) -> IpAddr;
    /// `rest` or `graphql`.
    fn surface(&self) -> &'static str;
    fn request_id(&self) -> String;
}

impl Caller {
    /// A caller who showed no credential.
    #[must_use]
    pub fn anonymous(role: Role) -> Self {
        Self { role, identity: Identity::Anonymous, origin: None, once: None }
    }

    /// The person at the command line: who can read the database's password can do everything anyway.
    #[must_use]
    pub fn operator() -> Self {
        Self { role: Role::Admin, identity: Identity::Operator, origin: None, once: None }
    }

    /// The same caller, by this request.
    #[must_use]
    pub fn by(mut self, origin: Arc<dyn Origin>) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The film of what was made before under the key of the request, if it has one.
    #[must_use]
    pub fn made(&self) -> Option<i64> {
        self.once.as_ref().and_then(|once| once.made())
    }

    /// Asks for a change under a key, of which something may have been made before.
    #[must_use]
    pub fn once(&self, once: Once) -> Self {
        Self { once: Some(Arc::new(once)), ..self.clone() }
    }

    /// Whose a key for a change is: of the account or subject, or of the address of who has not signed in.
    #[must_use]
    pub fn key_owner(&self) -> String {
        let address = || self.origin.as_deref().map(|origin| format!("address {}", origin.network()));
        self.voter().map(|voter| voter.to_string()).or_else(address).unwrap_or_default()
    }

    /// The account, if it is one of ours.
    #[must_use]
    pub fn account_id(&self) -> Option<i64> {
        match self.identity {
            Identity::Account { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The name of the account, if it is one of ours.
    #[must_use]
    pub fn account_name(&self) -> Option<&str> {
        match &self.identity {
            Identity::Account { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Whether a credential was shown.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        matches!(self.identity, Identity::Account { .. } | Identity::External { .. })
    }

    /// A name for logs: never given to two who are not the same.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.identity {
            Identity::Anonymous => "anonymous".to_owned(),
            Identity::Operator => "operator".to_owned(),
            Identity::Account { name, .. } => format!("account {name}"),
            Identity::External { issuer, subject, .. } => format!("subject {subject} of {issuer}"),
        }
    }

    /// What stands for this person in the table of votes: one vote each for a film. `None` for who did not sign in.
    #[must_use]
    pub fn voter(&self) -> Option<Voter> {
        match &self.identity {
            Identity::Anonymous | Identity::Operator => None,
            Identity::Account { id, .. } => Some(Voter(format!("account {id}").into())),
            Identity::External { issuer, subject, .. } => {
                // Of one length, and without a name that somebody may want forgotten.
                let mut hasher = blake3::Hasher::new_derive_key("filmgate voter of an external issuer");
                hasher.update(&(issuer.len() as u64).to_le_bytes());
                hasher.update(issuer.as_bytes()).update(subject.as_bytes());
                Some(Voter(format!("subject {}", hasher.finalize().to_hex()).into()))
            }
        }
    }
}

/// Whose one vote for a film it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Voter(pub(super) Arc<str>);

/// The same for the same person, wherever they come from.
impl fmt::Display for Voter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a caller may do. Each role includes the ones before it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display, EnumString, ToSchema,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_fn = unknown_role, parse_err_ty = UnknownRole)]
pub enum Role {
    Viewer,
    Voter,
    Editor,
    Admin,
}

/// A word that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be viewer, voter, editor or admin")]
pub struct UnknownRole;

fn unknown_role(_: &str) -> UnknownRole {
    UnknownRole
}
