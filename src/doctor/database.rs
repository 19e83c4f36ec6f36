//! Whether the database is there, up to date, and takes what is written.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access, statvfs};

use super::finding::Finding;
use crate::app::database_settings;
use crate::config::Config;
use crate::service::database::{self, Database, Missing, OpenError};
use crate::service::diagnosis;

const CHECK: &str = "database";
const WHY: &str = "no film can be added and no vote given";
const MIB: u64 = 1024 * 1024;
/// Below, a disk is as good as full.
const FULL: u64 = 50 * MIB;
/// Below, it is soon, if it is less than a twentieth besides.
const NEARLY_FULL: u64 = 1024 * MIB;

/// The database, where the other checks can use it.
pub(super) async fn examine(config: &Config) -> (Option<Database>, Vec<Finding>) {
    let file = database::file(config.database_url.expose());
    let disk = file.as_deref().and_then(|file| room(&folder(file)));
    let rights = file.as_deref().and_then(rights);
    let (database, found) = open(config, file.is_some()).await;
    let durability = match &database {
        Some(database) => durability(database).await,
        None => None,
    };
    (database, disk.into_iter().chain(rights).chain([found]).chain(durability).collect())
}

/// What filmgate makes is its user's alone; what was copied there may be anybody's.
fn rights(file: &Path) -> Option<Finding> {
    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| {
        Finding::warning(
            "rights",
            format!("others on this machine have rights to {} (mode {mode:o})", file.display()),
            "it holds hashes of passwords and of keys, and addresses of clients",
            format!("chmod 600 {}", file.display()),
        )
    })
}

async fn open(config: &Config, is_file: bool) -> (Option<Database>, Finding) {
    let settings = database_settings(&config.database);
    let opened = async {
        let url = config.database_url.expose();
        let database = Database::connect(url, &settings, Missing::Refuse).await?;
        let migrations = database::status(&database).await?;
        Ok((database, migrations))
    };
    let (database, migrations) = match opened.await {
        Ok(opened) => opened,
        Err(OpenError::NoFile(file)) => return (None, not_there_yet(Path::new(&file))),
        Err(error) => {
            let why = "filmgate does not start";
            return (None, Finding::error(CHECK, error.to_string(), why, "see database_url"));
        }
    };
    if migrations.iter().any(|migration| !migration.applied) {
        let outdated = Finding::warning(
            CHECK,
            format!("the tables of {} are not those of this filmgate", database.name()),
            "they are brought up to date by the next start, which takes a while where there is much in them",
            "run filmgate migrate up",
        );
        return (None, outdated);
    }
    if let Err(error) = database::assert_whole(&database).await {
        let cure = "run the same filmgate copy again, to its end";
        return (None, Finding::error(CHECK, error.to_string(), "filmgate does not start", cure));
    }
    let found = match diagnosis::try_write(&database).await {
        Ok(()) => Finding::ok(CHECK, format!("{} is up to date and takes what is written", database.name())),
        Err(fault) => Finding::error(
            CHECK,
            format!("{} takes nothing: {fault}", database.name()),
            WHY,
            if is_file {
                "give the user that runs filmgate the right to write the file and its folder, and see that the disk has room"
            } else {
                "give the user of database_url the right to write, and see that the server is no standby that only reads"
            },
        ),
    };
    (Some(database), found)
}

/// What PostgreSQL was told not to do.
async fn durability(database: &Database) -> Option<Finding> {
    const CHECK: &str = "durability";
    let (what, cure) = match diagnosis::unsafe_settings(database).await {
        Ok(settings) if settings.is_empty() => return None,
        Ok(settings) => {
            let settings = settings.join(" = off, ");
            (format!("PostgreSQL runs with {settings} = off"), "set them to on, as they are by default")
        }
        Err(fault) => (format!("the database does not tell its settings: {fault}"), "see database_url"),
    };
    Some(Finding::warning(CHECK, what, "what was acknowledged can be lost when its machine fails", cure))
}

fn not_there_yet(file: &Path) -> Finding {
    let folder = folder(file);
    if access(&folder, Access::WRITE_OK | Access::EXEC_OK).is_ok() {
        return Finding::ok(CHECK, format!("{} is not there yet; the first start makes it", file.display()));
    }
    Finding::error(
        CHECK,
        format!("{} is not there, and its folder may not be written", file.display()),
        "filmgate does not start",
        "give the user that runs filmgate the right to write the folder, or change database_url",
    )
}

/// The disk of the folder.
fn room(folder: &Path) -> Option<Finding> {
    let disk = statvfs(folder).ok()?;
    let (free, whole) =
        (disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks.saturating_mul(disk.f_frsize));
    Some(judge_room(folder, free, whole))
}

fn judge_room(folder: &Path, free: u64, whole: u64) -> Finding {
    const CURE: &str = "make room, or move the file to another disk and change database_url";
    let what = format!("the disk of {} has {} MiB left", folder.display(), free / MIB);
    if free < FULL {
        return Finding::error("disk", what, WHY, CURE);
    }
    if free < NEARLY_FULL && free < whole / 20 {
        return Finding::warning("disk", what, "soon no film can be added and no vote given", CURE);
    }
    Finding::ok("disk", what)
}

fn folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Level;

    #[test]
    fn a_disk_is_judged_by_what_is_left_of_it() {
        const GIB: u64 = 1024 * MIB;
        for (free, whole, level) in [
            (49 * MIB, 100 * MIB, Level::Error),
            (49 * MIB, 100 * GIB, Level::Error),
            (500 * MIB, 100 * GIB, Level::Warning),
            (500 * MIB, 2 * GIB, Level::Ok),
            (2 * GIB, 100 * GIB, Level::Ok),
        ] {
            let finding = judge_room(Path::new("/data"), free, whole);
            assert_eq!(finding.level, level, "{}", finding.what);
        }
    }
}
