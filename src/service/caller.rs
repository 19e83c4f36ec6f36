//! On whose behalf a use case runs.

use super::policy::Role;

/// Who asks. Made at the door, judged in the hall.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub role: Role,
}

impl Caller {
    /// A caller who showed no credential.
    #[must_use]
    pub fn anonymous(role: Role) -> Self {
        Self { role }
    }

    /// The person at the command line: who can read the database's password can do everything anyway.
    #[must_use]
    pub fn operator() -> Self {
        Self { role: Role::Admin }
    }
}
