//! `filmgate export`.

use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, stdout};
use std::ops::ControlFlow;

use clap::Args;

use super::database::open;
use super::import_options::format;
use super::output::Failure;
use super::progress::Progress;
use crate::config::Config;
use crate::service::caller::Caller;
use crate::service::database::Missing;
use crate::service::import::export::{count_films, export_films};
use crate::transfer::{Format, Writer};

/// How to write.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Options {
    /// How the films are to stand; several genres in a cell of CSV are parted by |
    #[arg(long, default_value = "json", value_parser = format())]
    format: Format,
}

pub(super) async fn execute(config: Config, options: Options) -> Result<(), Failure> {
    let database = open(&config, Missing::Refuse).await?;
    let caller = Caller::operator();
    // On a terminal the films themselves show how far it is.
    let progress = if stdout().is_terminal() {
        None
    } else {
        Some(Progress::writing(count_films(&database, &caller).await?))
    };
    let output = BufWriter::new(stdout());
    let mut writer = Writer::begin(output, options.format).map_err(|error| cannot_write(&error))?;
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
    read?;
    match written.and_then(|()| writer.end()) {
        // `filmgate export | head` is no failure.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(cannot_write(&error)),
        _ => Ok(()),
    }
}

fn cannot_write(error: &io::Error) -> Failure {
    Failure::failed(&format!("the films cannot be written: {error}"))
}
