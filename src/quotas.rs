//! What an operator asks about limits: how an address or an account stands, and that it starts full again.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::http::budget::budget;
use crate::limits::{Bucket, Budget, ClientKey, Limiter, Standing};
use crate::service::Error;
use crate::service::accounts::{Account, AccountService};
use crate::service::caller::{Caller, Credential, Identity, Role};

/// How one budget stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Quota {
    /// In words: `key 3 (nightly import)`.
    pub whose: String,
    /// Whose policies count; none for those of addresses.
    pub tier: Option<String>,
    /// None where it has no budget of its own.
    pub limits: Vec<Limit>,
}

/// One window.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Limit {
    /// As in the headers, such as `film-1h`.
    pub name: String,
    pub bucket: String,
    pub quota: u32,
    /// Seconds.
    pub window: u64,
    pub remaining: u32,
    /// Seconds until one more would pass; none when nothing is used up.
    pub reset: Option<u64>,
}

/// Who starts full now, in words.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cleared {
    pub cleared: Vec<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(
        "{0:?} is neither an address nor the name of an account; a subject is written as in the log: subject NAME of ISSUER"
    )]
    Nobody(String),
    #[error(transparent)]
    Service(Error),
    #[error("Redis does not count ({0}), and only there is known how anybody stands; see limits.storage")]
    CutOff(String),
    #[error("Redis has not forgotten it: {0}")]
    NotForgotten(String),
}

/// What somebody draws from.
struct Owned {
    whose: String,
    /// None where it has no budget of its own.
    budget: Option<Budget>,
    /// The buckets of it that are theirs.
    is_theirs: fn(Bucket) -> bool,
}

/// How an address, an account with its keys, or the subject of an issuer stands in every window. `whom`: as the log names
/// them, or an address or the name of an account alone.
///
/// # Errors
/// [`Failure`].
pub async fn show(limiter: &Limiter, accounts: &AccountService, whom: &str) -> Result<Vec<Quota>, Failure> {
    let mut quotas = Vec::new();
    for Owned { whose, budget, is_theirs } in of(limiter, accounts, whom).await? {
        let tier = budget.as_ref().and_then(Budget::tier).map(|tier| tier.name().to_owned());
        let standings = match budget {
            Some(budget) => limiter.look(budget, limiter.now()).await,
            None => Vec::new(),
        };
        if let Some(why) = limiter.cut_off() {
            return Err(Failure::CutOff(why));
        }
        let limits = standings.into_iter().filter(|standing| is_theirs(standing.bucket)).map(limit);
        quotas.push(Quota { whose, tier, limits: limits.collect() });
    }
    // Each server counts it by itself, and another one than this may be meant.
    if limiter.counts_together() {
        for quota in &mut quotas {
            quota.limits.retain(|limit| limit.bucket != Bucket::Flood.name());
        }
    }
    Ok(quotas)
}

/// Lets all that it shows start full; whose it was.
///
/// # Errors
/// [`Failure`].
pub async fn clear(limiter: &Limiter, accounts: &AccountService, whom: &str) -> Result<Cleared, Failure> {
    let mut cleared = Vec::new();
    for Owned { whose, budget, .. } in of(limiter, accounts, whom).await? {
        if let Some(budget) = budget {
            limiter.clear(budget).await.map_err(Failure::NotForgotten)?;
            cleared.push(whose);
        }
    }
    Ok(Cleared { cleared })
}

async fn of(limiter: &Limiter, accounts: &AccountService, whom: &str) -> Result<Vec<Owned>, Failure> {
    let whom = whom.trim();
    let address = whom.strip_prefix("address ").unwrap_or(whom);
    // As an address of IPv6 is told, whose network counts.
    let address = address.strip_suffix("/64").filter(|address| address.contains(':')).unwrap_or(address);
    if let Ok(address) = address.parse::<IpAddr>() {
        let client = ClientKey::from(address);
        let network = if client.address().is_ipv6() { "/64" } else { "" };
        let whose = format!("address {}{network}", client.address());
        return Ok(vec![Owned { whose, budget: Some(client.into()), is_theirs: |_| true }]);
    }
    let named = whom.strip_prefix("subject ").and_then(|named| named.rsplit_once(" of "));
    if let Some((subject, issuer)) =
        named.filter(|(subject, issuer)| !subject.is_empty() && !issuer.is_empty())
    {
        return Ok(of_subject(limiter, subject, issuer));
    }
    let operator = Caller::operator();
    // No name has a blank in it.
    let whom = whom.strip_prefix("account ").unwrap_or(whom);
    let account = accounts.account_named(&operator, whom).await.map_err(|error| match error {
        Error::AccountNotFound => Failure::Nobody(whom.to_owned()),
        other => Failure::Service(other),
    })?;
    let keys = accounts.all_keys(&operator, account.id).await.map_err(Failure::Service)?;
    let name = format!("account {} ({})", account.id, account.name);
    let whose = |budget: &Option<Budget>| match budget {
        Some(_) => name.clone(),
        None => format!("{name}, which draws from its addresses: {} has no tier", account.role),
    };
    let own = budget(limiter, &caller(&account, Credential::Session(0), None));
    let mut all = vec![Owned { whose: whose(&own), budget: own, is_theirs: |_| true }];
    for key in keys.into_iter().filter(|key| !key.is_revoked && key.limits.is_some()) {
        let budget = budget(limiter, &caller(&account, Credential::Key(key.id), key.limits));
        all.push(Owned { whose: format!("key {} ({})", key.id, key.name), budget, is_theirs: |_| true });
    }
    let attempts = Budget::of_attempts(&AccountService::attempted(&account.name));
    all.push(Owned {
        whose: format!("attempts to sign in as {}", account.name),
        budget: Some(attempts),
        is_theirs: |bucket| bucket == Bucket::Login,
    });
    Ok(all)
}

/// By each role that has a tier, whichever its tokens give.
fn of_subject(limiter: &Limiter, subject: &str, issuer: &str) -> Vec<Owned> {
    let identity =
        Identity::External { issuer: issuer.into(), subject: subject.into(), expires_at: i64::MAX };
    let owned = |role| {
        let caller = Caller { role, identity: identity.clone(), origin: None, once: None };
        let whose = format!("{}, as {role}", caller.name());
        budget(limiter, &caller).map(|budget| Owned { whose, budget: Some(budget), is_theirs: |_| true })
    };
    let mut all: Vec<Owned> =
        [Role::Voter, Role::Editor, Role::Admin].into_iter().filter_map(owned).collect();
    if all.is_empty() {
        let whose =
            format!("subject {subject} of {issuer}, which draws from its addresses: no role has a tier");
        all.push(Owned { whose, budget: None, is_theirs: |_| true });
    }
    all
}

/// Who would come with this credential.
fn caller(account: &Account, by: Credential, limits: Option<String>) -> Caller {
    let identity = Identity::Account {
        id: account.id,
        name: account.name.as_str().into(),
        role: account.role,
        by,
        limits: limits.map(Into::into),
    };
    Caller { role: account.role, identity, origin: None, once: None }
}

fn limit(standing: Standing) -> Limit {
    let Standing { name, bucket, quota, window, remaining, reset, .. } = standing;
    Limit { name: name.to_string(), bucket: bucket.name().to_owned(), quota, window, remaining, reset }
}
