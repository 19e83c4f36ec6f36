//! Writes films as import reads them: the same films give the same bytes, whatever the database.

use std::io::{self, Write};
use std::sync::Arc;

use serde::Serialize;

use super::cell::{join_genres, write_name};
use super::mapping::Field;
use super::source::Format;
use crate::service::films::types::Film;

/// The fields of a film that a file has. Votes are not among them: they are entries, not a property.
#[derive(Serialize)]
struct FilmOut<'a> {
    id: i64,
    name: &'a str,
    studio: &'a str,
    year: Option<i32>,
    genres: &'a [Arc<str>],
}

/// Writes one film after the other.
pub struct Writer<W: Write>(Form<W>);

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
        Ok(Self(match format {
            Format::Json => {
                output.write_all(b"[")?;
                Form::Json { output, first: true }
            }
            Format::Ndjson => Form::Ndjson(output),
            Format::Csv => {
                let mut records = csv::Writer::from_writer(output);
                records.write_record(Field::ALL.map(Field::name)).map_err(cause)?;
                Form::Csv(Box::new(records))
            }
        }))
    }

    pub fn film(&mut self, film: &Film) -> io::Result<()> {
        let Film { id, name, studio, year, genres, .. } = film;
        let out = FilmOut { id: *id, name, studio, year: *year, genres };
        match &mut self.0 {
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
                let year = year.map(|year| year.to_string()).unwrap_or_default();
                let (name, studio) = (write_name(name), write_name(studio));
                let record = [&id.to_string(), &*name, &*studio, &year, &join_genres(genres)];
                records.write_record(record).map_err(cause)?;
            }
        }
        Ok(())
    }

    /// Writes what comes after the last film, all of it.
    pub fn end(self) -> io::Result<()> {
        match self.0 {
            Form::Json { mut output, .. } => {
                output.write_all(b"\n]\n")?;
                output.flush()
            }
            Form::Ndjson(mut output) => output.flush(),
            Form::Csv(mut records) => records.flush(),
        }
    }
}

/// What the output says, which a closed pipe is told by.
fn cause(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(cause) => cause,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use rand::rngs::StdRng;
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;
    use crate::transfer::cell::BAR;
    use crate::transfer::{Defaults, Mapping, Source, Today, read};

    /// What one format or the other takes for its own.
    const ALPHABET: [&str; 19] = [
        "a", "\"", "\\", "|", ",", ";", "=", "'", "{", "]", "[", "#", "é", "日", "🎬", "null", "\\|", "\"\"",
        "1e3",
    ];

    fn text(random: &mut StdRng) -> String {
        (0..random.random_range(1..6)).map(|_| ALPHABET[random.random_range(0..ALPHABET.len())]).collect()
    }

    fn films(count: i64) -> Vec<Film> {
        let mut random = StdRng::seed_from_u64(20_261_124);
        let film = |id| Film {
            id,
            name: text(&mut random).into(),
            studio: text(&mut random).into(),
            year: random.random_bool(0.8).then(|| random.random_range(1888..2026)),
            genres: (0..random.random_range(0..4)).map(|_| text(&mut random).into()).collect(),
            likes: 0,
            dislikes: 0,
        };
        (1..=count).map(film).collect()
    }

    /// Whatever stands in a film, what was written is read again, without the service having a say.
    #[test]
    fn what_is_written_is_read_as_the_same() {
        let films = films(2_000);
        for format in [Format::Json, Format::Ndjson, Format::Csv] {
            let mut bytes = Vec::new();
            let mut writer = Writer::begin(&mut bytes, format).expect("a beginning");
            for film in &films {
                writer.film(film).expect("a film");
            }
            writer.end().expect("an end");
            let source = Source {
                format,
                mapping: Mapping::default(),
                defaults: Defaults::default(),
                today: Today::new(2026, 11, 24),
                keep_ids: true,
                delimiter: b',',
                quoting: true,
                genre_separator: BAR,
                year_in_name: false,
                nulls: Vec::new(),
            };
            let mut rows = read(Cursor::new(bytes), source).expect("a thread");
            for film in &films {
                let row = rows.blocking_recv().expect("a row").expect("no error");
                let draft = row.draft.expect("a draft");
                assert!(draft.film.faults.is_empty(), "{film:?}: {:?}", draft.film.faults);
                assert_eq!(draft.id, Some(film.id));
                assert_eq!(draft.film.name.as_deref(), Some(&*film.name));
                assert_eq!(draft.film.studio.as_deref(), Some(&*film.studio));
                assert_eq!(draft.film.year.flatten(), film.year.map(i64::from));
                let genres = draft.film.genres.into_iter().flatten().flatten().map(Arc::<str>::from);
                assert!(genres.eq(film.genres.iter().cloned()), "{format:?}: {film:?}");
            }
            assert!(rows.blocking_recv().is_none(), "no row more");
        }
    }
}
