//! `filmgate limits`.

use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;
use reqwest::{Method, Url};
use serde::de::DeserializeOwned;

use super::database::accounts;
use super::output::{Failure, Group, plain, table};
use super::reload::{call, listener};
use crate::admin::LIMITS;
use crate::app;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::limits::Limiter;
use crate::quotas::{self, Cleared, Quota};
use crate::service::accounts::AccountService;
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
    match command {
        Command::Show { whom } => {
            let quotas = if let Some(url) = server(&config, &whom)? {
                ask(Method::GET, &url).await?
            } else {
                let (limiter, accounts) = in_redis(&config).await?;
                quotas::show(&limiter, &accounts, &whom).await?
            };
            output.list(quotas, |quotas| rows(&quotas))
        }
        Command::Clear { whom } => {
            let cleared: Cleared = if let Some(url) = server(&config, &whom)? {
                ask(Method::DELETE, &url).await?
            } else {
                let (limiter, accounts) = in_redis(&config).await?;
                quotas::clear(&limiter, &accounts, &whom).await?
            };
            output.tell(&cleared, || {
                let lines: Vec<String> =
                    cleared.cleared.iter().map(|whose| format!("{} starts full\n", plain(whose))).collect();
                lines.concat()
            })
        }
    }
}

/// Where the running server is asked, which alone knows what it keeps in memory; `None` where a Redis knows.
fn server(config: &Config, whom: &str) -> Result<Option<Url>, Failure> {
    if !config.limits.storage().is_ok_and(|storage| storage.is_memory()) {
        return Ok(None);
    }
    let listener = listener(config).and_then(|url| url.join(LIMITS).ok());
    let Some(mut url) = listener else {
        return Err(Failure::failed(
            &"limits.storage = \"memory://\": how anybody stands is known to the running server alone, which tells it at admin.listen, and that names no port; with a Redis in limits.storage this command asks that. Callers see their own quotas at /v1/rate_limit",
        ));
    };
    url.query_pairs_mut().append_pair("whom", whom);
    Ok(Some(url))
}

async fn ask<T: DeserializeOwned>(method: Method, url: &Url) -> Result<T, Failure> {
    call(method, url).await.map_err(|(_, told)| Failure::failed(&told))
}

async fn in_redis(config: &Config) -> Result<(Limiter, AccountService), Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let limiter = app::open_limiter(&config.limits, PATIENCE, None, &clock).await;
    let limiter = limiter.map_err(|fault| Failure::failed(&fault))?;
    if let Some(why) = limiter.cut_off() {
        return Err(quotas::Failure::CutOff(why).into());
    }
    Ok((limiter, accounts(config, Missing::Refuse).await?))
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
