//! The one place where a film's fields are judged.

use std::time::Duration;

use crate::service::error::{FieldFault, Result, faultless};
use crate::service::films::types::{
    FIRST_YEAR, Film, FilmDraft, MAX_GENRE, MAX_GENRES, MAX_NAME, NewFilm, YEARS_AHEAD,
};
use crate::service::text::{fold, is_plain, is_visible, normal_form};

/// As the audit names it.
pub(super) fn target(id: i64, name: &str) -> String {
    format!("film {id} ({name})")
}

/// The year in UTC, by the mean Gregorian year: near New Year it may be off by a day, which a limit of "five years
/// ahead" does not feel.
pub(in crate::service) fn this_year(now: Duration) -> i64 {
    const SECONDS_A_YEAR: u64 = 31_556_952;
    1970 + i64::try_from(now.as_secs() / SECONDS_A_YEAR).unwrap_or_default()
}

/// The one place where a film's fields are judged. What is not given, or given as it is, of a film that is there already
/// is not judged: it may be from before a rule.
pub(in crate::service) fn validate(
    draft: FilmDraft,
    known: Option<&Film>,
    this_year: i64,
) -> Result<NewFilm> {
    let FilmDraft { name, studio, year, genres, mut faults } = draft;
    let name = title("/name", name, known.map(|film| &*film.name), &mut faults);
    let studio = title("/studio", studio, known.map(|film| &*film.studio), &mut faults);
    let latest = this_year + YEARS_AHEAD;
    let year = match year {
        None => known.and_then(|film| film.year),
        Some(year) => year.and_then(|year| {
            if !(FIRST_YEAR..=latest).contains(&year) {
                let detail = format!("must lie between {FIRST_YEAR} and {latest}");
                faults.push(FieldFault::new("/year", detail));
            }
            i32::try_from(year).ok()
        }),
    };
    let genres = match genres {
        None => known.map(|film| film.genres.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        Some(genres) => checked_genres(&genres, &mut faults),
    };
    faultless(faults)?;
    Ok(NewFilm { name, studio, year, genres })
}

fn checked_genres(given: &[Option<String>], faults: &mut Vec<FieldFault>) -> Vec<String> {
    if given.len() > MAX_GENRES {
        faults.push(FieldFault::new("/genres", format!("must have at most {MAX_GENRES} entries")));
    }
    let mut genres: Vec<String> = Vec::new();
    for (position, genre) in given.iter().take(MAX_GENRES).enumerate() {
        let Some(genre) = genre else { continue };
        let genre = checked(&format!("/genres/{position}"), genre, MAX_GENRE, faults);
        if genres.iter().all(|known| fold(known) != fold(&genre)) {
            genres.push(genre);
        }
    }
    genres
}

fn title(pointer: &str, given: Option<String>, known: Option<&str>, faults: &mut Vec<FieldFault>) -> String {
    match (given, known) {
        (Some(given), Some(known)) if given == known => given,
        (Some(given), _) => checked(pointer, &given, MAX_NAME, faults),
        (None, Some(known)) => known.to_owned(),
        (None, None) => {
            // The surface may have said already why there is no text.
            if faults.iter().all(|fault| fault.pointer != pointer) {
                faults.push(FieldFault::new(pointer, "is required"));
            }
            String::new()
        }
    }
}

fn checked(pointer: &str, text: &str, most: usize, faults: &mut Vec<FieldFault>) -> String {
    let text = normal_form(text);
    let length = text.chars().count();
    if length == 0 {
        faults.push(FieldFault::new(pointer, "must not be empty"));
    } else if length > most {
        faults.push(FieldFault::new(pointer, format!("must have at most {most} characters, has {length}")));
    }
    if !text.chars().all(is_plain) {
        faults
            .push(FieldFault::new(pointer, "must not contain control or bidirectional override characters"));
    } else if length > 0 && !is_visible(&text) {
        faults.push(FieldFault::new(pointer, "must have a character that can be seen"));
    }
    text
}
