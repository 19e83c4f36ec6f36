//! What a batch will write: decided row by row, without the database, so that a dry run decides the same.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};

use crate::service::error::FieldFault;
use crate::service::films::row::NO_YEAR;
use crate::service::films::types::NewFilm;
use crate::service::import::types::{Judged, OnDuplicate, OnError, Settings};
use crate::service::text::fold;

/// Films with the same key are one film.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub name: String,
    pub studio: String,
    pub year: i32,
}

impl Key {
    pub(super) fn of(film: &NewFilm) -> Self {
        Self { name: fold(&film.name), studio: fold(&film.studio), year: film.year.unwrap_or(NO_YEAR) }
    }

    pub(super) fn fingerprint(&self) -> u64 {
        fingerprint(self)
    }
}

/// What an update could change, as fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Content {
    title: u64,
    genres: u64,
}

impl Content {
    pub(super) fn of(name: &str, studio: &str, genres: &[impl Hash]) -> Self {
        Self { title: fingerprint(&(name, studio)), genres: fingerprint(genres) }
    }
}

fn fingerprint(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Which film is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Stored(i64),
    /// By its place among those that this batch adds.
    Added(usize),
    /// A dry run would have added it before.
    Pretended,
}

/// A film that is there when a row comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub which: Which,
    pub content: Content,
}

/// What was decided of a row.
#[derive(Debug)]
pub(super) enum Verdict {
    Added { place: usize, instead_of: Option<i64> },
    Updated(Which),
    Duplicate(Which),
    Refused(Vec<FieldFault>),
}

/// A film to be added.
pub(super) struct Add {
    /// The id that it asked for, if it is free.
    pub id: Option<i64>,
    pub new: NewFilm,
}

/// What a film will be. Without genres those that it has stay.
pub(super) struct Update {
    pub name: String,
    pub studio: String,
    pub genres: Option<Vec<String>>,
}

pub(super) struct Plan {
    pub verdicts: Vec<Verdict>,
    pub adds: Vec<Add>,
    /// In the order of ids, so that two processes cannot wait for each other's rows in a circle.
    pub updates: BTreeMap<i64, Update>,
    settings: Settings,
    known: HashMap<Key, Known>,
    taken: HashSet<i64>,
    changed: Vec<Key>,
}

impl Plan {
    /// `known` has every film that is equal to one of the rows, `taken` every id that one of them asks for and cannot
    /// have.
    pub(super) fn new(
        rows: Vec<Judged>,
        known: HashMap<Key, Known>,
        taken: HashSet<i64>,
        settings: Settings,
    ) -> Self {
        let mut plan = Self {
            verdicts: Vec::with_capacity(rows.len()),
            adds: Vec::new(),
            updates: BTreeMap::new(),
            settings,
            known,
            taken,
            changed: Vec::new(),
        };
        for row in rows {
            let verdict = match row {
                Ok(row) => plan.decide(row.id, row.new, row.gives_genres),
                Err(faults) => Verdict::Refused(faults),
            };
            let stop = settings.on_error == OnError::Stop && matches!(verdict, Verdict::Refused(_));
            plan.verdicts.push(verdict);
            if stop {
                break;
            }
        }
        plan
    }

    pub(super) fn writes_nothing(&self) -> bool {
        self.adds.is_empty() && self.updates.is_empty()
    }

    /// What will have been written, for a dry run to remember.
    pub(super) fn written(&self) -> impl Iterator<Item = (u64, Content)> {
        self.changed.iter().filter_map(|key| Some((key.fingerprint(), self.known.get(key)?.content)))
    }

    fn decide(&mut self, id: Option<i64>, new: NewFilm, gives_genres: bool) -> Verdict {
        let key = Key::of(&new);
        let content = Content::of(&new.name, &new.studio, &new.genres);
        let Some(known) = self.known.get_mut(&key) else {
            let place = self.adds.len();
            let free = id.filter(|id| self.taken.insert(*id));
            let instead_of = if free.is_none() { id } else { None };
            self.adds.push(Add { id: free, new });
            self.known.insert(key.clone(), Known { which: Which::Added(place), content });
            self.changed.push(key);
            return Verdict::Added { place, instead_of };
        };
        match self.settings.on_duplicate {
            OnDuplicate::Skip => return Verdict::Duplicate(known.which),
            OnDuplicate::Error => return Verdict::Refused(vec![FieldFault::new("", "is already there")]),
            OnDuplicate::Update => {}
        }
        let same_genres = !gives_genres || content.genres == known.content.genres;
        if content.title == known.content.title && same_genres {
            return Verdict::Duplicate(known.which);
        }
        known.content.title = content.title;
        if gives_genres {
            known.content.genres = content.genres;
        }
        let which = known.which;
        self.changed.push(key);
        match which {
            Which::Stored(id) => {
                let genres = if gives_genres {
                    Some(new.genres)
                } else {
                    // An earlier row of this batch may have given some.
                    self.updates.remove(&id).and_then(|earlier| earlier.genres)
                };
                self.updates.insert(id, Update { name: new.name, studio: new.studio, genres });
            }
            Which::Added(place) => {
                if let Some(add) = self.adds.get_mut(place) {
                    (add.new.name, add.new.studio) = (new.name, new.studio);
                    if gives_genres {
                        add.new.genres = new.genres;
                    }
                }
            }
            Which::Pretended => {}
        }
        Verdict::Updated(which)
    }
}
