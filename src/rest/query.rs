//! Reads query parameters, and tells all that is wrong with them at once.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde_json::Value;

use super::dto::escape;
use super::json::Object;
use crate::http::form::is_text;
use crate::http::json::whole;
use crate::http::problem::Problem;
use crate::service::FieldFault;
use crate::service::films::types::FilmId;
use crate::service::page::PageRequest;
use crate::service::text::{parse_id, parse_moment};

const A_FILM: &str = "a film";

/// The parameters of a request, percent-decoded, and what was wrong with those that were read.
pub(super) struct Query {
    pairs: Vec<(String, String)>,
    read: Vec<&'static str>,
    faults: Vec<FieldFault>,
}

/// Says of a request that its handler reads the parameters.
#[derive(Clone)]
struct IsRead;

/// To be taken before the call by a handler that reads parameters: of all others they are refused.
impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        parts.extensions.insert(IsRead);
        Ok(Self::new(parts.uri.query()))
    }
}

/// Refuses parameters that nobody is going to read. The documented calls, outside of `/v1`, ignore them.
pub(super) fn refuse_unread(parts: &Parts) -> Result<(), Problem> {
    match parts.uri.query() {
        Some(query) if parts.uri.path().starts_with("/v1/") && parts.extensions.get::<IsRead>().is_none() => {
            Query::new(Some(query)).finish_strict()
        }
        _ => Ok(()),
    }
}

impl Query {
    pub(super) fn new(raw: Option<&str>) -> Self {
        let mut query = Self { pairs: Vec::new(), read: Vec::new(), faults: Vec::new() };
        query.add_form(raw.unwrap_or_default().as_bytes());
        query
    }

    /// Adds those of a form.
    pub(super) fn add_form(&mut self, form: &[u8]) {
        if !is_text(form) {
            self.faults.push(FieldFault::new("", "The parameters must be UTF-8, percent-encoded"));
        }
        self.pairs.extend(form_urlencoded::parse(form).into_owned());
    }

