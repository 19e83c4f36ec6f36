//! `filmgate account`.

use clap::Subcommand;

use super::database::accounts;
use super::output::{Failure, Group, table};
use super::password::{self, Source};
use crate::config::Config;
use crate::service::Error;
use crate::service::accounts::{Account, AccountChange, AccountDraft, AccountService};
use crate::service::caller::{Caller, Role};
use crate::service::database::Missing;
use crate::service::text::moment_text;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an account; asks for its password
    Create {
        /// Its name
        name: String,
        /// What it may do: viewer, voter, editor or admin
        #[arg(long)]
        role: Role,
        #[command(flatten)]
        password: Source,
    },
    /// List all accounts
    List,
    /// Give an account another role
    Role {
        /// Its name
        name: String,
        /// viewer, voter, editor or admin
        role: Role,
    },
    /// Give an account a new password and end its sessions; asks for it
    Password {
        /// Its name
        name: String,
        #[command(flatten)]
        password: Source,
    },
    /// Take an account out of use: its sessions end, its keys rest
    Disable {
        /// Its name
        name: String,
    },
    /// Take an account into use again
    Enable {
        /// Its name
        name: String,
    },
}

pub(super) async fn execute(
    config: Config,
    Group { output, command }: Group<Command>,
) -> Result<(), Failure> {
    match command {
        Command::Create { name, role, password } => {
            let draft = AccountDraft { name, role, password: password::read(&password)? };
            // The first admin may be made before the first start.
            let service = accounts(&config, Missing::Create).await?;
            let made = service.create_account(&Caller::operator(), draft).await?;
            output.tell(&made, || format!("{} is made, as {}\n", named(&made), made.role))
        }
        Command::List => {
            let service = accounts(&config, Missing::Refuse).await?;
            let accounts = service.all_accounts(&Caller::operator()).await?;
            output.list(accounts, |accounts| rows(&accounts))
        }
        Command::Role { name, role } => {
            let change = || Ok(AccountChange { role: Some(role), ..AccountChange::default() });
            let account = update(&config, &name, change).await?;
            output.tell(&account, || format!("{} is {} now\n", named(&account), account.role))
        }
        Command::Password { name, password } => {
            let change = || {
                Ok(AccountChange { password: Some(password::read(&password)?), ..AccountChange::default() })
            };
            let account = update(&config, &name, change).await?;
            output.tell(&account, || {
                format!("{} has a new password; its sessions are ended\n", named(&account))
            })
        }
        Command::Disable { name } => {
            let account = update(&config, &name, || Ok(set_disabled(true))).await?;
            output.tell(&account, || {
                format!("{} is disabled: its sessions are ended, its keys rest\n", named(&account))
            })
        }
        Command::Enable { name } => {
            let account = update(&config, &name, || Ok(set_disabled(false))).await?;
            output.tell(&account, || format!("{} is in use\n", named(&account)))
        }
    }
}

fn set_disabled(disabled: bool) -> AccountChange {
    AccountChange { disabled: Some(disabled), ..AccountChange::default() }
}

/// `change` is asked for once the account is found, so that nobody types a password for nothing.
async fn update(
    config: &Config,
    name: &str,
    change: impl FnOnce() -> Result<AccountChange, Failure>,
) -> Result<Account, Failure> {
    let service = accounts(config, Missing::Refuse).await?;
    let known = find(&service, name).await?;
    Ok(service.update_account(&Caller::operator(), known.id, change()?).await?)
}

/// `account 5 (anna)`.
pub(super) fn named(account: &Account) -> String {
    format!("account {} ({})", account.id, account.name)
}

fn rows(accounts: &[Account]) -> String {
    let row = |account: &Account| {
        [
            account.id.to_string(),
            account.name.clone(),
            account.role.to_string(),
            if account.is_disabled { "disabled" } else { "in use" }.to_owned(),
            moment_text(account.created_at),
        ]
    };
    table(["id", "name", "role", "state", "created"], accounts.iter().map(row))
}

/// The account with this name.
pub(super) async fn find(service: &AccountService, name: &str) -> Result<Account, Failure> {
    service.account_named(&Caller::operator(), name).await.map_err(|error| match error {
        Error::AccountNotFound => Failure::failed(&format!("there is no account with the name {name:?}")),
        other => other.into(),
    })
}
