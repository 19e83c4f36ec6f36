//! `filmgate export`.

use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, stdout};
use std::ops::ControlFlow;

use clap::Args;

use super::database::{explain, open, run_async};
use super::import_options::FileFormat;
use super::output::Failure;
use super::progress::Progress;
use crate::config::Config;
use crate::config::load::{Flags, load};
use crate::service::caller::Caller;
use crate::service::database::Missing;
use crate::service::import::export::{count_films, export_films};
use crate::transfer::Writer;

/// How to write.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Options {
    /// How the films are to stand; several genres in a cell of CSV are parted by |
    #[arg(long, default_value = "json")]
    format: FileFormat,
}

pub(super) fn run(flags: &Flags, options: Options) -> Result<(), Failure> {
    let config = load(flags).map_err(|error| Failure::wrong_use(&error))?.config;
    run_async(export(&config, options))
}

async fn export(config: &Config, options: Options) -> Result<(), Failure> {
    let database = open(config, Missing::Refuse).await?;
    let caller = Caller::operator();
    let failed = |error| Failure::failed(&explain(error));
    // On a terminal the films themselves show how far it is.
    let progress = if stdout().is_terminal() {
        None
    } else {
        Some(Progress::writing(count_films(&database, &caller).await.map_err(failed)?))
    };
    let mut writer = begin(options)?;
    let mut written = Ok(());
    let reading = export_films(&database, &caller, |films| {
        written = films.iter().try_for_each(|film| writer.film(film));
        if let Some(progress) = &progress {
            progress.advance(films.len());
        }
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    let read = reading.await;
    if let Some(progress) = progress {
        progress.end();
    }
    read.map_err(failed)?;
    match written.and_then(|()| writer.end()) {
        // `filmgate export | head` is no failure.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(cannot_write(&error)),
        _ => Ok(()),
    }
}

fn begin(options: Options) -> Result<Writer<BufWriter<io::Stdout>>, Failure> {
    Writer::begin(BufWriter::new(stdout()), options.format.into()).map_err(|error| cannot_write(&error))
}

fn cannot_write(error: &io::Error) -> Failure {
    Failure::failed(&format!("the films cannot be written: {error}"))
}