    /// Adds the members of a body of JSON, as an address has them; one that is null is as one that is not given.
    pub(super) fn add_object(&mut self, object: Object) {
        for (name, value) in object {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text,
                Value::Number(number) => {
                    whole(&number).map_or_else(|| number.to_string(), |whole| whole.to_string())
                }
                Value::Bool(flag) => flag.to_string(),
                Value::Array(_) | Value::Object(_) => {
                    self.fault(&escape(&name), "must be a string, a number, true or false");
                    continue;
                }
            };
            self.pairs.push((name, text));
        }
    }

    /// A parameter that may be given once.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.read.push(name);
        let mut values = self.pairs.iter().filter(|(known, _)| known == name);
        let value = values.next()?.1.clone();
        if values.next().is_some() { self.refuse(name, "is given twice") } else { Some(value) }
    }

    /// Whether something is asked for; not so when the parameter is not given.
    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        let flag = self.text(name).and_then(|text| match text.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => self.refuse(name, "must be true or false"),
        });
        flag.unwrap_or_default()
    }

    /// A whole number; of 32 bits where GraphQL has an Int.
    pub(super) fn number<N: std::str::FromStr>(&mut self, name: &'static str) -> Option<N> {
        let text = self.text(name)?;
        text.parse().ok().filter(|_| !text.starts_with('+')).or_else(|| {
            let digits = text.strip_prefix('-').unwrap_or(&text);
            let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            self.refuse(
                name,
                if is_whole { "is too large or too small a number" } else { "must be a whole number" },
            )
        })
    }

    /// Which page of a list is meant.
    pub(super) fn page(&mut self) -> PageRequest {
        PageRequest {
            first: self.number::<i32>("first").map(i64::from),
            after: self.text("after"),
            last: self.number::<i32>("last").map(i64::from),
            before: self.text("before"),
        }
    }

    /// Which page of a list that is read in one direction.
    pub(super) fn next_page(&mut self) -> PageRequest {
        PageRequest {
            first: self.number::<i32>("first").map(i64::from),
            after: self.text("after"),
            ..PageRequest::default()
        }
    }

    /// A moment, in milliseconds since the Unix epoch.
    pub(super) fn moment(&mut self, name: &'static str) -> Option<i64> {
        let text = self.text(name)?;
        parse_moment(&text).or_else(|| self.refuse(name, "must be a moment, such as 2026-11-24T12:00:00Z"))
    }

    /// The id of a film.
    pub(super) fn film_id(&mut self, name: &'static str) -> Option<FilmId> {
        self.id(name, A_FILM).map(FilmId)
    }

    /// An id. `of`: whose, with its article.
    pub(super) fn id(&mut self, name: &'static str, of: &str) -> Option<i64> {
        let text = self.text(name)?;
        parse_id(&text).or_else(|| self.refuse(name, &not_an_id(of)))
    }

    /// Ids of films, separated by commas or each as a parameter of this name, as clients write a list in either way; none
    /// when the parameter is not given. Given without any, it is as malformed as an id without digits.
    pub(super) fn film_ids(&mut self, name: &'static str) -> Vec<FilmId> {
        self.read.push(name);
        let given = self.pairs.iter().filter(|(known, _)| known == name);
        let ids: Vec<Option<i64>> =
            given.flat_map(|(_, text)| text.split(',')).map(|id| parse_id(id.trim())).collect();
        if ids.contains(&None) {
            self.fault(name, &not_an_id(A_FILM));
        }
        ids.into_iter().flatten().map(FilmId).collect()
    }

    pub(super) fn fault(&mut self, name: &str, detail: &str) {
        self.faults.push(FieldFault::new(format!("/{name}"), detail));
    }

    /// The same, for a value that does not count then.
    pub(super) fn refuse<T>(&mut self, name: &str, detail: &str) -> Option<T> {
        self.fault(name, detail);
        None
    }

    /// # Errors
    /// 400 with what was found.
    pub(super) fn finish(self) -> Result<(), Problem> {
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::malformed(&self.faults)) }
    }

    /// Like [`Query::finish`], and refuses parameters that nobody has read: a misspelt filter must not give the whole
    /// list.
    pub(super) fn finish_strict(mut self) -> Result<(), Problem> {
        let names = self.pairs.iter().map(|(name, _)| name.clone());
        let unknown: Vec<String> = names.filter(|name| !self.read.contains(&name.as_str())).collect();
        let known = match &self.read[..] {
            [] => "which takes none".to_owned(),
            known => format!("which takes {}", known.join(", ")),
        };
        // Said once: a few bytes make a fault each.
        let known = std::iter::once(format!(", {known}")).chain(std::iter::repeat(String::new()));
        let fault = |(name, known): (String, String)| {
            let meant = meant_by(&name).filter(|(ours, _)| self.read.contains(ours));
            let instead = meant.map(|(_, instead)| format!("; {instead}")).unwrap_or_default();
            FieldFault::new(
                format!("/{}", escape(&name)),
                format!("is not a parameter of this call{known}{instead}"),
            )
        };
        self.faults.extend(unknown.into_iter().zip(known).map(fault));
        self.finish()
    }
}

/// Our name for what others call so, and what to say of it.
fn meant_by(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "search" | "name" | "text" | "query" | "title" => ("q", "q looks for text"),
        "limit" | "count" | "size" | "per_page" | "page_size" => ("first", "first says how many"),
        "page" | "offset" | "skip" | "cursor" => ("after", "after takes the endCursor of the page before"),
        "year" => ("yearFrom", "yearFrom and yearTo say from when to when"),
        "genres" => ("genre", "genre takes one"),
        "order_by" | "orderBy" | "sort_by" | "sortBy" => ("sort", "sort and order say in which order"),
        _ => return None,
    })
}

fn not_an_id(of: &str) -> String {
    format!("must be the id of {of}, in digits")
}
