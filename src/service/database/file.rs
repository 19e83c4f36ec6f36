//! The file of SQLite: which one was opened, and who may read it.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, fcntl_lock};

/// Nobody but the user that runs filmgate: it holds hashes of passwords and of keys, and addresses of clients.
pub(super) const OWN: u32 = 0o600;

/// A file that was opened, and by which it is known again: its device and inode.
#[derive(Debug, Clone)]
pub(super) struct OpenedFile {
    path: PathBuf,
    /// Where it is when links are followed: its log stands beside it there.
    target: PathBuf,
    identity: (u64, u64),
}

impl OpenedFile {
    /// Makes the file where it is missing. One that is there is not opened: closing it would take back the locks that
    /// this process has on it already (POSIX).
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let about = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let create = OpenOptions::new().write(true).create(true).truncate(false).mode(OWN).open(path);
                create?.metadata()?
            }
            about => about?,
        };
        let target = fs::canonicalize(path)?;
        Ok(Self { path: path.to_owned(), target, identity: (about.dev(), about.ino()) })
    }

    /// Puts the log out of the way that stays when the file was removed or replaced meanwhile, and returns where it is now.
    /// To be called when the database is closed: the next file of this name would be damaged by it.
    pub(super) fn set_log_aside(&self) -> io::Result<Option<PathBuf>> {
        let beside = |ending: &str| {
            let mut name = self.target.clone().into_os_string();
            name.push(ending);
            PathBuf::from(name)
        };
        let (log, index) = (beside("-wal"), beside("-shm"));
        if self.is_in_place() || !log.exists() {
            return Ok(None);
        }
        // Whoever has the next file of the name open by now uses what stands beside it.
        if let Ok(index) = OpenOptions::new().read(true).write(true).open(&index) {
            fcntl_lock(&index, FlockOperation::NonBlockingLockExclusive)?;
        }
        let aside =
            (1..1_000).map(|number| beside(&format!("-wal.orphan-{number}"))).find(|name| !name.exists());
        let aside = aside.unwrap_or_else(|| beside("-wal.orphan"));
        fs::rename(log, &aside)?;
        match fs::remove_file(index) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(Some(aside)),
        }
    }

    /// Whether its path leads to it still. What is written to a file that was removed or replaced is gone with the
    /// process.
    pub(super) fn is_in_place(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|about| (about.dev(), about.ino()) == self.identity)
    }
}
