//! `filmgate backup` and `filmgate restore`.

use std::path::PathBuf;

use clap::Args;

use super::output::{Failure, print};
use crate::config::Config;
use crate::service::database::{self, BackupError};

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The new file; it is readable for its owner alone
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// A file that `filmgate backup` has made
    file: PathBuf,
}

pub(super) async fn backup(config: Config, options: Backup) -> Result<(), Failure> {
    database::backup(config.database_url.expose(), &options.file).await?;
    print(&format!("{} is a whole and checked copy of the database\n", options.file.display()))
}

pub(super) async fn restore(config: Config, options: Restore) -> Result<(), Failure> {
    let restored = database::restore(config.database_url.expose(), &options.file).await?;
    let kept = restored
        .kept
        .map_or_else(String::new, |kept| format!("; what was there before is kept as {}", kept.display()));
    print(&format!("{} is {} again{kept}\n", restored.file.display(), options.file.display()))
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Postgres(_) | BackupError::Same => Self::wrong_use(&error),
            _ => Self::failed(&error),
        }
    }
}
