//! Pages of a walk through the films at random.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use entity::film::{self, Column};
use sea_orm::{ColumnTrait as _, QueryFilter as _, QuerySelect as _, Select};

use crate::service::database::connection::Database;
use crate::service::error::Result;
use crate::service::films::filter::FilmFilter;
use crate::service::films::list::FilmPage;
use crate::service::films::read::look_up;
use crate::service::films::row::ROWS;
use crate::service::films::search::search;
use crate::service::films::service::FilmService;
use crate::service::films::types::{Film, FilmOrder};
use crate::service::films::walk::{MOST_PLACES, Walk, Walked, limit};
use crate::service::page::{Listed, Page};

impl FilmService {
    /// A page of the films that match, in the order of a walk.
    pub(super) async fn shuffled(
        &self,
        filter: &FilmFilter,
        seed: Option<&str>,
        page: &Page<FilmOrder>,
    ) -> Result<FilmPage> {
        let walk = Walk::read(page, seed, self.catalogue.last(), || self.random_key())?;
        if let Some(text) = &filter.text {
            let hits = search(&self.database, Some(&self.catalogue), filter, text).await?;
            let total = hits.iter().filter(|(_, film)| film.id <= walk.highest).count();
            let films = walk.sorted(hits.into_iter().map(|(_, film)| (film.id, film)), page);
            return Ok(of_page(&walk, page, films, Some(total), Some));
        }
        if let Some((films, total)) = self.catalogue.shuffled(filter, &walk, page) {
            return Ok(of_page(&walk, page, films, Some(total), Some));
        }
        let all = self.catalogue.len();
        let (walked, total) = stored(&self.database, filter, &walk, page, all).await?;
        let ids: Vec<i64> = walked.found.iter().map(|(_, id)| *id).collect();
        let films = look_up(&self.database, Some(&self.catalogue), &ids).await?;
        let films: HashMap<i64, Arc<Film>> = films.into_iter().map(|film| (film.id, film)).collect();
        Ok(of_page(&walk, page, walked, total, |id| films.get(&id).cloned()))
    }
}

/// What of it is the page, and what tells that there is a further one. One that was removed in between is in no page;
/// whether there is a further page was known before.
fn of_page<T>(
    walk: &Walk,
    page: &Page<FilmOrder>,
    Walked { found, is_cut }: Walked<T>,
    total: Option<usize>,
    film: impl Fn(T) -> Option<Arc<Film>>,
) -> FilmPage {
    let Listed { entries, has_next, has_previous } = page.listed(found);
    let entry = |(place, found)| Some((walk.cursor(place), film(found)?));
    let films = Listed {
        entries: entries.into_iter().filter_map(entry).collect(),
        has_next: has_next || (is_cut && !page.backward),
        has_previous: has_previous || (is_cut && page.backward),
    };
    let total = total.and_then(|total| u64::try_from(total).ok());
    FilmPage { films, total, highest: Some(walk.highest) }
}

/// Those of a page from the database, where not every film is in memory, and how many match if that came out. `all`: how
/// many films there are.
async fn stored(
    database: &Database,
    filter: &FilmFilter,
    walk: &Walk,
    page: &Page<FilmOrder>,
    all: usize,
) -> Result<(Walked<i64>, Option<usize>)> {
    let matching = filter.select().filter(Column::Id.lte(walk.highest));
    let sorted = |ids: Vec<i64>| walk.sorted(ids.into_iter().map(|id| (id, id)), page);
    let most = u64::try_from(MOST_PLACES + 1).unwrap_or(u64::MAX);
    if all <= MOST_PLACES || *filter != FilmFilter::default() {
        let few = ids(database, matching.clone().limit(most)).await?;
        if few.len() <= MOST_PLACES {
            let total = few.len();
            return Ok((sorted(few), Some(total)));
        }
    }
    let mut places = walk.places(page).take(MOST_PLACES);
    let (limit, mut found) = (limit(page), Vec::new());
    // Most pages lie close together; where few films match, more are asked for at once.
    let mut size = limit;
    let is_over = loop {
        let near: Vec<(i64, i64)> = places.by_ref().take(size).collect();
        if near.is_empty() {
            break false;
        }
        let some = matching.clone().filter(Column::Id.is_in(near.iter().map(|(_, id)| *id)));
        let there: HashSet<i64> = ids(database, some).await?.into_iter().collect();
        found.extend(near.into_iter().filter(|(_, id)| there.contains(id)));
        if found.len() >= limit {
            found.truncate(limit);
            break true;
        }
        size = (size * 4).min(ROWS);
    };
    let is_cut = !is_over && walk.places(page).nth(MOST_PLACES).is_some();
    if is_cut && found.is_empty() {
        return Ok((sorted(ids(database, matching).await?), None));
    }
    Ok((Walked { found, is_cut }, None))
}

async fn ids(database: &Database, films: Select<film::Entity>) -> Result<Vec<i64>> {
    let films = films.select_only().column(Column::Id).into_tuple();
    database.bounded(films.all(&database.reader)).await
}
