//! Accounts and keys for people, and for programs.

use serde::Serialize;

use super::output;
use super::output::Failure;
use crate::service::accounts::{Account, ApiKey};
use crate::service::text::moment_text as time;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccountOut<'a> {
    id: i64,
    name: &'a str,
    role: String,
    disabled: bool,
    created_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyOut<'a> {
    id: i64,
    account: &'a str,
    name: &'a str,
    hint: &'a str,
    role: String,
    created_at: String,
    expires_at: Option<String>,
    revoked: bool,
}

/// `account 5 (anna)`.
pub(super) fn named(account: &Account) -> String {
    format!("account {} ({})", account.id, account.name)
}

pub(super) fn accounts_table(accounts: &[Account]) -> String {
    let mut rows = vec![["id", "name", "role", "state", "created"].map(str::to_owned)];
    rows.extend(accounts.iter().map(|account| {
        [
            account.id.to_string(),
            account.name.clone(),
            account.role.to_string(),
            if account.is_disabled { "disabled" } else { "in use" }.to_owned(),
            time(account.created_at),
        ]
    }));
    output::table(&rows)
}

pub(super) fn accounts_json(accounts: &[Account]) -> Result<String, Failure> {
    array(accounts.iter().map(|account| AccountOut {
        id: account.id,
        name: &account.name,
        role: account.role.to_string(),
        disabled: account.is_disabled,
        created_at: time(account.created_at),
    }))
}

/// `now`: milliseconds since the Unix epoch.
pub(super) fn keys_table(keys: &[(&Account, ApiKey)], now: i64) -> String {
    let mut rows =
        vec![["id", "account", "name", "begins", "role", "state", "created", "expires"].map(str::to_owned)];
    rows.extend(keys.iter().map(|(account, key)| {
        [
            key.id.to_string(),
            account.name.clone(),
            key.name.clone(),
            key.hint.clone(),
            key.role.to_string(),
            state(account, key, now).to_owned(),
            time(key.created_at),
            key.expires_at.map_or_else(|| "never".to_owned(), time),
        ]
    }));
    output::table(&rows)
}

pub(super) fn keys_json(keys: &[(&Account, ApiKey)]) -> Result<String, Failure> {
    array(keys.iter().map(|(account, key)| KeyOut {
        id: key.id,
        account: &account.name,
        name: &key.name,
        hint: &key.hint,
        role: key.role.to_string(),
        created_at: time(key.created_at),
        expires_at: key.expires_at.map(time),
        revoked: key.is_revoked,
    }))
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

/// One object a line.
pub(super) fn array(rows: impl Iterator<Item = impl Serialize>) -> Result<String, Failure> {
    let rows: Result<Vec<String>, _> = rows.map(|row| serde_json::to_string(&row)).collect();
    let rows = rows.map_err(|error| Failure::failed(&error))?;
    Ok(format!("[{}]\n", rows.join(",\n")))
}
