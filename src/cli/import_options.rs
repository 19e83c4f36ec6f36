//! What `filmgate import` can be told.

use std::fs::File;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use strum::VariantNames as _;

use super::output::Failure;
use crate::service::import::types::{self as import};
use crate::transfer::{Defaults, Field, Format, Mapping, MappingError, Source, Today, check_text};

/// What to read, and how.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[command(after_help = "\
Exit code: 0 when the file was read to its end, with --on-error skip also when rows were refused (the summary and the
report tell of them); 1 when it was not; 2 for wrong use. Rows are written in batches; after a stop, Ctrl-C or a kill,
the same command goes on: what is there already is a duplicate.")]
pub(super) struct Options {
    /// The file; - is standard input
    pub file: PathBuf,
    /// How the films stand in it [default: by the ending of its name]
    #[arg(long, value_parser = format())]
    format: Option<Format>,
    /// The columns: name=Title,studio=Distributor,year="Release Date"; the fields are id, name, studio, year, genres
    #[arg(long, value_name = "FIELD=COLUMN,...")]
    map: Option<String>,
    /// What stands in for missing values of studio, year or genres: studio=Unknown
    #[arg(long, value_name = "FIELD=VALUE,...")]
    default: Option<String>,
    /// What stands for a value that is missing: \N, N/A; may be said again
    #[arg(long, value_name = "MARK", allow_hyphen_values = true)]
    null: Vec<String>,
    /// What stands between the cells of CSV: a character such as ;, or tab [default: by the ending of its name]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<u8>,
    /// A quote is a character like others, and no cell stands in quotes
    #[arg(long)]
    no_quotes: bool,
    /// What stands between the genres of a cell of CSV
    #[arg(long, value_name = "CHARACTER", default_value_t = '|')]
    genre_separator: char,
    /// A name that ends with a year in parentheses, as Toy Story (1995), is a name and a year
    #[arg(long)]
    year_in_name: bool,
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
    pub dry_run: bool,
    /// Write every row that was not simply added into a file, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// A format by its name.
pub(super) fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::VARIANTS).try_map(|name| name.parse())
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n".contains(byte) => Ok(*byte),
        _ => Err("must be one character such as ; or |, or the word tab".to_owned()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OnError {
    /// Ends the import; the rows before it stay
    Stop,
    /// It is left out
    Skip,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum OnDuplicate {
    /// It stays as it is
    Skip,
    /// Its spelling and, where the row has some, its genres become those of the file; id and votes stay
    Update,
    /// The row is refused
    Error,
}

impl Options {
    pub(super) fn source(&self, today: Today) -> Result<Source, Failure> {
        let told = self.format.or_else(|| Format::of(&self.file));
        let format = told.or(self.delimiter.map(|_| Format::Csv)).ok_or_else(|| {
            // One that is packed, or a workbook, is in no format, whatever its ending.
            let is = File::open(&self.file).ok().and_then(|file| check_text(file).err());
            is.map_or_else(
                || {
                    Failure::wrong_use(
                        &"the ending of the file tells no format; say --format json, ndjson or csv",
                    )
                },
                |is| Failure::failed(&is),
            )
        })?;
        let is_of_csv = [
            ("--delimiter", self.delimiter.is_some()),
            ("--no-quotes", self.no_quotes),
            ("--genre-separator", self.genre_separator != '|'),
        ];
        if let Some((flag, _)) = is_of_csv.iter().find(|(_, is_said)| *is_said && format != Format::Csv) {
            return Err(Failure::wrong_use(&format!("{flag} is for CSV; say --format csv")));
        }
        let wrong = |flag: &str, error: MappingError| Failure::wrong_use(&format!("{flag}: {error}"));
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
        let delimiter = self.delimiter.unwrap_or_else(|| Format::delimiter(&self.file));
        let nulls = self.null.iter().map(|null| null.trim().to_owned()).collect();
        let Self { keep_ids, genre_separator, year_in_name, .. } = *self;
        let quoting = !self.no_quotes;
        Ok(Source {
            format,
            mapping,
            defaults,
            today,
            keep_ids,
            delimiter,
            quoting,
            genre_separator,
            year_in_name,
            nulls,
        })
    }

    pub(super) fn settings(&self) -> import::Settings {
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
