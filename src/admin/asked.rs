//! What commands ask of a running server.

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};

/// What a reload came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reloaded {
    /// Keys of settings that have changed and were taken over.
    pub taken_over: Vec<String>,
    /// Keys of settings that have changed and need a restart.
    pub need_restart: Vec<String>,
    /// What an operator should hear of.
    pub warnings: Vec<String>,
}

/// Where a reload is asked for, with the place for its answer; a fault is one sentence.
pub type Reloads = mpsc::Sender<oneshot::Sender<Result<Reloaded, String>>>;
