//! A copy of SQLite's file in one piece, and the way back.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, chown};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::service::database::file::{OWN, identity, lock, quoted, with_ending};
use crate::service::database::migrate::look;
use crate::service::database::open::{DAMAGED, Missing, OpenError, Settings, remedy, root_cause};
use crate::service::database::sqlite;

/// What stands beside a file while it is in use, or after its server was killed.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Why there is no copy, for the operator.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// It has tools of its own.
    #[error("this copies the file of SQLite; the database is PostgreSQL: use {0}")]
    Postgres(&'static str),
    #[error("{0} is there already; name a file that is not, or remove it")]
    Exists(String),
    #[error("the file and the database are one and the same")]
    Same,
    #[error("{file} cannot be used: {cause}")]
    Io { file: String, cause: io::Error },
    #[error("{file} may have been replaced, or not: {cause}; what was there before is kept as {kept}")]
    Kept { file: String, cause: io::Error, kept: String },
    #[error("the folder {0} does not exist; create it or name another file; nothing was changed")]
    NoFolder(String),
    #[error("{0} does not exist; name a file that filmgate backup has made; nothing was changed")]
    Missing(String),
    #[error("{0} is no file; name one that filmgate backup has made; nothing was changed")]
    NoFile(String),
    #[error("{file} cannot be read ({cause}); check its rights; nothing was changed")]
    Unreadable { file: String, cause: io::Error },
    #[error("{file} cannot be copied ({cause}); {remedy}; nothing was changed")]
    Copy { file: String, cause: String, remedy: &'static str },
    #[error("{file} is damaged ({fault}); {remedy}; nothing was changed")]
    Damaged { file: String, fault: String, remedy: &'static str },
    #[error("{0} is no database of filmgate; nothing was changed")]
    NotOurs(String),
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// What became of the old database.
#[derive(Debug)]
pub struct Restored {
    /// The file that is the database now.
    pub file: PathBuf,
    /// Where the old one is, with its log if it had one.
    pub kept: Option<PathBuf>,
}

/// Copies the database into a new file, while whoever likes goes on writing, and checks the copy.
///
/// # Errors
/// With a sentence that names cause and remedy.
pub async fn backup(url: &str, to: &Path) -> Result<(), BackupError> {
    let from = file(url, "pg_dump --format=custom --file=FILE URL")?;
    sqlite::assert_there(&from, Missing::Refuse)?;
    let folder = folder(to);
    if !folder.is_dir() {
        return Err(BackupError::NoFolder(quoted(folder)));
    }
    // A log that is there already would be taken for the copy's.
    if let Some(there) = with_all_beside(to).find(|file| file.exists()) {
        return Err(BackupError::Exists(quoted(&there)));
    }
    let from_it = SqliteConnectOptions::new().filename(&from);
    let part = Part::make(&from, from_it, to, DAMAGED).await?;
    part.is_ours(&from).await?;
    part.put(to).map(drop)
}

/// Puts a backup in the place of the database. The old one is kept beside it.
///
/// # Errors
/// With a sentence that names cause and remedy; unless it says otherwise, nothing was changed.
pub async fn restore(url: &str, from: &Path) -> Result<Restored, BackupError> {
    let to = file(url, "pg_restore --clean --dbname=URL FILE")?;
    // The log of a file that is reached by a link stands beside the file, not beside the link. What is not there is told
    // of by its first use.
    let to = fs::canonicalize(&to).unwrap_or(to);
    let from = &fs::canonicalize(from).unwrap_or_else(|_| from.to_owned());
    if identity(from).is_some_and(|own| identity(&to) == Some(own)) {
        return Err(BackupError::Same);
    }
    assert_readable(from)?;
    // Held until the end: a start that comes before the file is replaced finds it locked.
    let locked = lock(&to).map_err(|error| failed(&to, error))?;
    let _locked = locked.ok_or_else(|| OpenError::InUse(quoted(&to)))?;
    // A file without a log beside it may lie where nothing can be written, and needs no locks.
    let is_alone = BESIDE.iter().all(|ending| !with_ending(from, ending).exists());
    let from_it = SqliteConnectOptions::new().filename(from).read_only(true).immutable(is_alone);
    let part = Part::make(from, from_it, &to, "take another backup").await?;
    part.is_ours(from).await?;
    if let Ok(old) = fs::metadata(&to) {
        // Whoever restores may be another user than the one that runs filmgate.
        chown(&part.0, Some(old.uid()), Some(old.gid())).map_err(|error| failed(&part.0, error))?;
    }
    let kept = part.put(&to)?;
    Ok(Restored { file: to, kept })
}

/// A pipe is not waited for.
fn assert_readable(from: &Path) -> Result<(), BackupError> {
    let unreadable = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => BackupError::Missing(quoted(from)),
        _ => BackupError::Unreadable { file: quoted(from), cause },
    };
    if !fs::metadata(from).map_err(unreadable)?.is_file() {
        return Err(BackupError::NoFile(quoted(from)));
    }
    File::open(from).map(drop).map_err(unreadable)
}

/// The file of the database.
fn file(url: &str, otherwise: &'static str) -> Result<PathBuf, BackupError> {
    match sqlite::options(url) {
        Err(OpenError::Unsupported) => Err(BackupError::Postgres(otherwise)),
        options => Ok(options?.get_filename().to_owned()),
    }
}

/// A copy that is being made, beside the place where it is wanted; gone when it is dropped.
struct Part(PathBuf, File);

impl Drop for Part {
    fn drop(&mut self) {
        for file in with_all_beside(&self.0) {
            // After a success none of them is there any more.
            let _ = fs::remove_file(file);
        }
    }
}

impl Part {
    /// Checks a database and copies it, with all that its log holds. `damaged`: what would be right where it is.
    async fn make(
        from: &Path,
        options: SqliteConnectOptions,
        to: &Path,
        damaged: &'static str,
    ) -> Result<Self, BackupError> {
        let part = with_ending(to, ".filmgate-part");
        let file = begin(&part).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => OpenError::InUse(quoted(&part)).into(),
            _ => failed(to, error),
        })?;
        let part = Self(part, file);
        let fault = match copy(options, &part.0).await {
            Ok(fault) => fault,
            Err(error) => {
                let remedy = remedy(&error).filter(|remedy| *remedy != DAMAGED).unwrap_or(damaged);
                return Err(BackupError::Copy { file: quoted(from), cause: root_cause(&error), remedy });
            }
        };
        let refused = |fault| BackupError::Damaged { file: quoted(from), fault, remedy: damaged };
        fault.map_or(Ok(part), |fault| Err(refused(fault)))
    }

    /// Gives it its name, once it is on disk: SQLite does not sync what it copies. The name leads to a database all the
    /// while, and to the old one, with its log, after an error that does not say otherwise. Where the old one is kept.
    fn put(self, to: &Path) -> Result<Option<PathBuf>, BackupError> {
        self.1.sync_all().map_err(|error| failed(&self.0, error))?;
        let kept = free_name(to);
        let mut is_kept = was_there(fs::hard_link(to, &kept)).map_err(|error| failed(&kept, error))?;
        let put = move_log(to, &kept).and_then(|has_log| {
            is_kept |= has_log;
            fs::rename(&self.0, to)
        });
        let put = put.inspect_err(|_| {
            let back = move_log(&kept, to).and_then(|_| was_there(fs::remove_file(&kept)));
            is_kept = back.is_err();
        });
        let put = put.and_then(|()| File::open(folder(to))?.sync_all());
        let kept = is_kept.then_some(kept);
        match (put, kept) {
            (Ok(()), kept) => Ok(kept),
            (Err(cause), None) => Err(failed(to, cause)),
            (Err(cause), Some(kept)) => {
                Err(BackupError::Kept { file: quoted(to), cause, kept: quoted(&kept) })
            }
        }
    }

    /// Whether it is a database of filmgate, and of none that is newer than this one.
    async fn is_ours(&self, from: &Path) -> Result<(), BackupError> {
        let name = form_urlencoded::byte_serialize(self.0.as_os_str().as_encoded_bytes());
        let url = format!("sqlite://{}", name.collect::<String>().replace('+', "%20"));
        match look(&url, &Settings::default()).await {
            Ok(known) if known.iter().any(|migration| migration.applied) => Ok(()),
            Ok(_) | Err(OpenError::Foreign(_)) => Err(BackupError::NotOurs(quoted(from))),
            Err(error) => Err(error.into()),
        }
    }
}

