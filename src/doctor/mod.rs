//! What an operator got wrong, and what to do about it.
//!
//! An error is something that does not work as its operator believes: clients that cannot be told apart, a database that
//! takes nothing. A warning is something that was asked for by name and is risky all the same.

mod certificate;
mod clock;
mod database;
mod issuer;
mod servers;
mod settings;

use std::sync::Arc;

use serde::Serialize;

use crate::clock::Clock;
use crate::config::Config;
use crate::service::database::Database;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::Display)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Level {
    Ok,
    Warning,
    Error,
}

/// What was found at one place. No text has a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub level: Level,
    /// The name of the check; it stays the same, for scripts.
    pub check: &'static str,
    /// What is.
    pub what: String,
    /// Why it matters. Nothing where all is well, as `cure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<&'static str>,
    /// What to do, with the exact setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, what: impl Into<String>) -> Self {
        Self { level: Level::Ok, check, what: what.into(), why: None, cure: None }
    }

    fn warning(
        check: &'static str,
        what: impl Into<String>,
        why: &'static str,
        cure: impl Into<String>,
    ) -> Self {
        Self { level: Level::Warning, check, what: what.into(), why: Some(why), cure: Some(cure.into()) }
    }

    fn error(
        check: &'static str,
        what: impl Into<String>,
        why: &'static str,
        cure: impl Into<String>,
    ) -> Self {
        Self { level: Level::Error, ..Self::warning(check, what, why, cure) }
    }
}

/// Looks at everything, and changes nothing.
pub async fn examine(config: &Config, clock: Arc<dyn Clock>) -> Vec<Finding> {
    let mut findings = settings::examine(config);
    findings.extend(certificate::examine(config, &*clock));
    findings.extend(issuer::examine(&config.auth.jwt, Arc::clone(&clock)).await);
    let (database, found) = database::examine(config).await;
    findings.extend(found);
    let database: Option<&Database> = database.as_ref();
    findings.extend(clock::examine(database, &config.database_url, &*clock).await);
    if let Some(database) = database {
        findings.extend(servers::examine(database, config, &*clock).await);
    }
    findings
}
