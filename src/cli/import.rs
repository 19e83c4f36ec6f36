//! `filmgate import`.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc::Receiver;

use super::database::open;
use super::dry_run;
use super::import_options::Options;
use super::output::{Failure, print};
use super::progress::Progress;
use super::report_file::{self, ReportFile};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::service::caller::Caller;
use crate::service::database::Missing;
use crate::service::import::batch::{BATCH, Import};
use crate::transfer::{self, Entry, FileRow, ReadError, Summary, Tally, Today};

pub(super) async fn execute(config: Config, options: Options) -> Result<(), Failure> {
    let clock = Arc::new(SystemClock::new());
    let source = options.source(Today::at(clock.wall()))?;
    let input = Input::open(&options.file)?;
    let mut report =
        options.report.as_deref().map(|report| report_file::create(report, &options.file)).transpose()?;
    let (database, _scratch) = if options.dry_run {
        dry_run::open_or_pretend(&config).await?
    } else {
        (open(&config, Missing::Create).await?, None)
    };
    let mut import = Import::begin(database, &Caller::operator(), options.settings(), clock)?;
    let (progress, reader) = Progress::reading(input.reader, input.size);
    let rows = transfer::read(reader, source)?;
    let mut tally = Tally::default();
    let stopped = take_all(&mut import, rows, &mut tally, &mut report, &progress).await;
    progress.end();
    // Whatever has ended it: what was written is written.
    let recorded = import.finish().await;
    let file = options.file.display().to_string();
    let file = if file == "-" { "standard input" } else { &file };
    let reported = report.is_some();
    print(&Summary { tally: &tally, file, dry_run: options.dry_run, reported }.to_string())?;
    if let Some(report) = &mut report {
        report.flush().map_err(|error| no_report(&error))?;
    }
    stopped.and(recorded.map_err(Failure::from))
}

/// Where rows come from.
struct Input {
    reader: Box<dyn Read + Send>,
    /// For the progress; standard input has none.
    size: Option<u64>,
}

impl Input {
    fn open(file: &Path) -> Result<Self, Failure> {
        if file == Path::new("-") {
            return Ok(Self { reader: Box::new(io::stdin()), size: None });
        }
        let cannot =
            |error: io::Error| Failure::failed(&format!("{} cannot be read: {error}", file.display()));
        let opened = File::open(file).map_err(cannot)?;
        let about = opened.metadata().map_err(cannot)?;
        if about.is_dir() {
            return Err(Failure::failed(&format!("{} is a folder", file.display())));
        }
        Ok(Self { reader: Box::new(opened), size: about.is_file().then_some(about.len()) })
    }
}

/// Hands batch after batch to the service, until the file ends or something ends it before.
async fn take_all(
    import: &mut Import,
    mut rows: Receiver<Result<FileRow, ReadError>>,
    tally: &mut Tally,
    report: &mut Option<ReportFile>,
    progress: &Progress,
) -> Result<(), Failure> {
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        let end = tokio::select! {
            biased;
            _ = &mut interrupt => {
                let told = format!("interrupted after row {}; the same command goes on from there", tally.rows());
                return Err(Failure::failed(&told));
            }
            end = fill(&mut rows, &mut batch) => end,
        };
        let (kept, drafts): (Vec<_>, Vec<_>) = batch.into_iter().map(|row| (row.kept, row.draft)).unzip();
        let outcomes = import.batch(drafts).await?;
        let mut last = None;
        for (kept, outcome) in kept.into_iter().zip(&outcomes) {
            let entry = Entry::new(kept, outcome);
            tally.count(&entry);
            if let Some(report) = report {
                entry.report(report).map_err(|error| no_report(&error))?;
            }
            last = Some(entry);
        }
        progress.show(tally);
        if let Some(refused) = last.filter(|last| import.stops_at_refusal() && last.outcome == "refused") {
            let (place, reason) = (refused.place(), refused.reason.unwrap_or_default());
            return Err(Failure::failed(&format!(
                "stopped at {place}, which is refused: {reason}; mend it, or go on with --on-error skip"
            )));
        }
        if let Some(end) = end {
            return end.map_err(|error| Failure::failed(&error));
        }
    }
}

fn no_report(error: &io::Error) -> Failure {
    Failure::failed(&format!("the report cannot be written: {error}"))
}

/// Fills a batch; `Some` when no more rows come, or none can.
async fn fill(
    rows: &mut Receiver<Result<FileRow, ReadError>>,
    batch: &mut Vec<FileRow>,
) -> Option<Result<(), ReadError>> {
    while batch.len() < BATCH {
        match rows.recv().await {
            Some(Ok(row)) => batch.push(row),
            Some(Err(error)) => return Some(Err(error)),
            None => return Some(Ok(())),
        }
    }
    None
}
