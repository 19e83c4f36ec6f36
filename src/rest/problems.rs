//! Pages about the codes of refusals, where the `type` of problem details leads. They need nothing but themselves.

use std::fmt::Write as _;

use axum::extract::Path;
use axum::http::HeaderValue;
use axum::response::{IntoResponse as _, Response};

use super::not_found;
use crate::http::catalogue::{self, ALL, Entry, page};
use crate::http::kept;

/// `GET /problems`: all of them.
pub async fn all() -> Response {
    let mut list = String::new();
    for Entry { code, meaning, .. } in ALL {
        let _ = write!(list, "<dt><a href=\"{}\">{code}</a></dt><dd>{meaning}</dd>", page(code));
    }
    answer("Codes of refusals", &format!("<dl>{list}</dl>"))
}

/// `GET /problems/{code}`.
pub async fn one(Path(code): Path<String>) -> Response {
    match catalogue::entry(&code) {
        Some(Entry { code, meaning, remedy }) => answer(
            code,
            &format!("<p>{meaning}</p><p>{remedy}</p><p><a href=\"/problems\">All codes</a></p>"),
        ),
        None => not_found::problem(&page(&code)).into_response(),
    }
}

fn answer(title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title} - filmgate</title></head><body><main><h1>{title}</h1>{body}</main>\
         </body></html>\n"
    );
    kept::answer(HeaderValue::from_static("text/html; charset=utf-8"), html.into())
}
