//! Who one is.

use serde::Serialize;
use utoipa::ToSchema;

use crate::service::accounts::account::{Account, find, of_row};
use crate::service::accounts::service::AccountService;
use crate::service::caller::{Caller, Identity, Role};
use crate::service::error::Result;

/// The caller, as he may see himself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    pub kind: Kind,
    /// What he may do by this credential: a key may be worth less than its account.
    pub role: Role,
    /// The account's, or what an external issuer calls him.
    pub name: Option<String>,
    pub account: Option<Account>,
}

/// By what somebody is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MeKind)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Anonymous,
    Account,
    External,
}

impl AccountService {
    /// Who the caller is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn me(&self, caller: &Caller) -> Result<Me> {
        let (kind, name, account) = match &caller.identity {
            Identity::Anonymous | Identity::Operator => (Kind::Anonymous, None, None),
            Identity::External { subject, .. } => (Kind::External, Some(subject.to_string()), None),
            Identity::Account { id, .. } => {
                let account = of_row(self.database.bounded(find(&self.database.reader, *id)).await?)?;
                (Kind::Account, Some(account.name.clone()), Some(account))
            }
        };
        Ok(Me { kind, role: caller.role, name, account })
    }
}
