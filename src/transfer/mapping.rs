//! Which column is which field of a film, and what stands in for a value that is missing.

use std::collections::BTreeMap;

use serde::Serialize;
use strum::{Display, IntoStaticStr};

use super::cell::{BAR, Cell, split_genres};
use super::year::{self, Today};

/// What a row can say of a film.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Display, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Field {
    Id,
    Name,
    Studio,
    Year,
    Genres,
}

impl Field {
    /// In the order in which they are written.
    pub const ALL: [Self; 5] = [Self::Id, Self::Name, Self::Studio, Self::Year, Self::Genres];

    /// As it is called in files that filmgate writes.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Why a mapping or a default does not make sense, for the person who gave it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct MappingError(String);

/// The column of each field, and whether it has to be there. A field that is not mapped has the column of its own name.
#[derive(Debug, Clone)]
pub struct Mapping(BTreeMap<Field, (String, bool)>);

impl Default for Mapping {
    fn default() -> Self {
        // Without a column for names there is nothing to import.
        let column = |field: Field| (field, (field.name().to_owned(), field == Field::Name));
        Self(Field::ALL.map(column).into())
    }
}

impl Mapping {
    /// Reads `name=Title,year="Release Date"`; quotes are needed only around a comma.
    ///
    /// # Errors
    /// For a field that films do not have, one that is given twice, and what is not of this form.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let mut mapping = Self::default();
        let given = pairs(text, &Field::ALL)?;
        mapping.0.extend(given.into_iter().map(|(field, column)| (field, (column, true))));
        Ok(mapping)
    }

    /// Makes the studio's column one that has to be there.
    #[must_use]
    pub fn with_studio_required(mut self) -> Self {
        self.0.entry(Field::Studio).and_modify(|(_, is_required)| *is_required = true);
        self
    }

    pub(super) fn column(&self, field: Field) -> &str {
        self.0.get(&field).map_or("", |(column, _)| column)
    }

    /// The columns that the file must have, each with the field that it is for.
    pub(super) fn required(&self) -> impl Iterator<Item = (Field, &str)> {
        self.0
            .iter()
            .filter(|(_, (_, is_required))| *is_required)
            .map(|(field, (column, _))| (*field, &**column))
    }
}

/// What stands in for a value that a row does not have.
#[derive(Debug, Clone, Default)]
pub struct Defaults(BTreeMap<Field, Cell>);

impl Defaults {
    /// Reads `studio=Unknown,year=1999`. There is no default for a name: nothing would tell such films apart.
    ///
    /// # Errors
    /// For a field that can have no default, one that is given twice, a year that is none, and what is not of this
    /// form.
    pub fn parse(text: &str, today: Today) -> Result<Self, MappingError> {
        let given = pairs(text, &[Field::Studio, Field::Year, Field::Genres])?;
        let cell = |(field, value): (Field, String)| match field {
            Field::Genres => {
                let genres = split_genres(&value, BAR);
                Ok((field, Cell::List(genres.iter().map(|genre| Cell::of_text(genre)).collect())))
            }
            Field::Year if year::read(&value, today).is_none() => {
                Err(MappingError(format!("the default year {value:?} is not a year")))
            }
            _ => Ok((field, Cell::Text(value))),
        };
        given.into_iter().map(cell).collect::<Result<_, _>>().map(Self)
    }

    /// Whether there is one for the field.
    #[must_use]
    pub fn has(&self, field: Field) -> bool {
        self.0.contains_key(&field)
    }

    pub(super) fn of(&self, field: Field) -> Option<&Cell> {
        self.0.get(&field)
    }
}

fn pairs(text: &str, allowed: &[Field]) -> Result<BTreeMap<Field, String>, MappingError> {
    let mut pairs = BTreeMap::new();
    let mut rest = Some(text);
    while let Some(text) = rest {
        let Some((name, after)) = text.split_once('=') else {
            return Err(MappingError(format!("{text:?} is not of the form field=value")));
        };
        let name = name.trim();
        let Some(field) = allowed.iter().copied().find(|field| field.name() == name) else {
            let fields = allowed.iter().map(|field| field.name()).collect::<Vec<_>>().join(", ");
            return Err(MappingError(format!("{name:?} is none of the fields {fields}")));
        };
        if pairs.contains_key(&field) {
            return Err(MappingError(format!("{field} is given twice")));
        }
        let (value, after) = value(after.trim_start())?;
        if value.trim().is_empty() {
            return Err(MappingError(format!("{field} is given nothing")));
        }
        pairs.insert(field, value);
        rest = after;
    }
    Ok(pairs)
}

/// A value, and what comes after the comma behind it.
fn value(text: &str) -> Result<(String, Option<&str>), MappingError> {
    let Some(quoted) = text.strip_prefix('"') else {
        return Ok(match text.split_once(',') {
            Some((value, after)) => (value.trim_end().to_owned(), Some(after)),
            None => (text.trim_end().to_owned(), None),
        });
    };
    let unclosed = || MappingError(format!("the quote in {text} is not closed"));
    let (value, after) = quoted.split_once('"').ok_or_else(unclosed)?;
    let after = after.trim_start();
    match after.strip_prefix(',') {
        Some(next) => Ok((value.to_owned(), Some(next))),
        None if after.is_empty() => Ok((value.to_owned(), None)),
        None => Err(MappingError(format!("a comma is missing before {after:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_with_blanks_and_commas() {
        let mapping =
            Mapping::parse("name=Title, studio=Distributor,year=Release Date,genres=\"Major, Genre\"")
                .expect("a mapping");
        let columns: Vec<&str> = Field::ALL.iter().map(|field| mapping.column(*field)).collect();
        assert_eq!(columns, ["id", "Title", "Distributor", "Release Date", "Major, Genre"]);
        let quoted = Mapping::parse("year=\"Release Date\",name=\"Title\"").expect("a mapping");
        assert_eq!(quoted.column(Field::Year), "Release Date");
        assert_eq!(quoted.column(Field::Name), "Title");
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (text, word) in [
            ("", "field=value"),
            ("name", "field=value"),
            ("title=Title", "\"title\""),
            ("name=A,name=B", "twice"),
            ("name=", "nothing"),
            ("name=A,", "field=value"),
            ("name=\"A", "closed"),
            ("name=\"A\"B", "comma"),
            ("likes=Votes", "\"likes\""),
        ] {
            let error = Mapping::parse(text).expect_err(text).to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
        let today = Today::new(2026, 11, 24);
        for (text, word) in [("name=X", "\"name\""), ("year=soon", "soon"), ("id=5", "\"id\"")] {
            let error = Defaults::parse(text, today).expect_err(text).to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
