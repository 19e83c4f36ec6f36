//! Films that a text means.
//!
//! The database knows which films have a word that begins so (`film_word`), and is asked for no more than [`MOST`] of each:
//! a word that stands more often chooses nothing, and tells only which of the chosen come first. How well a film matches is
//! judged here, from its names, so that the order is the same on every database.
//!
//! A text whose words all stand too often is looked for among names that begin with it and among the most liked films.

use std::sync::Arc;

use sea_orm::{DbErr, QueryResult};
use serde_json::json;

use crate::service::database::connection::{Database, is_postgres, query};
use crate::service::error::Result;
use crate::service::films::filter::FilmFilter;
use crate::service::films::read::look_up;
use crate::service::films::stored::stored;
use crate::service::films::types::{Film, FilmOrder, FilmSort};
use crate::service::films::words::{Letters, Sought, beginnings};
use crate::service::page::Page;
use crate::service::read_model::catalogue::Catalogue;
use crate::service::text::fold;

/// Rows of `film_word` of one word that is looked for; of more, it chooses nothing.
const MOST: usize = 5_000;
/// The most liked films, and the first of those whose name begins so, that are looked through for words that choose nothing.
const LOOKED_THROUGH: u32 = 2_000;
/// Letters with which words go on that begin like a word that is looked for.
const LETTERS: usize = 2_000;

/// A film that was found, and how well it matches: the less, the better.
pub(super) type Hit = (u8, Arc<Film>);

/// The films that a text means and that match the rest of the filter, in no order.
pub(super) async fn search(
    database: &Database,
    catalogue: Option<&Catalogue>,
    filter: &FilmFilter,
    text: &str,
) -> Result<Vec<Hit>> {
    let sought = Sought::of(text);
    let mut letters = Letters::Right;
    let mut chosen = choose(database, &sought, letters).await?;
    if chosen.ids.as_ref().is_some_and(Vec::is_empty) {
        letters = Letters::OneWrong;
        chosen = choose(database, &sought, letters).await?;
    }
    let films = match &chosen.ids {
        Some(ids) => look_up(database, catalogue, ids).await?,
        None => common(database, catalogue, filter, text).await?,
    };
    let matcher = filter.matcher();
    let matching = films.into_iter().filter(|film| matcher.matches(film));
    let hits = matching.filter_map(|film| Some((sought.class(&film, chosen.words, letters)?, film)));
    Ok(hits.collect())
}

/// What words have chosen.
struct Chosen {
    /// Those that stand in few enough films, a bit for each.
    words: u32,
    /// The films that have them all, by ascending id; `None` when there is no such word.
    ids: Option<Vec<i64>>,
}

async fn choose(database: &Database, sought: &Sought, letters: Letters) -> Result<Chosen> {
    let mut chosen = Chosen { words: 0, ids: None };
    for (bit, word) in sought.choosing() {
        let own = [word.to_owned()];
        let mut found = database.bounded(with_words(database, &own)).await?;
        // What stands too often as it is written stands no less often with a wrong letter.
        if found.is_some() && letters.may_err_in(word) {
            let next = database.bounded(next_letters(database, word)).await?;
            found = database.bounded(with_words(database, &beginnings(word, &next))).await?;
        }
        let Some(found) = found else { continue };
        chosen.words |= bit;
        let ids: Vec<i64> = match chosen.ids.take() {
            Some(before) => before.into_iter().filter(|id| found.binary_search(id).is_ok()).collect(),
            None => found,
        };
        let is_vain = ids.is_empty();
        chosen.ids = Some(ids);
        if is_vain {
            break;
        }
    }
    Ok(chosen)
}

