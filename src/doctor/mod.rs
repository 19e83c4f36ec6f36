//! What an operator got wrong, and what to do about it.
//!
//! An error is something that does not work as its operator believes: clients that cannot be told apart, a database that
//! takes nothing. A warning is something that was asked for by name and is risky all the same.

mod certificate;
mod clock;
mod database;
mod finding;
mod issuer;
mod limits;
mod servers;
mod settings;

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Config;
use crate::service::database::Database;
pub use finding::{Finding, Level};

/// Looks at everything, and changes nothing.
pub async fn examine(config: &Config, clock: Arc<dyn Clock>) -> Vec<Finding> {
    let mut findings = settings::examine(config);
    findings.extend(certificate::examine(config, &*clock));
    findings.extend(issuer::examine(&config.auth.jwt, Arc::clone(&clock)).await);
    findings.extend(limits::examine(&config.limits, &*clock).await);
    let (database, found) = database::examine(config).await;
    findings.extend(found);
    let database: Option<&Database> = database.as_ref();
    findings.extend(clock::examine(database, &config.database_url, &*clock).await);
    if let Some(database) = database {
        findings.extend(servers::examine(database, config, &*clock).await);
        database.close().await;
    }
    findings
}
