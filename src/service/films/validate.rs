//! The one place where a film's fields are judged.

use std::time::Duration;

use crate::service::error::{Error, FieldFault, Result};
use crate::service::films::types::{
    FIRST_YEAR, FilmDraft, MAX_GENRE, MAX_GENRES, MAX_NAME, NewFilm, YEARS_AHEAD,
};
use crate::service::text::{fold, is_plain, normal_form};

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

/// The one place where a film's fields are judged.
pub(in crate::service) fn validate(draft: FilmDraft, this_year: i64) -> Result<NewFilm> {
    let mut faults = draft.faults;
    let name = required("/name", draft.name, &mut faults);
    let studio = required("/studio", draft.studio, &mut faults);
    let latest = this_year + YEARS_AHEAD;
    let year = draft.year.and_then(|year| {
        if !(FIRST_YEAR..=latest).contains(&year) {
            faults.push(FieldFault::new("/year", format!("must lie between {FIRST_YEAR} and {latest}")));
        }
        i32::try_from(year).ok()
    });
    if draft.genres.len() > MAX_GENRES {
        faults.push(FieldFault::new("/genres", format!("must have at most {MAX_GENRES} entries")));
    }
    let mut genres: Vec<String> = Vec::new();
    for (position, genre) in draft.genres.iter().take(MAX_GENRES).enumerate() {
        let Some(genre) = genre else { continue };
        let genre = checked(&format!("/genres/{position}"), genre, MAX_GENRE, &mut faults);
        if genres.iter().all(|known| fold(known) != fold(&genre)) {
            genres.push(genre);
        }
    }
    if faults.is_empty() {
        return Ok(NewFilm { name, studio, year, genres });
    }
    Err(Error::InvalidInput(faults))
}

fn required(pointer: &str, text: Option<String>, faults: &mut Vec<FieldFault>) -> String {
    if let Some(text) = text {
        return checked(pointer, &text, MAX_NAME, faults);
    }
    // The surface may have said already why there is no text.
    if faults.iter().all(|fault| fault.pointer != pointer) {
        faults.push(FieldFault::new(pointer, "is required"));
    }
    String::new()
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
    }
    text
}
