//! Films for people, and for programs.

use serde::Serialize;

use super::output;
use super::output::Failure;
use crate::service::films::types::Film;

/// Characters of a column that can be long.
const WIDEST: usize = 40;

#[derive(Serialize)]
struct FilmOut<'a> {
    id: i64,
    name: &'a str,
    studio: &'a str,
    year: Option<i32>,
    genres: &'a [String],
    likes: i64,
    dislikes: i64,
}

pub(super) fn json(film: &Film) -> Result<String, Failure> {
    let out = FilmOut {
        id: film.id,
        name: &film.name,
        studio: &film.studio,
        year: film.year,
        genres: &film.genres,
        likes: film.likes,
        dislikes: film.dislikes,
    };
    serde_json::to_string(&out).map_err(|error| Failure::failed(&error))
}

/// One line a field.
pub(super) fn lines(film: &Film) -> String {
    let year = film.year.map_or("unknown".to_owned(), |year| year.to_string());
    format!(
        "id        {}\nname      {}\nstudio    {}\nyear      {year}\ngenres    {}\nlikes     {}\ndislikes  {}\n",
        film.id,
        film.name,
        film.studio,
        film.genres.join(", "),
        film.likes,
        film.dislikes
    )
}

/// A header, and one line a film.
pub(super) fn table(films: &[Film]) -> String {
    let mut rows = vec![["id", "name", "studio", "year", "likes", "dislikes", "genres"].map(str::to_owned)];
    rows.extend(films.iter().map(|film| {
        [
            film.id.to_string(),
            short(&film.name),
            short(&film.studio),
            film.year.map(|year| year.to_string()).unwrap_or_default(),
            film.likes.to_string(),
            film.dislikes.to_string(),
            film.genres.join(", "),
        ]
    }));
    output::table(&rows)
}

fn short(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}
