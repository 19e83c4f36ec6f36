//! Signing in and out.

use entity::{account, session};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, Set};
use secrecy::{ExposeSecret as _, SecretString};
use unicode_normalization::UnicodeNormalization as _;

use crate::clock::milliseconds;
use crate::service::accounts::account::{
    Account, end_sessions, find, find_locked, find_named, has_name, name_key, of_row, target,
};
use crate::service::accounts::service::AccountService;
use crate::service::accounts::{password, secret};
use crate::service::action::Action;
use crate::service::audit::entry::{Entry, Event, Refusal};
use crate::service::caller::{Caller, Credential, Identity};
use crate::service::database::write::Write;
use crate::service::error::{Error, FieldFault, Result, faultless};
use crate::service::policy::not_signed_in;

/// How long it is remembered from where somebody signed in: 30 days, in milliseconds.
const REMEMBERED: i64 = 30 * 24 * 3_600 * 1_000;

/// A name and a password, as somebody sent them.
#[derive(Debug, Clone)]
pub struct SignIn {
    pub name: String,
    pub password: SecretString,
}

/// A new session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Shown once.
    pub token: SecretString,
    /// Milliseconds since the Unix epoch.
    pub expires_at: i64,
    pub account: Account,
}

impl AccountService {
    /// Opens a session. An unknown name, a wrong password and a disabled account are one refusal, and take the same
    /// time. The caller has a place among those who wait ([`AccountService::wait_for_password`]).
    ///
    /// # Errors
    /// [`Error::WrongPassword`].
    pub async fn sign_in(&self, caller: &Caller, sign_in: SignIn) -> Result<SignedIn> {
        let named = self.database.bounded(find_named(&self.database.reader, &sign_in.name)).await?;
        let known = named.as_ref().filter(|known| known.disabled_at.is_none());
        let stored = known.map(|known| known.password_hash.clone());
        let is_right = self.passwords.verify(&cut(sign_in.password), stored).await?;
        let now = self.clock.now_ms();
        let Some(known) = known.filter(|_| is_right) else {
            // Only a name that there is: what is typed into its field may be the password.
            self.note_failure(caller, named.as_ref().map(|named| target(named.id, &named.name)));
            return Err(Error::WrongPassword);
        };
        let token = self.secret(secret::SESSION);
        let expires_at = now.saturating_add(milliseconds(self.session_lifetime));
        let row = session::ActiveModel {
            account_id: Set(known.id),
            token_hash: Set(secret::digest(token.expose_secret())),
            network: Set(network(caller)),
            created_at: Set(now),
            expires_at: Set(expires_at),
            revoked_at: Set(None),
            ..Default::default()
        };
        let open = async |write: Write| {
            // Looked at anew, in the transaction: a password changed or an account disabled meanwhile must not be
            // survived by this session.
            let current = find_locked(&*write, known.id).await?;
            if current.password_hash != known.password_hash || current.disabled_at.is_some() {
                return write.refuse(Error::WrongPassword).await;
            }
            session::Entity::delete_many()
                .filter(session::Column::AccountId.eq(known.id))
                .filter(session::Column::CreatedAt.lt(now - REMEMBERED))
                .filter(session::Column::ExpiresAt.lt(now))
                .exec(&*write)
                .await?;
            row.clone().insert(&*write).await?;
            let account = of_row(current)?;
            let entry = Entry::new(Event::SignedIn, caller, now).on(target(account.id, &account.name));
            entry.commit(write).await?;
            Ok(account)
        };
        let account = self.database.write(open).await?;
        Ok(SignedIn { token, expires_at, account })
    }

    /// Counted and sampled: nobody makes the database write by guessing.
    fn note_failure(&self, caller: &Caller, target: Option<String>) {
        let actor = caller.is_signed_in().then(|| caller.name());
        self.refusals.note(Refusal {
            event: Event::SignInFailed,
            actor: actor.as_deref(),
            origin: caller.origin.as_deref(),
            target,
            detail: None,
        });
    }

    /// Ends the caller's session, for every process at once.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for who came without a session.
    pub async fn sign_out(&self, caller: &Caller) -> Result<()> {
        let Identity::Account { id, name, by: Credential::Session(session_id), .. } = &caller.identity else {
            return Err(not_signed_in(Action::UseSession));
        };
        let now = self.clock.now_ms();
        let close = async |write: Write| {
            session::Entity::update_many()
                .col_expr(session::Column::RevokedAt, Expr::value(now))
                .filter(session::Column::Id.eq(*session_id))
                .exec(&*write)
                .await?;
            let entry = Entry::new(Event::SignedOut, caller, now).on(target(*id, name));
            entry.commit(write).await.map(drop)
        };
        self.database.write(close).await
    }