/// A new file, which is its user's alone, with a lock on it. One of the name on which there is no lock was left by a
/// process that was killed.
fn begin(part: &Path) -> io::Result<File> {
    let new = || OpenOptions::new().write(true).create_new(true).mode(OWN).open(part);
    let lock = |file: &File| flock(file, FlockOperation::NonBlockingLockExclusive);
    let file = match new() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            lock(&File::open(part)?)?;
            fs::remove_file(part)?;
            new()?
        }
        file => file?,
    };
    lock(&file)?;
    Ok(file)
}

/// `VACUUM INTO` reads one state of the database, and takes nobody's turn to write. The first fault of either, if there
/// is one: a copy may look sound because it left out what was not.
async fn copy(options: SqliteConnectOptions, to: &Path) -> Result<Option<String>, sqlx::Error> {
    let name = to.to_str().ok_or_else(|| sqlx::Error::Configuration("its name is no UTF-8".into()))?;
    let mut from = options.disable_statement_logging().connect().await?;
    let mut fault = fault(&mut from).await?;
    if fault.is_none() {
        let statement = format!("VACUUM INTO '{}'", name.replace('\'', "''"));
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut from).await?;
        let options = SqliteConnectOptions::new().filename(to).read_only(true).immutable(true);
        let mut copy = options.disable_statement_logging().connect().await?;
        fault = self::fault(&mut copy).await?;
        copy.close().await?;
    }
    from.close().await?;
    Ok(fault)
}

