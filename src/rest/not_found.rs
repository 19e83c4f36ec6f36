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

/// What others call it, and where it is: first guesses, behind the version.
const GUESSES: [(&str, &str); 23] = [
    ("like/{id}", "/v1/films/{id}/like"),
    ("dislike/{id}", "/v1/films/{id}/dislike"),
    ("random", "/"),
    ("random_film", "/"),
    ("film/random", "/"),
    ("search", "/v1/films?q=TEXT"),
    ("votes", "/v1/me/votes"),
    ("login", "/v1/session"),
    ("logout", "/v1/session"),
    ("signin", "/v1/session"),
    ("sessions", "/v1/session"),
    ("users", "/v1/accounts"),
    ("audit", "/v1/audit_events"),
    ("limits", "/v1/rate_limit"),
    ("ready", "/health/ready"),
    ("readyz", "/health/ready"),
    ("live", "/health/live"),
    ("livez", "/health/live"),
    ("ping", "/health/live"),
    ("docs", "/playground/rest"),
    ("swagger", "/playground/rest"),
    ("schema", "/schema.graphql"),
    ("sdl", "/schema.graphql"),
];

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
    let fill = |known: String| ids.clone().fold(known, |known, id| known.replacen("{id}", id, 1));
    if let Some((_, known)) = GUESSES.iter().find(|(guess, _)| *guess == behind_version(&form)) {
        return Some(fill((*known).to_owned()));
    }
    let codes = catalogue::ALL.iter().map(|entry| catalogue::page(entry.code));
    let rest = operations::ALL.iter().flat_map(|operation| operation.rest).map(|(_, path)| *path);
    let known = rest.filter(|path| !path.contains('?')).chain(OTHERS).map(str::to_owned).chain(codes);
    let (alike, known) = known
        .map(|known| (alike(&form, &known.to_ascii_lowercase()), known))
        .max_by(|one, other| one.0.total_cmp(&other.0))?;
    let filled = fill(known);
    (alike >= ALIKE && !filled.contains('{')).then_some(filled)
}

/// Without what others put before a path, and ours have there.
fn behind_version(path: &str) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty());
    let is_version = |part: &&str| part.strip_prefix('v').is_some_and(|number| number.parse::<u32>().is_ok());
    parts.skip_while(|part| *part == "api" || is_version(part)).collect::<Vec<_>>().join("/")
}

/// From 0 to 1.
fn alike(path: &str, known: &str) -> f64 {
    let (path, known) = (behind_version(path), behind_version(known));
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
            ("/like/12", Some("/v1/films/12/like")),
            ("/v1/random", Some("/")),
            ("/api/search", Some("/v1/films?q=TEXT")),
            ("/v1/users", Some("/v1/accounts")),
            ("/ready", Some("/health/ready")),
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
