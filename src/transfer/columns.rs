//! Which columns of a file are the fields of a film, however their names are written, and which are left out.

use super::mapping::{Field, Mapping};
use crate::service::text::fold;

/// Words in the names of columns that people mean a field by.
const WORDS: [(Field, &[&str]); 4] = [
    (Field::Name, &["name", "title"]),
    (Field::Studio, &["studio", "distributor", "company", "producer"]),
    (Field::Year, &["year", "date", "released"]),
    (Field::Genres, &["genre", "category", "categories"]),
];
/// Letters by which a misspelt field differs.
const MISSPELT: usize = 2;

/// A column that no film gets anything from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    pub column: String,
    /// The field that it may have been meant for, which nothing else stands for.
    pub meant: Option<Field>,
}

/// Where the fields stand among the columns.
#[derive(Debug, Default)]
pub(super) struct Columns {
    names: Vec<String>,
    places: [Option<usize>; Field::ALL.len()],
}

impl Columns {
    /// A column with the very name comes before one that differs by case or blanks, and the first of several before the
    /// others.
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a str>, mapping: &Mapping) -> Self {
        let names: Vec<String> = names.map(str::to_owned).collect();
        let folded: Vec<String> = names.iter().map(|name| loose(name)).collect();
        let places = Field::ALL.map(|field| {
            let column = mapping.column(field);
            let exact = names.iter().position(|name| name == column);
            exact.or_else(|| folded.iter().position(|name| *name == loose(column)))
        });
        Self { names, places }
    }

    pub(super) fn are<'a>(&self, names: impl Iterator<Item = &'a str>) -> bool {
        names.eq(self.names.iter().map(String::as_str))
    }

    pub(super) fn place(&self, field: Field) -> Option<usize> {
        Field::ALL.iter().position(|known| *known == field).and_then(|place| self.places[place])
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn ignored(&self, keeps_ids: bool) -> impl Iterator<Item = Ignored> {
        let used = move |place| {
            Field::ALL
                .iter()
                .any(|field| self.place(*field) == Some(place) && (keeps_ids || *field != Field::Id))
        };
        let names = self.names.iter().enumerate().filter(move |(place, _)| !used(*place));
        names.map(|(place, name)| {
            let meant = if self.place(Field::Id) == Some(place) { Some(Field::Id) } else { self.meant(name) };
            Ignored { column: name.clone(), meant }
        })
    }

    fn meant(&self, name: &str) -> Option<Field> {
        let name = loose(name);
        let means = |(field, words): &(Field, &[&str])| {
            self.place(*field).is_none()
                && (words.iter().any(|word| name.contains(word))
                    || strsim::levenshtein(&name, field.name()) <= MISSPELT)
        };
        WORDS.iter().find(|word| means(word)).map(|(field, _)| *field)
    }
}

/// Without case and blanks.
fn loose(name: &str) -> String {
    fold(name).replace(' ', "")
}
