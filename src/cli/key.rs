//! `filmgate key`.

use clap::Subcommand;
use secrecy::ExposeSecret as _;

use super::account::find;
use super::account_rows::{keys_json, keys_table, named};
use super::database::{explain, open, run_async};
use super::output::{Failure, note, print};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::config::load::{Flags, load};
use crate::service::Error;
use crate::service::accounts::{AccountService, KeyDraft};
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
    },
    /// List the keys of an account, or all
    List {
        /// The name of the account
        account: Option<String>,
        /// As JSON
        #[arg(long)]
        json: bool,
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

pub(super) fn run(flags: &Flags, command: Command) -> Result<(), Failure> {
    let config = load(flags).map_err(|error| Failure::wrong_use(&error))?.config;
    run_async(execute(config, command))
}

async fn execute(config: Config, command: Command) -> Result<(), Failure> {
    let service = super::database::accounts(&config, open(&config, Missing::Refuse).await?)?;
    let now = i64::try_from(SystemClock::new().now().as_millis()).unwrap_or(i64::MAX);
    match command {
        Command::Create { account, name, role, expires } => {
            let owner = find(&service, &account).await?;
            let expires_at = expires.map(|expires| match expires {
                Expiry::In(span) => now.saturating_add(span),
                Expiry::At(at) => at,
            });
            let draft = KeyDraft { name, role, expires_at };
            let made = service.create_key(&Caller::operator(), owner.id, draft).await.map_err(failed)?;
            let until =
                made.key.expires_at.map(|at| format!(", until {}", moment_text(at))).unwrap_or_default();
            note(&format!(
                "key {} of {}, as {}{until}; it is shown this once:",
                made.key.id,
                named(&owner),
                made.key.role
            ))?;
            print(&format!("{}\n", made.secret.expose_secret()))
        }
        Command::List { account, json } => list(&service, account, json, now).await,
        Command::Revoke { id } => {
            let key = service.revoke_key(&Caller::operator(), id).await.map_err(failed)?;
            print(&format!("key {} ({}) is revoked\n", key.id, key.hint))
        }
    }
}

async fn list(
    service: &AccountService,
    account: Option<String>,
    json: bool,
    now: i64,
) -> Result<(), Failure> {
    let accounts = match account {
        Some(name) => vec![find(service, &name).await?],
        None => service.accounts(&Caller::operator()).await.map_err(failed)?,
    };
    let mut keys = Vec::new();
    for account in &accounts {
        let of_account = service.keys(&Caller::operator(), account.id).await.map_err(failed)?;
        keys.extend(of_account.into_iter().map(|key| (account, key)));
    }
    print(&if json { keys_json(&keys)? } else { keys_table(&keys, now) })
}

fn failed(error: Error) -> Failure {
    Failure::failed(&explain(error))
}
