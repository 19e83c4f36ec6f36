//! What a caller may be.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString};

/// What a caller may be. Each role includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Display, EnumString)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_fn = UnknownRole::of, parse_err_ty = UnknownRole)]
pub enum Role {
    Viewer,
    Voter,
    Editor,
    Admin,
}

/// A word that names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be viewer, voter, editor or admin")]
pub struct UnknownRole;

impl UnknownRole {
    fn of(_: &str) -> Self {
        Self
    }
}
