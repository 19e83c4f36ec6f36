//! Who can sign in, and by what.
//!
//! Over the database alone: commands use it as servers do, and what one process revokes holds in all of them at once.

mod account;
mod identify;
mod key;
mod list;
mod me;
mod password;
mod secret;
pub(super) mod service;
mod session;

pub use account::{Account, AccountChange, AccountDraft, MAX_ACCOUNT_NAME};
pub use key::{ApiKey, KeyDraft, MAX_KEYS, NewKey, key_owner};
pub use me::{Kind, Me};
pub use password::{MAX_PASSWORD, MIN_PASSWORD, Waiting};
pub use service::AccountService;
pub use session::{SignIn, SignedIn};
