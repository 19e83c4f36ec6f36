//! Writes films as import reads them: the same films give the same bytes, whatever the database.

use std::io::{self, Write};

use serde::Serialize;

use super::mapping::Field;
use super::{Format, genres};
use crate::service::film::Film;

/// The fields of a film that a file has. Votes are not among them: they are entries, not a property.
#[derive(Serialize)]
struct FilmOut<'a> {
    id: i64,
    name: &'a str,
    studio: &'a str,
    year: Option<i32>,
    genres: &'a [String],
}

/// Writes one film after the other.
pub struct Writer<W: Write> {
    form: Form<W>,
}

enum Form<W: Write> {
    Json { output: W, first: bool },
    Ndjson(W),
    Csv(Box<csv::Writer<W>>),
}

impl<W: Write> Writer<W> {
    /// Writes what comes before the first film.
    ///
    /// # Errors
    /// When the output fails, as do all others.
    pub fn begin(mut output: W, format: Format) -> io::Result<Self> {
        let form = match format {
            Format::Json => {
                output.write_all(b"[")?;
                Form::Json { output, first: true }
            }
            Format::Ndjson => Form::Ndjson(output),
            Format::Csv => {
                let mut records = csv::Writer::from_writer(output);
                records.write_record(Field::ALL.map(Field::name))?;
                Form::Csv(Box::new(records))
            }
        };
        Ok(Self { form })
    }

    pub fn film(&mut self, film: &Film) -> io::Result<()> {
        let out = FilmOut {
            id: film.id,
            name: &film.name,
            studio: &film.studio,
            year: film.year,
            genres: &film.genres,
        };
        match &mut self.form {
            Form::Json { output, first } => {
                output.write_all(if *first { b"\n" } else { b",\n" })?;
                *first = false;
                serde_json::to_writer(output, &out)?;
            }
            Form::Ndjson(output) => {
                serde_json::to_writer(&mut *output, &out)?;
                output.write_all(b"\n")?;
            }
            Form::Csv(records) => {
                let year = out.year.map(|year| year.to_string()).unwrap_or_default();
                let genres = genres::join(out.genres);
                records.write_record([&out.id.to_string(), out.name, out.studio, &year, &genres])?;
            }
        }
        Ok(())
    }

    /// Writes what comes after the last film, all of it.
    pub fn end(self) -> io::Result<()> {
        match self.form {
            Form::Json { mut output, .. } => {
                output.write_all(b"\n]\n")?;
                output.flush()
            }
            Form::Ndjson(mut output) => output.flush(),
            Form::Csv(mut records) => records.flush(),
        }
    }
}
