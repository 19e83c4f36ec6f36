//! How to import, and what a row is once it is judged.

use crate::service::error::FieldFault;
use crate::service::films::types::NewFilm;

/// What becomes of a film that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDuplicate {
    Skip,
    /// Takes over spelling and genres; id and votes stay.
    Update,
    /// Refuses the row.
    Error,
}

/// What a refused row means for those after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    Stop,
    Skip,
}

/// How to import.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub on_duplicate: OnDuplicate,
    pub on_error: OnError,
    /// Whether nothing is to be written.
    pub dry_run: bool,
}

/// A valid row, or all that is wrong with it.
pub(super) type Judged = Result<ValidRow, Vec<FieldFault>>;

#[derive(Clone)]
pub(super) struct ValidRow {
    /// The id that it asks for.
    pub id: Option<i64>,
    pub new: NewFilm,
    pub gives_genres: bool,
}
