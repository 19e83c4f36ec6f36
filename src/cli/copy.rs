//! `filmgate copy`.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use rand::RngExt as _;

use super::database::{connect, open};
use super::output::{Failure, Output, table};
use super::progress::Progress;
use crate::config::{Config, SecretUrl};
use crate::service::copy::{Compared, CopyError, Step, copy};
use crate::service::database::{Missing, assert_unused};

/// Seconds that a statement may take: with a film that is removed go all its votes.
const PATIENCE: u64 = 120;
/// Digits of a checksum for people.
const DIGITS: usize = 16;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The database to fill, such as `postgres://USER:PASSWORD@HOST/DATABASE`; as the variable `FILMGATE_COPY_TO` nobody else
    /// on this machine sees it
    #[arg(long, value_name = "URL")]
    pub to: Option<SecretUrl>,
    #[command(flatten)]
    output: Output,
}

pub(super) async fn execute(config: Config, options: Options) -> Result<(), Failure> {
    let Some(to) = config.copy_to.clone() else {
        return Err(Failure::wrong_use(
            &"where to is missing; name the database to fill: --to postgres://USER:PASSWORD@HOST/DATABASE, or the same as FILMGATE_COPY_TO, which nobody else on this machine sees",
        ));
    };
    let mut config = config;
    config.database.statement_timeout = config.database.statement_timeout.max(PATIENCE);
    // One reads all rows as of one moment, another one watches for changes.
    config.database.max_connections = config.database.max_connections.max(2);
    assert_unused(config.database_url.expose()).await?;
    assert_unused(to.expose()).await.map_err(CopyError::Target)?;
    let source = open(&config, Missing::Refuse).await?;
    let target = Config { database_url: to, ..config };
    let target = connect(&target, Missing::Create).await.map_err(CopyError::Target)?;
    let new_id = format!("{:032x}", rand::rng().random::<u128>());
    let (progress, stop) = (Progress::copying(), stop());
    let copied = copy(&source, &target, &new_id, |done| {
        let doing = match done.step {
            Step::Clearing => "looking through",
            Step::Copying => "copying",
            Step::Comparing => "comparing",
        };
        progress.reach(done.rows, done.of, format!("{doing} {}", done.table));
        if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let copied = copied.await;
    progress.end();
    let copied = copied?;
    let differences: Vec<String> = copied.tables.iter().filter_map(difference).collect();
    options.output.list(copied.tables, |tables| text(&tables))?;
    if differences.is_empty() {
        return Ok(());
    }
    let differences = differences.join("; ");
    Err(Failure::failed(&if copied.was_finished {
        format!(
            "{differences}; nothing was changed, since an earlier run has copied all and the target may be in use: name an empty database for a new copy"
        )
    } else {
        format!("{differences}; leave both alone, and run the same command again")
    }))
}

/// Is set at Ctrl-C.
fn stop() -> Arc<AtomicBool> {
    let stop = Arc::<AtomicBool>::default();
    let stopped = Arc::clone(&stop);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopped.store(true, Ordering::Relaxed);
        }
    });
    stop
}

fn difference(compared: &Compared) -> Option<String> {
    let first = compared.first_difference.as_ref()?;
    Some(format!("source and target differ in {}, first at {first}", compared.table))
}

fn text(compared: &[Compared]) -> String {
    let row = |compared: &Compared| {
        let Compared { table, source, target, first_difference } = compared;
        let short = |checksum: &str| checksum.chars().take(DIGITS).collect();
        [
            (*table).to_owned(),
            source.rows.to_string(),
            target.rows.to_string(),
            short(&source.checksum),
            short(&target.checksum),
            if first_difference.is_some() { "different" } else { "equal" }.to_owned(),
        ]
    };
    table(["table", "source", "target", "of source", "of target", "rows"], compared.iter().map(row))
}

impl From<CopyError> for Failure {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Same => Self::wrong_use(&error),
            _ => Self::failed(&error),
        }
    }
}
