//! Which films are meant, in memory and in SQL.

use entity::film::{self, Column};
use entity::{film_genre, vote};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, ExprTrait as _, QueryFilter as _, Select};

use crate::service::caller::Voter;
use crate::service::error::{FieldFault, Result, faultless};
use crate::service::films::types::{Film, FilmId, MAX_GENRE, MAX_NAME};
use crate::service::films::words::Sought;
use crate::service::text::fold;

/// Which films are meant: those that hold to every part that is given. A film without a year matches no year range.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilmFilter {
    /// Words that name and studio have, each by its beginning: see `search`, which finds these films.
    pub text: Option<String>,
    /// Equal to one of the film's genres, without regard to case.
    pub genre: Option<String>,
    /// Equal to the film's studio, without regard to case.
    pub studio: Option<String>,
    /// The first year that matches.
    pub year_from: Option<i32>,
    /// The last year that matches.
    pub year_to: Option<i32>,
    /// Likes and dislikes together, at least.
    pub min_votes: Option<i64>,
}

impl FilmFilter {
    pub(in crate::service) fn validate(&self) -> Result<()> {
        faultless(self.faults())
    }

    pub(super) fn faults(&self) -> Vec<FieldFault> {
        let mut faults = Vec::new();
        for (pointer, text, most) in [
            ("/text", &self.text, MAX_NAME),
            ("/genre", &self.genre, MAX_GENRE),
            ("/studio", &self.studio, MAX_NAME),
        ] {
            faults.extend(text.iter().flat_map(|text| FieldFault::of_sought(pointer, text, most)));
        }
        // Only of one that is short is it looked what it says.
        if !faults.iter().any(|fault| fault.pointer == "/text") {
            let said = self.text.as_deref().and_then(Sought::fault);
            faults.extend(said.map(|fault| FieldFault::new("/text", fault)));
        }
        if let (Some(from), Some(to)) = (self.year_from, self.year_to)
            && from > to
        {
            faults.push(FieldFault::new("/yearTo", "must not lie before yearFrom"));
        }
        if self.min_votes.is_some_and(|votes| votes < 0) {
            faults.push(FieldFault::new("/minVotes", "must not be negative"));
        }
        faults
    }

    /// But for the text, of which one film alone knows nothing.
    pub(super) fn matcher(&self) -> Matcher<'_> {
        Matcher {
            filter: self,
            genre: self.genre.as_deref().map(fold),
            studio: self.studio.as_deref().map(fold),
        }
    }

    /// But for the text.
    pub(in crate::service) fn select(&self) -> Select<film::Entity> {
        let of_genre = |genre: &String| {
            let films = Query::select()
                .column(film_genre::Column::FilmId)
                .from(film_genre::Entity)
                .and_where(film_genre::Column::NameKey.eq(fold(genre)))
                .to_owned();
            Column::Id.in_subquery(films)
        };
        let votes = || Column::Likes.into_expr().add(Column::Dislikes.into_expr());
        let wanted = Condition::all()
            .add_option(self.genre.as_ref().map(of_genre))
            .add_option(self.studio.as_ref().map(|studio| Column::StudioKey.eq(fold(studio))))
            .add_option(self.year_from.map(|year| Column::Year.gte(year)))
            .add_option(self.year_to.map(|year| Column::Year.lte(year)))
            .add_option(self.min_votes.map(|least| votes().gte(least)));
        film::Entity::find().filter(wanted)
    }

    /// Without films that are named, and those that this voter has voted for.
    pub(super) fn select_excluding(&self, named: &[FilmId], voter: Option<&Voter>) -> Select<film::Entity> {
        let others = (!named.is_empty()).then(|| Column::Id.is_not_in(named.iter().map(|id| id.0)));
        let unseen = voter.map(|voter| {
            let seen = Query::select()
                .column(vote::Column::FilmId)
                .from(vote::Entity)
                .and_where(vote::Column::Voter.eq(voter.to_string()))
                .to_owned();
            Column::Id.not_in_subquery(seen)
        });
        self.select().filter(Condition::all().add_option(others).add_option(unseen))
    }
}

/// The filter with its texts folded once.
pub(super) struct Matcher<'a> {
    filter: &'a FilmFilter,
    genre: Option<String>,
    studio: Option<String>,
}

impl Matcher<'_> {
    pub(super) fn matches(&self, film: &Film) -> bool {
        self.filter.year_from.is_none_or(|from| film.year.is_some_and(|year| year >= from))
            && self.filter.year_to.is_none_or(|to| film.year.is_some_and(|year| year <= to))
            && self.filter.min_votes.is_none_or(|least| film.likes + film.dislikes >= least)
            && self.studio.as_ref().is_none_or(|studio| fold(&film.studio) == *studio)
            && self.genre.as_ref().is_none_or(|genre| film.genres.iter().any(|own| fold(own) == *genre))
    }
}
