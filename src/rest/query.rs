//! Reads query parameters, and tells all that is wrong with them at once.

use crate::http::problem::Problem;
use crate::service::FieldFault;
use crate::service::films::types::FilmId;
use crate::service::text::{parse_id, parse_moment};

const A_FILM: &str = "a film";

/// The parameters of a request, percent-decoded, and what was wrong with those that were read.
pub(super) struct Query {
    pairs: Vec<(String, String)>,
    read: Vec<&'static str>,
    faults: Vec<FieldFault>,
}

impl Query {
    pub(super) fn new(raw: Option<&str>) -> Self {
        let raw = raw.unwrap_or_default().as_bytes();
        Self {
            pairs: form_urlencoded::parse(raw).into_owned().collect(),
            read: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// A parameter that may be given once.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.read.push(name);
        let mut values = self.pairs.iter().filter(|(known, _)| known == name);
        let value = values.next()?.1.clone();
        if values.next().is_some() {
            self.fault(name, "is given twice");
            return None;
        }
        Some(value)
    }

    /// A whole number; of 32 bits where GraphQL has an Int.
    pub(super) fn number<N: std::str::FromStr>(&mut self, name: &'static str) -> Option<N> {
        let text = self.text(name)?;
        let number = text.parse().ok();
        if number.is_none() {
            self.fault(name, "must be a whole number");
        }
        number
    }

    /// A moment, in milliseconds since the Unix epoch.
    pub(super) fn moment(&mut self, name: &'static str) -> Option<i64> {
        let text = self.text(name)?;
        let moment = parse_moment(&text);
        if moment.is_none() {
            self.fault(name, "must be a moment, such as 2026-11-24T12:00:00Z");
        }
        moment
    }

    /// The id of a film.
    pub(super) fn film_id(&mut self, name: &'static str) -> Option<FilmId> {
        self.id(name, A_FILM).map(FilmId)
    }

    /// An id. `of`: whose, with its article.
    pub(super) fn id(&mut self, name: &'static str, of: &str) -> Option<i64> {
        let text = self.text(name)?;
        self.read_id(name, &text, of)
    }

    /// Ids of films, separated by commas; none when the parameter is not given. Given without any, it is as malformed as
    /// an id without digits.
    pub(super) fn film_ids(&mut self, name: &'static str) -> Vec<FilmId> {
        let Some(text) = self.text(name) else { return Vec::new() };
        text.split(',').filter_map(|id| self.read_id(name, id.trim(), A_FILM)).map(FilmId).collect()
    }

    fn read_id(&mut self, name: &'static str, text: &str, of: &str) -> Option<i64> {
        let id = parse_id(text);
        if id.is_none() {
            self.fault(name, &format!("must be the id of {of}, in digits"));
        }
        id
    }

    pub(super) fn fault(&mut self, name: &str, detail: &str) {
        self.faults.push(FieldFault::new(format!("/{name}"), detail));
    }

    /// # Errors
    /// 400 with what was found.
    pub(super) fn finish(self) -> Result<(), Problem> {
        if self.faults.is_empty() {
            return Ok(());
        }
        Err(Problem::malformed(&self.faults))
    }

    /// Like [`Query::finish`], and refuses parameters that nobody has read: a misspelt filter must not give the whole
    /// list.
    pub(super) fn finish_strict(mut self) -> Result<(), Problem> {
        let unknown: Vec<String> = self
            .pairs
            .iter()
            .map(|(name, _)| name.chars().take(100).collect())
            .filter(|name: &String| !self.read.contains(&name.as_str()))
            .collect();
        for name in unknown {
            self.fault(&name, "is not a parameter of this call");
        }
        self.finish()
    }
}
