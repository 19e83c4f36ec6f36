//! `filmgate limits`.

use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;
use serde_json::json;

use super::database::{accounts, open};
use super::output::{Failure, Group, plain, table};
use crate::app;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::limits::Storage;
use crate::quotas::{self, Quota};
use crate::service::database::Missing;

/// Nobody waits behind a command.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Tell how an address or an account stands in every window
    Show {
        /// An address, the name of an account, or "subject NAME of ISSUER"
        #[arg(value_name = "ADDRESS|ACCOUNT")]
        whom: String,
    },
    /// Let an address or an account, with its keys and the attempts to sign in to it, start full
    Clear {
        /// An address, the name of an account, or "subject NAME of ISSUER"
        #[arg(value_name = "ADDRESS|ACCOUNT")]
        whom: String,
    },
}

pub(super) async fn execute(
    config: Config,
    Group { output, command }: Group<Command>,
) -> Result<(), Failure> {
    if !config.limits.enabled {
        return Err(Failure::failed(&"limits.enabled = false: nobody is counted"));
    }
    if let Ok(Storage::Memory) = config.limits.storage() {
        return Err(Failure::failed(
            &"limits.storage = \"memory://\": how anybody stands is known to the running server alone, which tells it over its admin listener; with a Redis in limits.storage this command asks that. Callers see their own quotas at /v1/rate_limit",
        ));
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let limiter =
        app::limiter(&config.limits, PATIENCE, clock).await.map_err(|fault| Failure::failed(&fault))?;
    if limiter.is_cut_off() {
        return Err(quotas::Failure::CutOff.into());
    }
    let accounts = accounts(&config, open(&config, Missing::Refuse).await?);
    match command {
        Command::Show { whom } => {
            output.list(quotas::show(&limiter, &accounts, &whom).await?, |quotas| rows(&quotas))
        }
        Command::Clear { whom } => {
            let cleared = quotas::clear(&limiter, &accounts, &whom).await?;
            output.tell(&json!({ "cleared": cleared }), || {
                let lines: Vec<String> =
                    cleared.iter().map(|whose| format!("{} starts full\n", plain(whose))).collect();
                lines.concat()
            })
        }
    }
}

impl From<quotas::Failure> for Failure {
    fn from(failure: quotas::Failure) -> Self {
        match failure {
            quotas::Failure::Service(error) => error.into(),
            other => Self::failed(&other),
        }
    }
}

fn rows(quotas: &[Quota]) -> String {
    let mut text = String::new();
    for Quota { whose, limits, .. } in quotas {
        text.push_str(&plain(whose));
        text.push('\n');
        if !limits.is_empty() {
            let again = |reset: Option<u64>| reset.map_or_else(String::new, |seconds| format!("{seconds} s"));
            let row = |limit: &quotas::Limit| {
                let left = format!("{} of {}", limit.remaining, limit.quota);
                [format!("  {}", limit.name), left, again(limit.reset)]
            };
            text.push_str(&table(["  window", "left", "one more in"], limits.iter().map(row)));
        }
    }
    text
}
