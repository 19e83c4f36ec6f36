//! The file of SQLite: which one was opened, and who may read it.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FlockOperation, fcntl_lock};

/// Nobody but the user that runs filmgate: it holds hashes of passwords and of keys, and addresses of clients.
pub(super) const OWN: u32 = 0o600;

/// What a file is known by, whatever its name: its device and inode.
type Identity = (u64, u64);

pub(super) fn identity(path: &Path) -> Option<Identity> {
    fs::metadata(path).ok().map(|about| (about.dev(), about.ino()))
}

/// A file that was opened.
#[derive(Debug)]
pub(super) struct OpenedFile {
    path: PathBuf,
    /// Its log and the index of that. They stand beside it, where it is when links are followed.
    beside: [PathBuf; 2],
    identity: Identity,
    /// Of what stands beside it, as the connection that writes has found it.
    known_beside: Mutex<[Option<Identity>; 2]>,
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
        let beside = ["-wal", "-shm"].map(|ending| with_ending(&target, ending));
        let (path, identity) = (path.to_owned(), (about.dev(), about.ino()));
        Ok(Self { path, beside, identity, known_beside: Mutex::default() })
    }

    /// To be called when the connection that writes has been opened. The log is made anew where no other one was open.
    pub(super) fn know_log(&self) {
        let known = self.beside.each_ref().map(|path| identity(path));
        *self.known_beside.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// Puts the log out of the way that stays when the file was removed or replaced meanwhile, and returns where it is now.
    /// To be called when the database is closed: the next file of this name would be damaged by it.
    pub(super) fn set_log_aside(&self) -> io::Result<Option<PathBuf>> {
        let [log, index] = &self.beside;
        if self.is_in_place() || !log.exists() {
            return Ok(None);
        }
        // Whoever has the next file of the name open by now uses what stands beside it.
        if let Ok(index) = OpenOptions::new().read(true).write(true).open(index) {
            fcntl_lock(&index, FlockOperation::NonBlockingLockExclusive)?;
        }
        let mut names = (1..1_000).map(|number| with_ending(log, &format!(".orphan-{number}")));
        let aside = names.find(|name| !name.exists()).unwrap_or_else(|| with_ending(log, ".orphan"));
        fs::rename(log, &aside)?;
        match fs::remove_file(index) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(Some(aside)),
        }
    }

    /// Whether its path leads to it still. What is written to a file that was removed or replaced is gone with the
    /// process.
    pub(super) fn is_in_place(&self) -> bool {
        identity(&self.path) == Some(self.identity)
    }

    /// The same of its log: what is in one that was removed is lost when the process is killed.
    pub(super) fn has_its_log(&self) -> bool {
        let known = *self.known_beside.lock().unwrap_or_else(PoisonError::into_inner);
        self.beside.iter().zip(known).all(|(path, known)| known.is_none() || known == identity(path))
    }
}

/// Locks a file that this process has not opened against all others; `None` where one of them has it open. Each holds a
/// shared lock on it (SQLite, in WAL mode), and one on the index of its log, which stays where it is when the file is
/// removed.
pub(super) fn lock(file: &Path) -> io::Result<Option<Vec<File>>> {
    let mut locked = Vec::new();
    for part in [file.to_owned(), with_ending(file, "-shm")] {
        let opened = match OpenOptions::new().read(true).write(true).open(&part) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        if fcntl_lock(&opened, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Ok(None);
        }
        locked.push(opened);
    }
    Ok(Some(locked))
}

pub(super) fn quoted(file: &Path) -> String {
    format!("{:?}", file.display().to_string())
}

pub(super) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
