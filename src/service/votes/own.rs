//! What a caller has voted for, and how.

use std::collections::HashMap;
use std::sync::Arc;

use entity::vote::{Column, Entity, Model};
use sea_orm::{
    ColumnTrait as _, Condition, DbErr, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Select,
};

use crate::service::action::Action;
use crate::service::caller::{Caller, Voter};
use crate::service::database::connection::{Database, is_postgres, query};
use crate::service::error::{FieldFault, Result, faultless};
use crate::service::films::read::look_up;
use crate::service::films::service::FilmService;
use crate::service::films::types::{Film, FilmId};
use crate::service::page::{Cursor, Key, Listed, Only, Page, PageRequest};
use crate::service::policy::{authorize, not_signed_in};
use crate::service::votes::types::Opinion;

/// Most films of which one call asks for the own votes.
pub const MAX_ASKED: usize = 100;

/// A vote of the caller's.
#[derive(Debug, Clone)]
pub struct OwnVote {
    pub film: Arc<Film>,
    pub opinion: Opinion,
    /// When it was cast or last switched, in milliseconds since the Unix epoch.
    pub voted_at: i64,
}

/// The order of this list: the vote that was cast last comes first, and of those of one moment the film that was added last.
const LATEST: Only = Only('v', false);

impl FilmService {
    /// How the caller has voted for these films; those that they have no vote for are missing. An anonymous caller has none.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database does not answer.
    pub async fn votes_for(
        &self,
        caller: &Caller,
        films: impl Iterator<Item = i64>,
    ) -> Result<HashMap<i64, Opinion>> {
        let Some(voter) = caller.voter() else { return Ok(HashMap::new()) };
        let own = votes_of(&voter, Some(films));
        let rows = own.select_only().columns([Column::FilmId, Column::Value]).into_tuple::<(i64, i16)>();
        let rows = self.database.bounded(rows.all(&self.database.reader)).await?;
        Ok(rows.into_iter().map(|(film, value)| (film, Opinion::of_value(value))).collect())
    }

    /// A page of the caller's votes, the latest first; of all films, or only of those that are named.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for an anonymous caller, whose votes are nobody's. [`Error::InvalidInput`] for a negative or too
    /// large page, a cursor that is not one of this list, or more films than [`MAX_ASKED`].
    pub async fn my_votes(
        &self,
        caller: &Caller,
        films: Option<&[FilmId]>,
        page: PageRequest,
    ) -> Result<Listed<OwnVote>> {
        let voter = own_voter(caller)?;
        if films.is_some_and(|films| films.len() > MAX_ASKED) {
            faultless([FieldFault::new("/film", format!("must name at most {MAX_ASKED} films"))])?;
        }
        let page = Page::read(page, LATEST, self.max_page)?;
        let films = films.map(|films| films.iter().map(|film| film.0));
        let query = votes_of(&voter, films)
            .filter(Condition::all().add_option(page.after.as_ref().map(beyond)))
            .order_by_desc(Column::VotedAt)
            .order_by_desc(Column::FilmId)
            .limit(page.limit());
        let rows = self.database.bounded(query.all(&self.database.reader)).await?;
        let place = |row: &Model| Cursor { sort: LATEST, key: Key::Number(row.voted_at), id: row.film_id };
        let Listed { entries, has_next, has_previous } =
            page.listed(rows.into_iter().map(|row| (place(&row), row)).collect());
        let ids: Vec<i64> = entries.iter().map(|(_, row)| row.film_id).collect();
        let films = look_up(&self.database, Some(&self.catalogue), &ids).await?;
        let films: HashMap<i64, Arc<Film>> = films.into_iter().map(|film| (film.id, film)).collect();
        // One that was removed in between has taken its votes along.
        let vote = |(place, row): (Cursor<Only>, Model)| {
            let film = Arc::clone(films.get(&row.film_id)?);
            let (opinion, voted_at) = (Opinion::of_value(row.value), row.voted_at);
            Some((place.encode(), OwnVote { film, opinion, voted_at }))
        };
        Ok(Listed { entries: entries.into_iter().filter_map(vote).collect(), has_next, has_previous })
    }

    /// How many votes of the caller's there are on all pages together.
    ///
    /// # Errors
    /// As [`FilmService::my_votes`].
    pub async fn count_my_votes(&self, caller: &Caller, films: Option<&[FilmId]>) -> Result<u64> {
        let films = films.map(|films| films.iter().map(|film| film.0));
        let own = votes_of(&own_voter(caller)?, films);
        self.database.bounded(own.count(&self.database.reader)).await
    }
}

/// Who reads their own votes.
fn own_voter(caller: &Caller) -> Result<Voter> {
    authorize(caller, Action::ReadOwnVotes)?;
    caller.voter().ok_or_else(|| not_signed_in(Action::ReadOwnVotes))
}

fn votes_of(voter: &Voter, films: Option<impl Iterator<Item = i64>>) -> Select<Entity> {
    let films = films.map(|films| Column::FilmId.is_in(films));
    let own = Condition::all().add(Column::Voter.eq(&*voter.0)).add_option(films);
    Entity::find().filter(own)
}

/// The votes after a place. Not `voted_at < ? OR (voted_at = ? AND film_id < ?)`, which means the same: SQLite would read the
/// index from its beginning.
fn beyond(place: &Cursor<Only>) -> Condition {
    let voted_at = place.key.number();
    let beyond = Condition::any().add(Column::VotedAt.lt(voted_at)).add(Column::FilmId.lt(place.id));
    Condition::all().add(Column::VotedAt.lte(voted_at)).add(beyond)
}

/// The films that somebody has voted for, by ascending id.
pub(in crate::service) async fn voted_for(database: &Database, voter: &Voter) -> Result<Vec<FilmId>> {
    // A row for all, since handing over rows takes longer than finding them.
    const SQLITE: &str = "SELECT group_concat(film_id) FROM vote WHERE voter = ?";
    const POSTGRES: &str = "SELECT string_agg(film_id::text, ',') FROM vote WHERE voter = $1";
    let read = async {
        let sql = if is_postgres(&database.reader) { POSTGRES } else { SQLITE };
        let rows = query(&database.reader, sql, [voter.0.to_string().into()]).await?;
        let ids = rows.first().map_or(Ok(None), |row| row.try_get_by_index::<Option<String>>(0))?;
        let mut ids: Vec<i64> = ids.iter().flat_map(|ids| ids.split(',')).flat_map(str::parse).collect();
        ids.sort_unstable();
        Ok::<_, DbErr>(ids)
    };
    Ok(database.bounded(read).await?.into_iter().map(FilmId).collect())
}
