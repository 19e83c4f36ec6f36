//! A film chosen uniformly at random, over all films or over those that match.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use sea_orm::{PaginatorTrait as _, QueryOrder as _, QuerySelect as _};

use crate::service::action::Action;
use crate::service::caller::{Caller, Voter};
use crate::service::error::{Error, FieldFault, Result};
use crate::service::films::filter::FilmFilter;
use crate::service::films::row;
use crate::service::films::search::search;
use crate::service::films::service::FilmService;
use crate::service::films::types::{Film, FilmId};
use crate::service::policy::{authorize, not_signed_in};
use crate::service::votes::own::voted_for;

/// Most films that one call can exclude.
pub const MAX_EXCLUDED: usize = 1_000;
/// Draws before the database is asked. When a third of the films match, all of them miss once in 400,000 calls.
const DRAWS: usize = 32;

/// What a random film is not to be.
struct Excluded<'a> {
    /// By the call.
    named: &'a [FilmId],
    /// Those, and the films that this voter has voted for.
    all: Cow<'a, [FilmId]>,
    voter: Option<&'a Voter>,
}

impl Excluded<'_> {
    /// For who asks about film after film.
    fn ids(&self) -> HashSet<i64> {
        self.all.iter().map(|id| id.0).collect()
    }
}

impl FilmService {
    /// A film chosen uniformly among those that match and are not excluded: in memory, by its place among them. `unseen`: nor
    /// one that the caller has voted for.
    ///
    /// # Errors
    /// [`Error::NoFilm`] when none matches, and [`Error::NoUnseenFilm`] when all that match have the caller's vote;
    /// [`Error::NotSignedIn`] for an anonymous caller who asks for an unseen one.
    pub async fn random_film(
        &self,
        caller: &Caller,
        filter: &FilmFilter,
        exclude: &[FilmId],
        unseen: bool,
    ) -> Result<Arc<Film>> {
        authorize(caller, Action::ReadFilm)?;
        filter.validate()?;
        if exclude.len() > MAX_EXCLUDED {
            let fault = FieldFault::new("/exclude", format!("must have at most {MAX_EXCLUDED} entries"));
            return Err(Error::InvalidInput(vec![fault]));
        }
        if unseen {
            return Box::pin(self.random_unseen_film(caller, filter, exclude)).await;
        }
        self.pick(filter, Excluded { named: exclude, all: exclude.into(), voter: None }).await
    }

    async fn random_unseen_film(
        &self,
        caller: &Caller,
        filter: &FilmFilter,
        exclude: &[FilmId],
    ) -> Result<Arc<Film>> {
        authorize(caller, Action::LeaveOutVotedFor)?;
        let voter = caller.voter().ok_or_else(|| not_signed_in(Action::LeaveOutVotedFor))?;
        let mut all = voted_for(&self.database, &voter).await?;
        all.extend(exclude);
        let picked = self.pick(filter, Excluded { named: exclude, all: all.into(), voter: Some(&voter) });
        picked.await.map_err(|error| match error {
            Error::NoFilm => Error::NoUnseenFilm,
            error => error,
        })
    }

    async fn pick(&self, filter: &FilmFilter, excluded: Excluded<'_>) -> Result<Arc<Film>> {
        if let Some(text) = &filter.text {
            return Box::pin(self.random_found_film(filter, text, excluded)).await;
        }
        match self.catalogue.pick(filter, &excluded.all, |films| self.random_below(films)) {
            Some(film) => film,
            // Boxed, so that a pick from memory does not hold the room of queries.
            None => Box::pin(self.random_stored_film(filter, excluded)).await,
        }
    }

    /// The same among those that a text means.
    async fn random_found_film(
        &self,
        filter: &FilmFilter,
        text: &str,
        excluded: Excluded<'_>,
    ) -> Result<Arc<Film>> {
        let excluded = excluded.ids();
        let mut hits = search(&self.database, Some(&self.catalogue), filter, text).await?;
        hits.retain(|(_, film)| !excluded.contains(&film.id));
        if hits.is_empty() {
            return Err(Error::NoFilm);
        }
        let place = self.random_below(hits.len());
        Ok(hits.swap_remove(place).1)
    }

    /// The same where not every film is in memory: draws from the table of ids until one matches, which is uniform among
    /// the matching ones; when few match, it counts them in the database and takes one by its place.
    async fn random_stored_film(&self, filter: &FilmFilter, excluded: Excluded<'_>) -> Result<Arc<Film>> {
        let (matcher, ids) = (filter.matcher(), excluded.ids());
        for _ in 0..DRAWS {
            let films = self.catalogue.len();
            if films == 0 {
                return Err(Error::NoFilm);
            }
            let Some((id, film)) = self.catalogue.at(self.random_below(films)) else { continue };
            if ids.contains(&id) {
                continue;
            }
            let film = match film {
                None => self.read_film(id).await?,
                film => film,
            };
            if let Some(film) = film.filter(|film| matcher.matches(film)) {
                return Ok(film);
            }
        }
        self.database.bounded(self.random_film_by_place(filter, excluded)).await
    }

    async fn random_film_by_place(&self, filter: &FilmFilter, excluded: Excluded<'_>) -> Result<Arc<Film>> {
        let matching = filter.select_excluding(excluded.named, excluded.voter);
        let database = self.database.begin_read().await?;
        let count = matching.clone().count(&database).await?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if count == 0 {
            return Err(Error::NoFilm);
        }
        let place = u64::try_from(self.random_below(count)).unwrap_or_default();
        let row =
            matching.order_by_asc(entity::film::Column::Id).offset(place).limit(1).all(&database).await?;
        row::with_genres(&database, row).await?.pop().map(Arc::new).ok_or(Error::NoFilm)
    }
}
