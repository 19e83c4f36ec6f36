//! `filmgate backup` and `filmgate restore`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output::{Failure, Output};
use crate::config::Config;
use crate::service::database::{self, BackupError};

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The new file; it is readable for its owner alone
    file: PathBuf,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// A file that `filmgate backup` has made
    file: PathBuf,
    #[command(flatten)]
    output: Output,
}

pub(super) async fn backup(config: Config, options: Backup) -> Result<(), Failure> {
    database::backup(config.database_url.expose(), &options.file).await?;
    let file = options.file.display().to_string();
    options
        .output
        .tell(&json!({"backup": file}), || format!("{file} is a whole and checked copy of the database\n"))
}

pub(super) async fn restore(config: Config, options: Restore) -> Result<(), Failure> {
    let restored = database::restore(config.database_url.expose(), &options.file).await?;
    let kept = restored.kept.map(|kept| kept.display().to_string());
    let (file, backup) = (restored.file.display().to_string(), options.file.display().to_string());
    options.output.tell(&json!({"restored": file, "backup": backup, "kept": kept}), || {
        let kept = kept
            .as_ref()
            .map_or_else(String::new, |kept| format!("; what was there before is kept as {kept}"));
        format!("{file} is {backup} again{kept}\n")
    })
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Postgres(_) | BackupError::Same => Self::wrong_use(&error),
            _ => Self::failed(&error),
        }
    }
}