async fn fault(database: &mut SqliteConnection) -> Result<Option<String>, sqlx::Error> {
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(database).await?;
    Ok((verdict != "ok").then(|| verdict.replace('\n', " ")))
}

/// The first name for the old database that neither it nor a log of another has.
fn free_name(file: &Path) -> PathBuf {
    let mut number = 1;
    loop {
        let name = with_ending(file, &format!(".replaced-{number}"));
        if !with_all_beside(&name).any(|file| file.exists()) {
            return name;
        }
        number += 1;
    }
}

/// Moves what stands beside one file beside another; whether there was anything. A log that stayed would be taken for
/// the new file's, and would damage it.
fn move_log(from: &Path, to: &Path) -> io::Result<bool> {
    BESIDE.iter().try_fold(false, |any, ending| {
        Ok(was_there(fs::rename(with_ending(from, ending), with_ending(to, ending)))? || any)
    })
}

/// Whether there was a file to do it with.
fn was_there(done: io::Result<()>) -> io::Result<bool> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        done => done.map(|()| true),
    }
}

/// The file itself, and what may stand beside it.
fn with_all_beside(file: &Path) -> impl Iterator<Item = PathBuf> {
    [""].into_iter().chain(BESIDE).map(|ending| with_ending(file, ending))
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn failed(file: &Path, cause: io::Error) -> BackupError {
    BackupError::Io { file: quoted(file), cause }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn database(folder: &TempDir) -> PathBuf {
        let file = folder.path().join("filmgate.db");
        fs::write(&file, "old").expect("a file");
        fs::write(with_ending(&file, "-wal"), "its log").expect("a file");
        file
    }

    fn names(folder: &TempDir) -> Vec<String> {
        let files = fs::read_dir(folder.path()).expect("a folder").flatten();
        let mut names: Vec<_> = files.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn is(file: &Path, text: &str) {
        assert_eq!(fs::read_to_string(file).expect("a file"), text, "{}", file.display());
    }

    #[test]
    fn what_cannot_be_put_in_place_changes_nothing() {
        let folder = TempDir::new().expect("a folder");
        let file = database(&folder);
        // A folder opens and syncs like a file, and takes no file's place.
        let part = folder.path().join("part");
        fs::create_dir(&part).expect("a folder");
        let error = Part(part.clone(), File::open(&part).expect("a file"))
            .put(&file)
            .expect_err("no such place")
            .to_string();
        assert!(error.contains("filmgate.db\"") && !error.contains("kept"), "{error}");
        assert_eq!(names(&folder), ["filmgate.db", "filmgate.db-wal", "part"]);
        is(&file, "old");
        is(&with_ending(&file, "-wal"), "its log");
    }

    #[test]
    fn the_old_one_is_kept_under_a_name_that_nothing_has() {
        let folder = TempDir::new().expect("a folder");
        let file = database(&folder);
        fs::write(with_ending(&file, ".replaced-1-wal"), "of another").expect("a file");
        let part = folder.path().join("part");
        fs::write(&part, "new").expect("a file");
        let kept = Part(part.clone(), File::open(&part).expect("a file"))
            .put(&file)
            .expect("a success")
            .expect("an old one");
        assert_eq!(kept, with_ending(&file, ".replaced-2"));
        is(&file, "new");
        is(&kept, "old");
        is(&with_ending(&kept, "-wal"), "its log");
        assert!(!with_ending(&file, "-wal").exists());
    }
}
