//! Accounts: made, looked up, changed.

use std::collections::BTreeSet;

use entity::{account, session};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
};
use secrecy::SecretString;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;
use unicode_security::skeleton;

use crate::service::accounts::password;
use crate::service::accounts::service::AccountService;
use crate::service::action::Action;
use crate::service::audit::entry::{Entry, Event};
use crate::service::caller::{Caller, Identity, Role};
use crate::service::database::write::Write;
use crate::service::error::{Error, FieldFault, Result, faultless, is_taken};
use crate::service::policy::authorize;
use crate::service::text::{
    as_moment, fold, is_invisible, is_of_one_script, is_plain, is_visible, normal_form,
};

/// Characters of a name.
pub const MAX_ACCOUNT_NAME: usize = 64;

/// An account as the service hands it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    pub id: i64,
    pub name: String,
    pub role: Role,
    #[serde(rename = "disabled")]
    pub is_disabled: bool,
    /// Milliseconds since the Unix epoch.
    #[serde(serialize_with = "as_moment")]
    pub created_at: i64,
}

/// An account that somebody wants to make: not yet validated.
#[derive(Debug, Clone)]
pub struct AccountDraft {
    pub name: String,
    pub role: Role,
    pub password: SecretString,
}

/// What is to change; nothing by default.
#[derive(Debug, Clone, Default)]
pub struct AccountChange {
    pub role: Option<Role>,
    pub password: Option<SecretString>,
    pub disabled: Option<bool>,
}

impl AccountService {
    /// Makes an account.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] with every fault, [`Error::AccountExists`] when the name is taken.
    pub async fn create_account(&self, caller: &Caller, draft: AccountDraft) -> Result<Account> {
        authorize(caller, Action::ManageAccounts)?;
        let name = account_name(&draft.name);
        let faults = [name_fault(&name), password::faults("/password", &draft.password, &name)];
        faultless(faults.into_iter().flatten())?;
        let waits = self.passwords.wait()?;
        let password_hash = self.passwords.hash(&draft.password, self.salt()).await?;
        drop(waits);
        let now = self.clock.now_ms();
        let row = account::ActiveModel {
            name_key: Set(name_key(&name)),
            name: Set(name.clone()),
            role: Set(draft.role.to_string()),
            password_hash: Set(password_hash),
            created_at: Set(now),
            disabled_at: Set(None),
            ..Default::default()
        };
        let store = async |write: Write| {
            self.database.hold_account_names(&write).await?;
            let caller_now = self.identify_again(&*write, caller, Condition::any()).await?;
            authorize(&caller_now, Action::ManageAccounts)?;
            if let Some(fault) = taken_for(&*write, &name).await? {
                return write.refuse(Error::InvalidInput(vec![fault])).await;
            }
            let stored = match row.clone().insert(&*write).await {
                Ok(stored) => stored,
                Err(error) if is_taken(&error) => return write.refuse(Error::AccountExists).await,
                Err(error) => return Err(error.into()),
            };
            let made = of_row(stored)?;
            let entry = Entry::new(Event::AccountCreated, caller, now).on(target(made.id, &made.name));
            entry.saying(made.role.to_string()).commit(write).await?;
            Ok(made)
        };
        self.database.write(store).await
    }

    /// All accounts, by name, for commands.
    ///
    /// # Errors
    /// When the caller may not see them.
    pub async fn all_accounts(&self, caller: &Caller) -> Result<Vec<Account>> {
        authorize(caller, Action::ManageAccounts)?;
        let all = account::Entity::find().order_by_asc(account::Column::NameKey);
        let rows = self.database.bounded(all.all(&self.database.reader)).await?;
        rows.into_iter().map(of_row).collect()
    }

    /// The account with this id.
    ///
    /// # Errors
    /// [`Error::AccountNotFound`].
    pub async fn account(&self, caller: &Caller, id: i64) -> Result<Account> {
        authorize(caller, Action::ManageAccounts)?;
        of_row(self.database.bounded(find(&self.database.reader, id)).await?)
    }

    /// The account with this name, for commands.
    ///
    /// # Errors
    /// [`Error::AccountNotFound`].
    pub async fn account_named(&self, caller: &Caller, name: &str) -> Result<Account> {
        authorize(caller, Action::ManageAccounts)?;
        let named = self.database.bounded(find_named(&self.database.reader, name)).await?;
        of_row(named.ok_or(Error::AccountNotFound)?)
    }

