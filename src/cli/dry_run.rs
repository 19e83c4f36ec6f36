//! What a dry run looks at.

use std::path::PathBuf;

use super::{Failure, open};
use crate::app::database_settings;
use crate::config::Config;
use crate::service::database::{Database, Missing, OpenError};

/// A folder that goes when it is dropped.
pub(super) struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed lies where temporary files do.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The database, or, where it does not exist yet, one like the one that would be created, in a place of its own.
pub(super) async fn open_or_pretend(config: &Config) -> Result<(Database, Option<Scratch>), Failure> {
    let settings = database_settings(&config.database);
    match Database::connect(config.database_url.expose(), &settings, Missing::Refuse).await {
        Err(OpenError::NoFile(_)) => {}
        Err(error) => return Err(Failure::failed(&error)),
        Ok(_) => return Ok((open(config, Missing::Refuse).await?, None)),
    }
    let folder = std::env::temp_dir().join(format!("filmgate-dry-run-{}", std::process::id()));
    std::fs::create_dir(&folder).map_err(|error| {
        Failure::failed(&format!("the folder {} cannot be made: {error}", folder.display()))
    })?;
    let scratch = Scratch(folder);
    let url = format!("sqlite://{}", scratch.0.join("filmgate.db").display());
    let database = open(&Config { database_url: url.into(), ..config.clone() }, Missing::Create).await?;
    Ok((database, Some(scratch)))
}