/// The films that have a word with one of these beginnings, none of which begins with another; `None` when there are too
/// many.
async fn with_words(database: &Database, starts: &[String]) -> Result<Option<Vec<i64>>, DbErr> {
    // A row for all, since handing over rows takes longer than finding them. CROSS: SQLite keeps the order, and so looks each
    // beginning up in the index. No word has the last of all characters.
    const SQLITE: &str = "SELECT group_concat(film_id) FROM (SELECT film_id FROM json_each(?) AS start \
        CROSS JOIN film_word ON word >= start.value AND word < start.value || char(1114111) LIMIT ?)";
    const POSTGRES: &str = "SELECT string_agg(film_id::text, ',') FROM (SELECT film_id FROM unnest($1::text[]) AS start \
        CROSS JOIN LATERAL (SELECT film_id FROM film_word WHERE word >= start COLLATE \"C\" \
        AND word < (start || chr(1114111)) COLLATE \"C\" LIMIT $2) AS own LIMIT $2) AS found";
    let most = i64::try_from(MOST + 1).unwrap_or(i64::MAX).into();
    let rows = if is_postgres(&database.reader) {
        query(&database.reader, POSTGRES, [starts.to_vec().into(), most]).await?
    } else {
        query(&database.reader, SQLITE, [json!(starts).to_string().into(), most]).await?
    };
    let mut ids = ids(&rows)?;
    if ids.len() > MOST {
        return Ok(None);
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(Some(ids))
}

/// Of one row, with commas between them.
fn ids(rows: &[QueryResult]) -> Result<Vec<i64>, DbErr> {
    let found = rows.first().map_or(Ok(None), |row| row.try_get_by_index::<Option<String>>(0))?;
    Ok(found.iter().flat_map(|ids| ids.split(',')).flat_map(str::parse).collect())
}

/// For each place in the word, the letters with which words go on that begin like it so far: each is one look into the
/// index, from one such letter to the next.
async fn next_letters(database: &Database, word: &str) -> Result<Vec<(usize, char)>, DbErr> {
    const SQLITE: &str = "WITH RECURSIVE step (place, start, found) AS (\
        SELECT key, value, (SELECT word FROM film_word \
            WHERE word > value AND word < value || char(1114111) ORDER BY word LIMIT 1) FROM json_each(?) \
        UNION ALL SELECT place, start, (SELECT word FROM film_word \
            WHERE word > substr(found, 1, place + 1) || char(1114111) AND word < start || char(1114111) \
            ORDER BY word LIMIT 1) FROM step WHERE found IS NOT NULL) \
        SELECT place, substr(found, place + 1, 1) FROM step WHERE found IS NOT NULL LIMIT ?";
    const POSTGRES: &str = "WITH RECURSIVE step (place, start, found) AS (\
        SELECT place - 1, start, (SELECT word FROM film_word WHERE word > start COLLATE \"C\" \
            AND word < (start || chr(1114111)) COLLATE \"C\" ORDER BY word LIMIT 1) \
        FROM unnest($1::text[]) WITH ORDINALITY AS starts (start, place) \
        UNION ALL SELECT place, start, (SELECT word FROM film_word \
            WHERE word > (left(found, place::int + 1) || chr(1114111)) COLLATE \"C\" \
            AND word < (start || chr(1114111)) COLLATE \"C\" ORDER BY word LIMIT 1) \
        FROM step WHERE found IS NOT NULL) \
        SELECT place, substr(found, place::int + 1, 1) FROM step WHERE found IS NOT NULL LIMIT $2";
    let starts: Vec<String> = word.char_indices().map(|(end, _)| word.split_at(end).0.to_owned()).collect();
    let most = i64::try_from(LETTERS).unwrap_or(i64::MAX).into();
    let rows = if is_postgres(&database.reader) {
        query(&database.reader, POSTGRES, [starts.into(), most]).await?
    } else {
        query(&database.reader, SQLITE, [json!(starts).to_string().into(), most]).await?
    };
    let letter = |row: &QueryResult| {
        let (place, letter): (i64, String) = row.try_get_many_by_index()?;
        Ok(usize::try_from(place).ok().zip(letter.chars().next()))
    };
    rows.iter().filter_map(|row| letter(row).transpose()).collect()
}

/// Films that may have words that choose nothing.
async fn common(
    database: &Database,
    catalogue: Option<&Catalogue>,
    filter: &FilmFilter,
    text: &str,
) -> Result<Vec<Arc<Film>>> {
    let order = FilmOrder::from(FilmSort::Likes);
    let page = Page { size: LOOKED_THROUGH - 1, backward: false, after: None, before: None };
    let liked = match catalogue.and_then(|catalogue| catalogue.page(filter, order, &page)) {
        Some((films, _)) => films,
        None => stored(database, filter, order, &page).await?,
    };
    let mut films: Vec<Arc<Film>> = liked.into_iter().map(|(_, film)| film).collect();
    let named = database.bounded(named(database, &fold(text))).await?;
    films.extend(look_up(database, catalogue, &named).await?);
    films.sort_unstable_by_key(|film| film.id);
    films.dedup_by_key(|film| film.id);
    Ok(films)
}

/// The first films in the order of the names whose name begins so.
async fn named(database: &Database, start: &str) -> Result<Vec<i64>, DbErr> {
    const SQLITE: &str = "SELECT group_concat(id) FROM (SELECT id FROM film \
        WHERE name_key >= ?1 AND name_key < ?1 || char(1114111) ORDER BY name_key, id LIMIT ?2)";
    const POSTGRES: &str = "SELECT string_agg(id::text, ',') FROM (SELECT id FROM film WHERE name_key >= $1 \
        AND name_key < ($1 || chr(1114111)) COLLATE \"C\" ORDER BY name_key, id LIMIT $2) AS named";
    let sql = if is_postgres(&database.reader) { POSTGRES } else { SQLITE };
    ids(&query(&database.reader, sql, [start.into(), i64::from(LOOKED_THROUGH).into()]).await?)
}
