//! What is said of an address where nothing is: what may have been meant.

use axum::http::{StatusCode, Uri};

use crate::http::catalogue;
use crate::http::problem::Problem;
use crate::operations;

/// Bytes of an address that is compared with others: what is longer was not mistyped.
const LONGEST: usize = 64;
/// How alike two addresses are, at least, of which one may be meant for the other.
const ALIKE: f64 = 0.85;
/// Beside those of the operations.
const OTHERS: [&str; 6] =
    ["/graphql", "/playground", "/playground/rest", "/playground/films", "/playground/basic", "/problems"];

/// Where no route leads.
///
/// # Errors
/// 404, always.
pub async fn answer(uri: Uri) -> Result<(), Problem> {
    Err(problem(uri.path()))
}

/// 404, with what is near.
#[must_use]
pub fn problem(path: &str) -> Problem {
    let detail = match near(path) {
        Some(near) => format!("There is nothing at this address; {near} is near."),
        None => "There is nothing at this address; /openapi.json has every address of REST, and /graphql is GraphQL.".to_owned(),
    };
    Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", detail)
}

/// The address that is most like a path, with the path's ids in it.
fn near(path: &str) -> Option<String> {
    if path.len() > LONGEST {
        return None;
    }
    let is_id = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let ids = path.split('/').filter(|part| is_id(part));
    let form: Vec<&str> = path.split('/').map(|part| if is_id(part) { "{id}" } else { part }).collect();
    let form = form.join("/").to_ascii_lowercase();
    let codes = catalogue::ALL.iter().map(|entry| catalogue::page(entry.code));
    let rest = operations::ALL.iter().flat_map(|operation| operation.rest).map(|(_, path)| *path);
    let known = rest.filter(|path| !path.contains('?')).chain(OTHERS).map(str::to_owned).chain(codes);
    let (alike, known) = known
        .map(|known| (alike(&form, &known.to_ascii_lowercase()), known))
        .max_by(|one, other| one.0.total_cmp(&other.0))?;
    let filled = ids.fold(known, |known, id| known.replacen("{id}", id, 1));
    (alike >= ALIKE && !filled.contains('{')).then_some(filled)
}

/// From 0 to 1. What others put before a path does not count, nor what ours have there.
fn alike(path: &str, known: &str) -> f64 {
    let rest = |path: &str| {
        let parts = path.split('/').filter(|part| !part.is_empty());
        let is_version =
            |part: &&str| part.strip_prefix('v').is_some_and(|number| number.parse::<u32>().is_ok());
        parts.skip_while(|part| *part == "api" || is_version(part)).collect::<Vec<_>>().join("/")
    };
    let (path, known) = (rest(path), rest(known));
    if path.is_empty() || known.is_empty() { 0.0 } else { strsim::jaro_winkler(&path, &known) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_named_with_the_ids_that_were_given() {
        for (path, expected) in [
            ("/films", Some("/v1/films")),
            ("/films/12", Some("/v1/films/12")),
            ("/v1/film", Some("/v1/films")),
            ("/api/v1/films", Some("/v1/films")),
            ("/v2/films/7/like", Some("/v1/films/7/like")),
            ("/v1/films/7/likes", Some("/v1/films/7/like")),
            ("/V1/FILMS", Some("/v1/films")),
            ("/v1/films//", Some("/v1/films")),
            ("/addfilm", Some("/add_film")),
            ("/v1/add_film", Some("/add_film")),
            ("/graphiql", Some("/graphql")),
            ("/openapi.yaml", Some("/openapi.json")),
            ("/health", Some("/health/live")),
            ("/healthz/ready", Some("/health/ready")),
            ("/problems/FILM_EXIST", Some("/problems/FILM_EXISTS")),
            ("/v1/ratelimit", Some("/v1/rate_limit")),
            ("/", None),
            ("//", None),
            ("/.env", None),
            ("/wp-login.php", None),
        ] {
            assert_eq!(near(path).as_deref(), expected, "{path}");
        }
        assert_eq!(near(&"/films".repeat(20)), None);
    }
}
