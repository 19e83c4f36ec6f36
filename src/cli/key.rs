//! `filmgate key`.

use clap::Subcommand;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::account::{find, named};
use super::database::accounts;
use super::output::{Failure, Group, Output, note, print, table};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::limits::OwnLimits;
use crate::service::accounts::{Account, AccountService, ApiKey, KeyDraft};
use crate::service::caller::{Caller, Role};
use crate::service::database::Missing;
use crate::service::text::{moment_text, parse_moment};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a key and print it, once, to standard output
    Create {
        /// The name of the account that it is for
        account: String,
        /// What it is for, so that it can be told from others
        #[arg(long)]
        name: String,
        /// viewer, voter, editor or admin, at most the account's [default: the account's]
        #[arg(long)]
        role: Option<Role>,
        /// When it ends: after so many days (90d) or hours (12h), or a time such as 2030-01-31T12:00:00Z [default: never]
        #[arg(long, value_name = "WHEN")]
        expires: Option<Expiry>,
        /// Limits of its own in place of its account's: "film=20/second, 1000/hour, browse=50/second"; what it does not name
        /// has the policies of its account, counted for this key [default: its account's]
        #[arg(long)]
        limits: Option<OwnLimits>,
    },
    /// List the keys of an account, or all
    List {
        /// The name of the account
        account: Option<String>,
    },
    /// Revoke a key: it holds nowhere any more
    Revoke {
        /// Its id
        #[arg(value_parser = clap::value_parser!(i64).range(0..))]
        id: i64,
    },
}

/// When a key ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expiry {
    /// Milliseconds from now.
    In(i64),
    /// Milliseconds since the Unix epoch.
    At(i64),
}

impl std::str::FromStr for Expiry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const HOUR: i64 = 3_600 * 1_000;
        let unit = [("d", 24 * HOUR), ("h", HOUR)];
        let span = unit.into_iter().find_map(|(letter, unit)| {
            let count: u32 = text.strip_suffix(letter)?.parse().ok()?;
            i64::from(count).checked_mul(unit)
        });
        span.map(Self::In).or_else(|| parse_moment(text).map(Self::At)).ok_or_else(|| {
            "must be days (90d), hours (12h), or a time such as 2030-01-31T12:00:00Z".to_owned()
        })
    }
}

pub(super) async fn execute(
    config: Config,
    Group { output, command }: Group<Command>,
) -> Result<(), Failure> {
    let service = accounts(&config, Missing::Refuse).await?;
    let now = SystemClock::new().now_ms();
    match command {
        Command::Create { account, name, role, expires, limits } => {
            let owner = find(&service, &account).await?;
            let expires_at = expires.map(|expires| match expires {
                Expiry::In(span) => now.saturating_add(span),
                Expiry::At(at) => at,
            });
            let limits = limits.map(|limits| limits.to_string());
            let draft = KeyDraft { name, role, expires_at, limits };
            let made = service.create_key(&Caller::operator(), owner.id, draft).await?;
            if output.is_json() {
                let told = json!({ "key": made.secret.expose_secret(), "apiKey": out(&(&owner, made.key)) });
                return output.tell(&told, String::new);
            }
            let until =
                made.key.expires_at.map(|at| format!(", until {}", moment_text(at))).unwrap_or_default();
            let limits = made.key.limits.map(|limits| format!(", with {limits}")).unwrap_or_default();
            note(&format!(
                "key {} of {}, as {}{until}{limits}; it is shown this once:",
                made.key.id,
                named(&owner),
                made.key.role
            ));
            print(&format!("{}\n", made.secret.expose_secret()))
        }
        Command::List { account } => list(&service, account, output, now).await,
        Command::Revoke { id } => {
            let key = service.revoke_key(&Caller::operator(), id).await?;
            output.tell(&json!({ "id": key.id, "hint": key.hint, "revoked": true }), || {
                format!("key {} ({}) is revoked\n", key.id, key.hint)
            })
        }
    }
}

async fn list(
    service: &AccountService,
    account: Option<String>,
    output: Output,
    now: i64,
) -> Result<(), Failure> {
    let accounts = match account {
        Some(name) => vec![find(service, &name).await?],
        None => service.all_accounts(&Caller::operator()).await?,
    };
    let mut keys = Vec::new();
    for account in &accounts {
        let of_account = service.all_keys(&Caller::operator(), account.id).await?;
        keys.extend(of_account.into_iter().map(|key| (account, key)));
    }
    output.list(keys.iter().map(out), |_| rows(&keys, now))
}

fn out((account, key): &(&Account, ApiKey)) -> Value {
    json!({
        "id": key.id,
        "account": account.name,
        "name": key.name,
        "hint": key.hint,
        "role": key.role,
        "createdAt": moment_text(key.created_at),
        "expiresAt": key.expires_at.map(moment_text),
        "limits": key.limits,
        "revoked": key.is_revoked,
    })
}

/// `now`: milliseconds since the Unix epoch.
fn rows(keys: &[(&Account, ApiKey)], now: i64) -> String {
    let row = |(account, key): &(&Account, ApiKey)| {
        [
            key.id.to_string(),
            account.name.clone(),
            key.name.clone(),
            key.hint.clone(),
            key.role.to_string(),
            state(account, key, now).to_owned(),
            moment_text(key.created_at),
            key.expires_at.map_or_else(|| "never".to_owned(), moment_text),
            key.limits.clone().unwrap_or_else(|| "its account's".to_owned()),
        ]
    };
    let header = ["id", "account", "name", "begins", "role", "state", "created", "expires", "limits"];
    table(header, keys.iter().map(row))
}

fn state(account: &Account, key: &ApiKey, now: i64) -> &'static str {
    if key.is_revoked {
        "revoked"
    } else if key.expires_at.is_some_and(|expires_at| expires_at <= now) {
        "expired"
    } else if account.is_disabled {
        "resting"
    } else {
        "in use"
    }
}
