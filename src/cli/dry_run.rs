//! What a dry run looks at.

use std::path::PathBuf;

use super::database::{connect, open};
use super::output::Failure;
use crate::config::Config;
use crate::service::database::{self, Database, Missing, OpenError};
use crate::service::starter_catalogue;

/// A folder that goes when it is dropped.
pub(super) struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed lies where temporary files do.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The database, or, where it is missing or new, one like the one that a run would make of it, in a place of its own.
pub(super) async fn open_or_pretend(config: &Config) -> Result<(Database, Option<Scratch>), Failure> {
    let database = match connect(config, Missing::Refuse).await {
        Err(OpenError::NoFile(_)) => return pretend(config).await,
        opened => opened?,
    };
    let migrations = database::status(&database).await?;
    if migrations.iter().all(|migration| !migration.applied) {
        return pretend(config).await;
    }
    if migrations.iter().any(|migration| !migration.applied) {
        return Err(Failure::failed(
            &"the tables are those of an older filmgate, and a dry run changes nothing; run filmgate migrate up first",
        ));
    }
    if starter_catalogue::would_load(&database, config.starter_catalogue).await? {
        return pretend(config).await;
    }
    Ok((database, None))
}

async fn pretend(config: &Config) -> Result<(Database, Option<Scratch>), Failure> {
    let folder = std::env::temp_dir().join(format!("filmgate-dry-run-{}", std::process::id()));
    std::fs::create_dir(&folder).map_err(|error| {
        Failure::failed(&format!("the folder {} cannot be made: {error}", folder.display()))
    })?;
    let scratch = Scratch(folder);
    let url = format!("sqlite://{}", scratch.0.join("filmgate.db").display());
    let database = open(&Config { database_url: url.into(), ..config.clone() }, Missing::Create).await?;
    Ok((database, Some(scratch)))
}