    /// Changes role, password or whether the account is in use. A new password, and a disabled account, end every
    /// session; keys rest while the account is disabled.
    ///
    /// # Errors
    /// [`Error::AccountNotFound`]; [`Error::InvalidInput`] for a bad password, for the last admin whose rights would be
    /// taken away, and for an admin who would take their own rights away, or set their own password without the present
    /// one. [`Error::Forbidden`] and [`Error::BadCredential`] too for who has lost the right meanwhile.
    pub async fn update_account(&self, caller: &Caller, id: i64, change: AccountChange) -> Result<Account> {
        authorize(caller, Action::ManageAccounts)?;
        if caller.account_id() == Some(id) {
            let asks = "must not be set for your own account: change it, which asks for the present one";
            let is_lowered = change.role.is_some_and(|role| role < Role::Admin);
            let faults = [
                (is_lowered, "/role", "must not be lowered for your own account"),
                (change.disabled == Some(true), "/disabled", "must not be set for your own account"),
                (change.password.is_some(), "/password", asks),
            ]
            .into_iter()
            .filter(|(is_wrong, ..)| *is_wrong)
            .map(|(_, pointer, detail)| FieldFault::new(pointer, detail));
            faultless(faults)?;
        }
        let known = self.database.bounded(find(&self.database.reader, id)).await?;
        let password_hash = match &change.password {
            None => None,
            Some(password) => {
                faultless(password::faults("/password", password, &known.name))?;
                let _waits = self.passwords.wait()?;
                Some(self.passwords.hash(password, self.salt()).await?)
            }
        };
        // Whoever has the command line can make another admin.
        let is_watched = caller.identity != Identity::Operator;
        let takes_rights = [
            (change.role.is_some_and(|role| role < Role::Admin), "/role"),
            (change.disabled == Some(true), "/disabled"),
        ];
        let takes_rights =
            takes_rights.iter().find(|(takes, _)| is_watched && *takes).map(|(_, pointer)| *pointer);
        let now = self.clock.now_ms();
        let update = async |write: Write| {
            let this = Condition::any().add(account::Column::Id.eq(id));
            let others = if takes_rights.is_some() { this.add(admins()) } else { this };
            authorize(&self.identify_again(&*write, caller, others).await?, Action::ManageAccounts)?;
            let known = find(&*write, id).await?;
            if let Some(pointer) = takes_rights
                && is_last_admin(&*write, &known).await?
            {
                let detail = "must stay as it is for the last admin: make another one first";
                return write.refuse(Error::InvalidInput(vec![FieldFault::new(pointer, detail)])).await;
            }
            let before = of_row(known.clone())?;
            let mut row: account::ActiveModel = known.into();
            let mut entries = Vec::new();
            let entry = |event| Entry::new(event, caller, now).on(target(before.id, &before.name));
            if let Some(role) = change.role.filter(|role| *role != before.role) {
                row.role = Set(role.to_string());
                entries.push(entry(Event::RoleChanged).saying(format!("from {} to {role}", before.role)));
            }
            if let Some(disabled) = change.disabled.filter(|disabled| *disabled != before.is_disabled) {
                row.disabled_at = Set(disabled.then_some(now));
                entries.push(entry(if disabled { Event::AccountDisabled } else { Event::AccountEnabled }));
            }
            let ends_sessions = password_hash.is_some() || change.disabled == Some(true);
            if let Some(hash) = &password_hash {
                row.password_hash = Set(hash.clone());
                entries.push(entry(Event::PasswordChanged));
            }
            if entries.is_empty() {
                write.rollback().await?;
                return Ok(before);
            }
            let stored = of_row(row.update(&*write).await?)?;
            if ends_sessions {
                end_sessions(&*write, id, None, now).await?;
            }
            for entry in &entries {
                entry.record(&*write).await?;
            }
            write.commit().await?;
            entries.iter().for_each(Entry::tell);
            Ok(stored)
        };
        self.database.write(update).await
    }
}

/// Ends the sessions of an account, but for one.
pub(super) async fn end_sessions(
    database: &impl ConnectionTrait,
    account_id: i64,
    but: Option<i64>,
    now: i64,
) -> Result<()> {
    session::Entity::update_many()
        .col_expr(session::Column::RevokedAt, Expr::value(now))
        .filter(session::Column::AccountId.eq(account_id))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::Id.ne(but.unwrap_or_default()))
        .exec(database)
        .await?;
    Ok(())
}

pub(super) async fn find(database: &impl ConnectionTrait, id: i64) -> Result<account::Model> {
    account::Entity::find_by_id(id).one(database).await?.ok_or(Error::AccountNotFound)
}

/// The same for a write. On PostgreSQL nobody else changes the account, opens a session for it or makes it a key before the
/// write has ended: what is judged here still holds when it is committed.
pub(super) async fn find_locked(database: &impl ConnectionTrait, id: i64) -> Result<account::Model> {
    lock(database, Condition::all().add(account::Column::Id.eq(id)))
        .await?
        .pop()
        .ok_or(Error::AccountNotFound)
}

/// The same for several, in the order of their ids, which is the only one in which a write may wait for accounts: or two
/// would wait for each other.
pub(super) async fn lock(
    database: &impl ConnectionTrait,
    which: Condition,
) -> Result<Vec<account::Model>, DbErr> {
    let locked = account::Entity::find().filter(which).order_by_asc(account::Column::Id);
    locked.lock_exclusive().all(database).await
}

