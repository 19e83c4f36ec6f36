//! From the cells of a row to a draft for the service.

use std::collections::BTreeMap;

use super::cell::{BRACKETS, Cell, RawObject, read_name, split_genres};
use super::columns::{Columns, Ignored};
use super::mapping::{Field, Mapping};
use super::source::Source;
use super::year;
use crate::service::FieldFault;
use crate::service::films::types::{FilmDraft, FilmId};
use crate::service::import::batch::{Draft, MAX_ID};

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// From 1; the header of CSV and blank lines are no rows.
    pub row: u64,
    /// From 1, where the format has lines.
    pub line: Option<u64>,
}

/// A row as the file has it and as the service is asked.
#[derive(Debug)]
pub struct FileRow {
    pub kept: Kept,
    /// The draft, or why the row could not be read at all.
    pub draft: Result<Draft, FieldFault>,
}

/// What is kept of a row while the service has its draft.
#[derive(Debug)]
pub struct Kept {
    pub(super) place: Place,
    /// What was there, for a report.
    pub(super) excerpt: Excerpt,
    /// What was put right.
    pub(super) correction: Option<String>,
    /// Columns that this row is the first to have and that are left out.
    pub(super) ignored: Vec<Ignored>,
}

/// The values of a row as they were written, cut to a length that can be read.
pub(super) type Excerpt = BTreeMap<Field, String>;

impl FileRow {
    pub(super) fn unreadable(place: Place, fault: String) -> Self {
        let kept = Kept { place, excerpt: Excerpt::new(), correction: None, ignored: Vec::new() };
        Self { kept, draft: Err(FieldFault::new("", fault)) }
    }

    pub(super) fn read(place: Place, source: &Source, cell: impl Fn(Field) -> Option<Cell>) -> Self {
        let cell = |field| cell(field).map_or(Cell::Empty, |cell| without_nulls(cell, &source.nulls));
        let cells = Field::ALL.map(cell);
        let named = Field::ALL.into_iter().zip(&cells);
        let excerpt = named.filter_map(|(field, cell)| Some((field, cell.excerpt()?))).collect();
        let [id, name, studio, year, genres] = cells;
        let (name, year) = if source.year_in_name { year_of_name(name, year) } else { (name, year) };
        let (studio, first_studio) = first_studio(studio, source);
        let or_default = |cell: Cell, field| match cell {
            Cell::Empty => source.defaults.of(field).cloned().unwrap_or(Cell::Empty),
            cell => cell,
        };
        let mut faults = Vec::new();
        let id = if source.keep_ids { read_id(id, &mut faults) } else { None };
        let is_of_text = source.is_of_text();
        let name = title("/name", name, is_of_text, &mut faults);
        let studio = title("/studio", or_default(studio, Field::Studio), is_of_text, &mut faults);
        let (year, corrected) = read_year(or_default(year, Field::Year), source.today, &mut faults);
        let corrections: Vec<String> = first_studio.into_iter().chain(corrected).collect();
        let correction = (!corrections.is_empty()).then(|| corrections.join("; "));
        let genres = or_default(genres, Field::Genres);
        let genres = (genres != Cell::Empty).then(|| read_genres(genres, source, &mut faults));
        let film = FilmDraft { name, studio, year: Some(year), genres, faults };
        let kept = Kept { place, excerpt, correction, ignored: Vec::new() };
        Self { kept, draft: Ok(Draft { id, film }) }
    }
}

/// What stands for no value is none, in lists too.
fn without_nulls(cell: Cell, nulls: &[String]) -> Cell {
    let is_null = |text: &str| is_null(text, nulls);
    match cell {
        Cell::Text(text) | Cell::Number(text) if is_null(&text) => Cell::Empty,
        Cell::List(cells) => {
            let is_value =
                |cell: &Cell| !matches!(cell, Cell::Text(text) | Cell::Number(text) if is_null(text));
            Cell::List(cells.into_iter().filter(is_value).collect())
        }
        cell => cell,
    }
}

fn is_null(text: &str, nulls: &[String]) -> bool {
    nulls.iter().any(|null| null == text.trim())
}

/// A name or a studio. Where cells have no types, a list of JSON is no text.
fn title(pointer: &str, cell: Cell, is_of_text: bool, faults: &mut Vec<FieldFault>) -> Option<String> {
    let cell = match cell {
        Cell::Text(text) if is_of_text => match read_name(&text) {
            Some(name) => Cell::Text(name.to_owned()),
            None => Cell::Other(text),
        },
        cell => cell,
    };
    text(pointer, cell, faults)
}

/// A name that is a number is text, exactly as written.
fn text(pointer: &str, cell: Cell, faults: &mut Vec<FieldFault>) -> Option<String> {
    match cell {
        Cell::Empty => None,
        Cell::Text(text) | Cell::Number(text) => Some(text),
        Cell::Garbled(_) => {
            faults.push(FieldFault::new(pointer, "is not text in UTF-8"));
            None
        }
        Cell::List(_) | Cell::Other(_) => {
            faults.push(FieldFault::new(pointer, "is neither text nor a number"));
            None
        }
    }
}