    /// Changes the caller's own password, and ends all other sessions. The caller has a place among those who wait.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for who came without a session; [`Error::InvalidInput`] for the old one, which is no reason for
    /// the client to take its session for ended, and for the new one.
    pub async fn change_password(
        &self,
        caller: &Caller,
        current: SecretString,
        new: SecretString,
    ) -> Result<()> {
        let Identity::Account { id, name, by: Credential::Session(session_id), .. } = &caller.identity else {
            return Err(not_signed_in(Action::UseSession));
        };
        faultless(password::faults("/newPassword", &new, name))?;
        let known = self.database.bounded(find(&self.database.reader, *id)).await?;
        let now = self.clock.now_ms();
        if !self.passwords.verify(&cut(current), Some(known.password_hash.clone())).await? {
            self.note_failure(caller, Some(target(*id, name)));
            return Err(not_the_password());
        }
        let hash = self.passwords.hash(&new, self.salt()).await?;
        let change = async |write: Write| {
            // Whose session was ended meanwhile sets no password any more.
            self.identify_again(&*write, caller, Condition::any()).await?;
            let row = find(&*write, *id).await?;
            if row.password_hash != known.password_hash {
                return write.refuse(not_the_password()).await;
            }
            let mut row: account::ActiveModel = row.into();
            row.password_hash = Set(hash.clone());
            row.update(&*write).await?;
            end_sessions(&*write, *id, Some(*session_id), now).await?;
            let entry = Entry::new(Event::PasswordChanged, caller, now).on(target(*id, name));
            entry.commit(write).await.map(drop)
        };
        self.database.write(change).await
    }

    /// Whether somebody with this name has signed in from the caller's network of late: he is not held up by those who
    /// try his password from elsewhere. One question, so that a name that is there takes as long as one that is not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn knows(&self, caller: &Caller, name: &str) -> Result<bool> {
        let Some(has_name) = has_name(name) else { return Ok(false) };
        let session = session::Entity::find()
            .inner_join(account::Entity)
            .filter(has_name)
            .filter(session::Column::Network.eq(network(caller)))
            .filter(session::Column::CreatedAt.gte(self.clock.now_ms() - REMEMBERED));
        let session = self.database.bounded(session.one(&self.database.reader)).await?;
        Ok(session.is_some())
    }

    /// The form of a name by which attempts on one account are counted.
    #[must_use]
    pub fn attempted(name: &str) -> String {
        name_key(name)
    }
}

fn network(caller: &Caller) -> String {
    caller.origin.as_ref().map_or_else(|| "command".to_owned(), |origin| origin.network().to_string())
}

/// What is longer than any password is none; it is not worth hashing all of it.
fn cut(password: SecretString) -> SecretString {
    if password.expose_secret().nfc().count() <= password::MAX_PASSWORD {
        return password;
    }
    String::new().into()
}

fn not_the_password() -> Error {
    Error::InvalidInput(vec![FieldFault::new("/currentPassword", "is not the password of this account")])
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;
    use crate::clock::{Clock, SystemClock};
    use crate::service::accounts::{AccountChange, AccountDraft};
    use crate::service::audit::Refusals;
    use crate::service::caller::Role;
    use crate::service::database::{self, Database};

    /// Equal time by construction: whatever is wrong with a sign-in, one hash of the same cost is made, and no more.
    #[tokio::test]
    async fn every_sign_in_compares_one_hash_of_the_same_cost() {
        const PASSWORD: &str = "correct horse battery";
        let folder = tempfile::TempDir::new().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let database = Database::open(&url, &database::Settings::default()).await.expect("a database");
        let randomness: crate::clock::Randomness = Box::new(StdRng::seed_from_u64(1));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let refusals = Arc::new(Refusals::new(database.clone(), Arc::clone(&clock)));
        let accounts = AccountService::new(
            database,
            clock,
            Arc::new(Mutex::new(randomness)),
            refusals,
            Duration::from_mins(1),
            100,
        );
        let operator = Caller::operator();
        for name in ["ada", "gone"] {
            let draft = AccountDraft { name: name.to_owned(), role: Role::Viewer, password: PASSWORD.into() };
            let account = accounts.create_account(&operator, draft).await.expect("an account");
            let change = AccountChange { disabled: Some(name == "gone"), ..AccountChange::default() };
            accounts.update_account(&operator, account.id, change).await.expect("a change");
        }
        let long = "x".repeat(10_000);
        let attempts = [
            ("ada", PASSWORD),
            ("ada", "not the password"),
            ("ada", &long),
            ("ada", ""),
            ("nobody", PASSWORD),
            ("gone", PASSWORD),
            ("a b", PASSWORD),
            (&long, PASSWORD),
        ];
        for (name, password) in attempts {
            let sign_in = SignIn { name: name.to_owned(), password: password.into() };
            let is_right = accounts.sign_in(&operator, sign_in).await.is_ok();
            assert_eq!(is_right, (name, password) == ("ada", PASSWORD), "{name}");
        }
        let compared = accounts.passwords.compared.lock().expect("no panic");
        assert_eq!(compared.len(), attempts.len());
        assert!(compared.iter().all(|cost| *cost == compared[0]), "{compared:?}");
    }
}