/// Those in use.
fn admins() -> Condition {
    let is_admin = account::Column::Role.eq(Role::Admin.to_string());
    Condition::all().add(is_admin).add(account::Column::DisabledAt.is_null())
}

async fn is_last_admin(database: &impl ConnectionTrait, account: &account::Model) -> Result<bool> {
    let others = admins().add(account::Column::Id.ne(account.id));
    let is_admin = account.disabled_at.is_none() && account.role == Role::Admin.to_string();
    Ok(is_admin && account::Entity::find().filter(others).one(database).await?.is_none())
}

pub(super) async fn find_named(
    database: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<account::Model>, DbErr> {
    let Some(has_name) = has_name(name) else { return Ok(None) };
    let named = account::Entity::find().filter(has_name).all(database).await?;
    let written = normal_form(name);
    let key = name_key(name);
    Ok(named.into_iter().min_by_key(|known| (known.name != written, known.name_key != key)))
}

/// Whether an account has this name. One that was named before another name looked like its own is found by its name as it
/// is written; so there may be two. `None` for what cannot be a name.
pub(super) fn has_name(name: &str) -> Option<Condition> {
    let written = Some(cut(name)).filter(|cut| cut.len() == name.len()).map(normal_form)?;
    // The rules of today are for new names.
    let is_name = (1..=MAX_ACCOUNT_NAME).contains(&written.chars().count()) && written.chars().all(is_plain);
    is_name.then(|| {
        let by_key = account::Column::NameKey.eq(name_key(&written));
        Condition::any().add(by_key).add(account::Column::Name.eq(written))
    })
}

/// The form in which names are compared, and attempts on an account are counted.
pub(super) fn name_key(name: &str) -> String {
    fold(&account_name(cut(name)))
}

/// What is longer than any name, however it is composed, is none. It may be as long as a body, and before a budget is drawn
/// from it is not worth looking at all of it.
fn cut(name: &str) -> &str {
    let end = name.char_indices().nth(4 * MAX_ACCOUNT_NAME).map_or(name.len(), |(place, _)| place);
    &name[..end]
}

/// As a new account is named: letters that are only drawn otherwise, wide or bold, are the plain ones.
fn account_name(name: &str) -> String {
    normal_form(name).nfkc().collect()
}

pub(super) fn of_row(row: account::Model) -> Result<Account> {
    let account::Model { id, name, role, disabled_at, created_at, .. } = row;
    let role = role.parse().map_err(Error::internal)?;
    Ok(Account { id, name, role, is_disabled: disabled_at.is_some(), created_at })
}

/// As the audit names it.
pub(super) fn target(id: i64, name: &str) -> String {
    format!("account {id} ({name})")
}

/// The fault of a new name that people would take for another one, though it is of one script. One that is the same as
/// another is refused where it is stored.
async fn taken_for(database: &impl ConnectionTrait, name: &str) -> Result<Option<FieldFault>> {
    let names = account::Entity::find().select_only().column(account::Column::Name);
    let names: Vec<String> = names.into_tuple().all(database).await?;
    let (key, forms) = (name_key(name), forms(name));
    let is_alike = |known: &&String| name_key(known) != key && !forms.is_disjoint(&self::forms(known));
    let detail = |known| format!("must not look like the name of another account, {known}");
    Ok(names.iter().find(is_alike).map(|known| FieldFault::new("/name", detail(known))))
}

/// What all texts have in common that look alike (UTS 39, section 4): as it is written, and in letters of either case, since
/// case does not count and other letters look alike in the other one.
fn forms(name: &str) -> BTreeSet<String> {
    let written = [name.to_owned(), name.to_uppercase(), name_key(name)];
    written.iter().map(|text| skeleton(text).collect()).collect()
}

fn name_fault(name: &str) -> Option<FieldFault> {
    let length = name.chars().count();
    if !(1..=MAX_ACCOUNT_NAME).contains(&length) {
        let detail = format!("must have 1 to {MAX_ACCOUNT_NAME} characters, has {length}");
        return Some(FieldFault::new("/name", detail));
    }
    let is_fit = |character: char| {
        (character.is_alphanumeric() && !is_invisible(character)) || "._-@+".contains(character)
    };
    let detail = if !name.chars().all(is_fit) || !is_visible(name) {
        "must consist of letters, digits and the characters . _ - @ +"
    } else if !is_of_one_script(name) {
        "must have letters of one script only, so that nobody takes it for another name"
    } else {
        return None;
    };
    Some(FieldFault::new("/name", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One character that becomes eighteen in its compatible form: before a budget is drawn from, no more of it is looked
    /// at than could be a name.
    #[test]
    fn a_name_as_long_as_a_body_is_cut_before_it_is_folded() {
        let key = |count: usize| name_key(&"\u{FDFA}".repeat(count));
        assert_eq!(key(20_000), key(4 * MAX_ACCOUNT_NAME));
        assert!(has_name(&"a".repeat(20_000)).is_none() && has_name(&"a".repeat(MAX_ACCOUNT_NAME)).is_some());
    }
}
