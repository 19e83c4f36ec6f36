//! The two files of a certificate.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::certificate::Fault;

/// Far above any chain: whoever names a device or a disk image by mistake is told so.
const LONGEST: u64 = 1024 * 1024;

/// Where a certificate and its key are.
#[derive(Debug, Clone)]
pub struct Files {
    /// `tls.cert`.
    pub cert: PathBuf,
    /// `tls.key`.
    pub key: PathBuf,
}

/// What is in them. Without `Debug`: one is a secret.
pub(super) struct Content {
    pub cert: Vec<u8>,
    pub key: Vec<u8>,
}

impl Files {
    /// By content and not by time: what is mounted may change behind a link that stays.
    pub(super) fn read(&self) -> Result<Content, Fault> {
        Ok(Content { cert: read(&self.cert, "tls.cert")?, key: read(&self.key, "tls.key")? })
    }

    /// Says so when others than owner and group may read the key.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let mode = std::fs::metadata(&self.key).ok()?.permissions().mode();
        let key = self.key.display();
        (mode & 0o004 != 0)
            .then(|| format!("tls.key: everybody on this machine may read {key}: chmod o-r takes that back"))
    }
}

impl Content {
    /// By which a change is seen, so that no second copy of the key is kept.
    pub(super) fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update((self.cert.len() as u64).to_be_bytes());
        digest.update(&self.cert);
        digest.update(&self.key);
        digest.finalize().into()
    }
}

fn read(path: &Path, key: &str) -> Result<Vec<u8>, Fault> {
    let told = |fault: &dyn std::fmt::Display| {
        Fault(format!("configuration key {key}: the file {} {fault}", path.display()))
    };
    // To open a pipe is to wait for whoever writes into it.
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(told(&"is not a regular file"));
    }
    let mut content = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut content));
    match read {
        Err(error) => Err(told(&format_args!("cannot be read: {error}"))),
        Ok(read) if read as u64 > LONGEST => Err(told(&"is larger than a certificate or a key can be")),
        Ok(_) => Ok(content),
    }
}
