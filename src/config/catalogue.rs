//! `[catalogue]`: how much of the films is kept in memory.

use serde::{Deserialize, Serialize};

/// `[catalogue]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Catalogue {
    /// Bytes that films may take in memory; past them a film is read by primary key.
    pub max_bytes: usize,
}

impl Default for Catalogue {
    fn default() -> Self {
        Self { max_bytes: 64 * 1024 * 1024 }
    }
}
