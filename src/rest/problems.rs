//! Pages about the codes of refusals, where the `type` of problem details leads. They need nothing but themselves.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::HeaderValue;
use axum::response::{IntoResponse as _, Response};

use super::not_found;
use crate::http::cacheable::Constant;
use crate::http::catalogue::{ALL, Entry, page};

/// `GET /problems`: all of them.
pub async fn all() -> Constant {
    static LIST: LazyLock<Constant> = LazyLock::new(|| {
        let mut list = String::new();
        for Entry { code, meaning, .. } in ALL {
            let _ = write!(list, "<dt><a href=\"{}\">{code}</a></dt><dd>{meaning}</dd>", page(code));
        }
        html("Codes of refusals", &format!("<dl>{list}</dl>"))
    });
    LIST.clone()
}

/// `GET /problems/{code}`.
pub async fn one(Path(code): Path<String>) -> Response {
    static PAGES: LazyLock<HashMap<&str, Constant>> = LazyLock::new(|| {
        let page = |Entry { code, meaning, remedy }: &Entry| {
            let all = "<p><a href=\"/problems\">All codes</a></p>";
            (*code, html(code, &format!("<p>{meaning}</p><p>{remedy}</p>{all}")))
        };
        ALL.iter().map(page).collect()
    });
    match PAGES.get(&*code) {
        Some(page) => page.clone().into_response(),
        None => not_found::problem(&page(&code)).into_response(),
    }
}

fn html(title: &str, body: &str) -> Constant {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\"><title>{title} - filmgate</title></head><body><main><h1>{title}</h1>{body}</main>\
         </body></html>\n"
    );
    Constant::new(HeaderValue::from_static("text/html; charset=utf-8"), html)
}