/// `Toy Story (1995)` without a year elsewhere: the name, and the year.
fn year_of_name(name: Cell, year: Cell) -> (Cell, Cell) {
    let (Cell::Text(text), Cell::Empty) = (&name, &year) else { return (name, year) };
    let parts = text.trim_end().strip_suffix(')').and_then(|text| text.rsplit_once('('));
    let is_year = |text: &str| {
        let mut years =
            text.split([' ', '-', '\u{2013}', '\u{2014}']).filter(|part| !part.is_empty()).peekable();
        let is_there = years.peek().is_some();
        is_there && years.all(|part| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match parts {
        Some((title, inner)) if is_year(inner) && !title.trim().is_empty() => {
            (Cell::of_text(title.trim_end()), Cell::of_text(inner))
        }
        _ => (name, year),
    }
}

/// Of a list of studios the first, and what is said of the others.
fn first_studio(cell: Cell, source: &Source) -> (Cell, Option<String>) {
    let list = match cell {
        Cell::Text(text) if source.is_of_text() => match Cell::structure(&text) {
            Some(structure @ Cell::List(_)) => without_nulls(structure, &source.nulls),
            _ => Cell::Text(text),
        },
        cell => cell,
    };
    let Cell::List(studios) = list else { return (list, None) };
    let several = studios.len() > 1;
    let first = studios.into_iter().next().map_or(Cell::Empty, name_within);
    let said = first.excerpt().filter(|_| several);
    (first, said.map(|first| format!("of several studios the first was taken, {first}")))
}

fn read_id(cell: Cell, faults: &mut Vec<FieldFault>) -> Option<i64> {
    let id = match cell {
        Cell::Empty => return None,
        Cell::Text(text) | Cell::Number(text) => FilmId::parse(text.trim()),
        Cell::Garbled(_) | Cell::List(_) | Cell::Other(_) => None,
    };
    let id = id.map(|id| id.0).filter(|id| (1..=MAX_ID).contains(id));
    if id.is_none() {
        faults.push(FieldFault::new("/id", format!("is not a whole number from 1 to {MAX_ID}")));
    }
    id
}

fn read_year(cell: Cell, today: year::Today, faults: &mut Vec<FieldFault>) -> (Option<i64>, Option<String>) {
    let reading = match cell {
        Cell::Empty => return (None, None),
        Cell::Text(text) | Cell::Number(text) => year::read(&text, today),
        Cell::Garbled(_) | Cell::List(_) | Cell::Other(_) => None,
    };
    let Some(reading) = reading else {
        faults.push(FieldFault::new("/year", "is not a date"));
        return (None, None);
    };
    let year = reading.year;
    let moved =
        reading.moved_from.map(|from| format!("year {from} lies in the future and was taken as {year}"));
    let first = reading.until.map(|until| format!("of the years to {until} the first was taken, {year}"));
    let corrections: Vec<String> = moved.into_iter().chain(first).collect();
    (Some(year), (!corrections.is_empty()).then(|| corrections.join("; ")))
}

fn read_genres(cell: Cell, source: &Source, faults: &mut Vec<FieldFault>) -> Vec<Option<String>> {
    match cell {
        Cell::Text(text) if text.trim_start().starts_with(BRACKETS) => {
            if let Some(structure) = Cell::structure(&text) {
                return read_genres(without_nulls(structure, &source.nulls), source, faults);
            }
            faults.push(FieldFault::new("/genres", "begins like a list of JSON and is none"));
            Vec::new()
        }
        Cell::Text(text) if source.is_of_text() => {
            let genres = split_genres(&text, source.genre_separator).into_iter();
            genres.filter(|genre| !is_null(genre, &source.nulls)).map(Some).collect()
        }
        Cell::List(cells) => (0..)
            .zip(cells)
            .map(|(position, cell)| read_genre(&format!("/genres/{position}"), cell, faults))
            .collect(),
        Cell::Empty => Vec::new(),
        cell => vec![read_genre("/genres", cell, faults)],
    }
}

/// A text, or an object with a name, as `{"id":18,"name":"Drama"}`.
fn read_genre(pointer: &str, cell: Cell, faults: &mut Vec<FieldFault>) -> Option<String> {
    match cell {
        // The service says what is wrong with it.
        Cell::Empty => Some(String::new()),
        cell => text(pointer, name_within(cell), faults),
    }
}

/// The name of an object that has one.
fn name_within(cell: Cell) -> Cell {
    match cell {
        Cell::Other(raw) => named(&raw).unwrap_or(Cell::Other(raw)),
        cell => cell,
    }
}

fn named(object: &str) -> Option<Cell> {
    let members = serde_json::from_str::<RawObject>(object).ok()?.members().ok()?;
    let columns = Columns::of(members.keys().map(String::as_str), &Mapping::default());
    members.get_index(columns.place(Field::Name)?).map(|(_, raw)| Cell::of_json(raw))
}
