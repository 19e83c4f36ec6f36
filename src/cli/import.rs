//! `filmgate import`.

use std::fs::File;
use std::io::{self, BufWriter, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use tokio::sync::mpsc::Receiver;

use super::dry_run;
use super::progress::Progress;
use super::{Failure, explain, open, print, run_async};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Flags};
use crate::service::caller::Caller;
use crate::service::database::{Database, Missing};
use crate::service::import::{self, BATCH, Import};
use crate::transfer::{
    self, Defaults, Entry, Field, FileRow, Format, Mapping, ReadError, Report, Source, Summary, Tally, Today,
};

/// What to read, and how.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit code: 0 when the file was read to its end, with --on-error skip also when rows were refused (the summary and the
report tell of them); 1 when it was not; 2 for wrong use. Rows are written in batches; after a stop, Ctrl-C or a kill,
the same command goes on: what is there already is a duplicate.")]
pub(super) struct Options {
    /// The file; - is standard input
    file: PathBuf,
    /// How the films stand in it [default: by the ending of its name]
    #[arg(long)]
    format: Option<FileFormat>,
    /// The columns: name=Title,studio=Distributor,year="Release Date"; the fields are id, name, studio, year, genres
    #[arg(long, value_name = "FIELD=COLUMN,...")]
    map: Option<String>,
    /// What stands in for missing values of studio, year or genres: studio=Unknown
    #[arg(long, value_name = "FIELD=VALUE,...")]
    default: Option<String>,
    /// What a refused row does to those after it
    #[arg(long, default_value = "stop")]
    on_error: OnError,
    /// What becomes of a film that is there already: equal in name, studio and year, without regard to case
    #[arg(long, default_value = "skip")]
    on_duplicate: OnDuplicate,
    /// Keep the ids of the file where they are free; otherwise they are ignored
    #[arg(long)]
    keep_ids: bool,
    /// Write nothing, and tell what would be
    #[arg(long)]
    dry_run: bool,
    /// Write every row that was not simply added into a file, one JSON object a line
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FileFormat {
    Json,
    Ndjson,
    Csv,
}

impl From<FileFormat> for Format {
    fn from(format: FileFormat) -> Self {
        match format {
            FileFormat::Json => Self::Json,
            FileFormat::Ndjson => Self::Ndjson,
            FileFormat::Csv => Self::Csv,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnError {
    /// Ends the import; the rows before it stay
    Stop,
    /// It is left out
    Skip,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OnDuplicate {
    /// It stays as it is
    Skip,
    /// Its spelling and its genres become those of the file; id and votes stay
    Update,
    /// The row is refused
    Error,
}

pub(super) fn run(flags: &Flags, options: &Options) -> Result<(), Failure> {
    let config = config::load(flags).map_err(|error| Failure::wrong_use(&error))?.config;
    let clock = Arc::new(SystemClock::new());
    let source = options.source(Today::at(clock.now()))?;
    let input = Input::open(&options.file)?;
    let report = options.report.as_deref().map(create).transpose()?;
    run_async(async {
        let (database, _scratch) = if options.dry_run {
            dry_run::open_or_pretend(&config).await?
        } else {
            (open(&config, Missing::Create).await?, None)
        };
        import(database, options, (source, input, report), clock).await
    })
}

impl Options {
    fn source(&self, today: Today) -> Result<Source, Failure> {
        let format = self.format.map(Format::from).or_else(|| Format::of(&self.file)).ok_or_else(|| {
            Failure::wrong_use(&"the ending of the file tells no format; say --format json, ndjson or csv")
        })?;
        let wrong =
            |flag: &str, error: transfer::MappingError| Failure::wrong_use(&format!("{flag}: {error}"));
        let defaults = match &self.default {
            Some(text) => Defaults::parse(text, today).map_err(|error| wrong("--default", error))?,
            None => Defaults::default(),
        };
        let mut mapping = match &self.map {
            Some(text) => Mapping::parse(text).map_err(|error| wrong("--map", error))?,
            None => Mapping::default(),
        };
        if !defaults.has(Field::Studio) {
            mapping = mapping.with_studio_required();
        }
        Ok(Source { format, mapping, defaults, today, keep_ids: self.keep_ids })
    }

    fn settings(&self) -> import::Settings {
        import::Settings {
            on_duplicate: match self.on_duplicate {
                OnDuplicate::Skip => import::OnDuplicate::Skip,
                OnDuplicate::Update => import::OnDuplicate::Update,
                OnDuplicate::Error => import::OnDuplicate::Error,
            },
            on_error: match self.on_error {
                OnError::Stop => import::OnError::Stop,
                OnError::Skip => import::OnError::Skip,
            },
            dry_run: self.dry_run,
        }
    }
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

fn create(file: &Path) -> Result<Report<BufWriter<File>>, Failure> {
    let created = File::create(file).map_err(|error| {
        Failure::failed(&format!("the report {} cannot be written: {error}", file.display()))
    })?;
    Ok(Report::new(BufWriter::new(created)))
}

type Parts = (Source, Input, Option<Report<BufWriter<File>>>);

async fn import(
    database: Database,
    options: &Options,
    (source, input, mut report): Parts,
    clock: Arc<SystemClock>,
) -> Result<(), Failure> {
    let mut import = Import::begin(database, &Caller::operator(), options.settings(), clock)
        .map_err(|error| Failure::failed(&explain(error)))?;
    let (progress, reader) = Progress::reading(input.reader, input.size);
    let rows = transfer::read(reader, source).map_err(|error| Failure::failed(&error))?;
    let mut tally = Tally::default();
    let stopped = take_all(&mut import, rows, &mut tally, &mut report, &progress).await;
    progress.end();
    let file = options.file.display().to_string();
    let file = if file == "-" { "standard input" } else { &file };
    print(
        &Summary { tally: &tally, file, dry_run: options.dry_run, reported: report.is_some() }.to_string(),
    )?;
    if let Some(report) = &mut report {
        report.flush().map_err(|error| Failure::failed(&format!("the report cannot be written: {error}")))?;
    }
    stopped
}

/// Hands batch after batch to the hall, until the file ends or something ends it before.
async fn take_all(
    import: &mut Import,
    mut rows: Receiver<Result<FileRow, ReadError>>,
    tally: &mut Tally,
    report: &mut Option<Report<BufWriter<File>>>,
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
        let (kept, drafts): (Vec<_>, Vec<_>) = batch.into_iter().map(FileRow::part).unzip();
        let outcomes = import.batch(drafts).await.map_err(|error| Failure::failed(&explain(error)))?;
        let mut last = None;
        for (kept, outcome) in kept.into_iter().zip(&outcomes) {
            let entry = Entry::new(kept, outcome);
            tally.count(&entry);
            if let Some(report) = report {
                report
                    .write(&entry)
                    .map_err(|error| Failure::failed(&format!("the report cannot be written: {error}")))?;
            }
            last = Some(entry);
        }
        progress.show(tally);
        if let Some(refused) = last.filter(|last| import.stops_at_refusal() && last.outcome == "refused") {
            let reason = refused.reason.unwrap_or_default();
            return Err(Failure::failed(&format!(
                "stopped at row {}, which is refused: {reason}; mend it, or go on with --on-error skip",
                refused.row
            )));
        }
        if let Some(end) = end {
            return end.map_err(|error| Failure::failed(&error));
        }
    }
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
