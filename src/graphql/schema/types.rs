//! What goes in and out of this surface.

use async_graphql::{Enum, InputObject, MaybeUndefined, SimpleObject};
use tokio::sync::OnceCell;

use crate::graphql::schema::own_vote::{Found, boxed};
use crate::limits::{self, Standing};
use crate::service::error::Result;
use crate::service::films::types::FilmDraft;
use crate::service::films::{filter, types as film};
use crate::service::page::Listed;

/// A film to add.
#[derive(InputObject)]
pub(in crate::graphql) struct AddFilmInput {
    /// 1 to 200 characters after trimming.
    name: String,
    /// 1 to 200 characters after trimming.
    studio: String,
    /// From 1888 to five years ahead.
    year: Option<i32>,
    /// At most 10, of 1 to 40 characters each.
    genres: Option<Vec<String>>,
}

impl From<AddFilmInput> for FilmDraft {
    fn from(input: AddFilmInput) -> Self {
        Self {
            name: Some(input.name),
            studio: Some(input.studio),
            year: Some(input.year.map(i64::from)),
            genres: input.genres.map(|genres| genres.into_iter().map(Some).collect()),
            faults: Vec::new(),
        }
    }
}

/// What is to change; what is not given, or null, stays. Only a year that is null is taken away.
#[derive(InputObject)]
pub(in crate::graphql) struct UpdateFilmInput {
    /// 1 to 200 characters after trimming.
    name: Option<String>,
    /// 1 to 200 characters after trimming.
    studio: Option<String>,
    /// From 1888 to five years ahead; null when nobody knows it.
    year: MaybeUndefined<i32>,
    /// Instead of those before: at most 10, of 1 to 40 characters each.
    genres: Option<Vec<String>>,
}

impl From<UpdateFilmInput> for FilmDraft {
    fn from(input: UpdateFilmInput) -> Self {
        Self {
            name: input.name,
            studio: input.studio,
            year: match input.year {
                MaybeUndefined::Undefined => None,
                MaybeUndefined::Null => Some(None),
                MaybeUndefined::Value(year) => Some(Some(year.into())),
            },
            genres: input.genres.map(|genres| genres.into_iter().map(Some).collect()),
            faults: Vec::new(),
        }
    }
}

/// Which films are meant: those that hold to every part that is given.
#[derive(InputObject, Default)]
pub(in crate::graphql) struct FilmFilter {
    /// Words that the film's name and studio have, each by its beginning, without regard to case and accents; where no film
    /// has them, one letter of a word may be wrong. At most 200 characters and 20 words.
    text: Option<String>,
    /// One of the film's genres, without regard to case.
    genre: Option<String>,
    /// The film's studio, without regard to case.
    studio: Option<String>,
    /// The first year that matches. A film without a year matches no range.
    year_from: Option<i32>,
    /// The last year that matches.
    year_to: Option<i32>,
    /// Likes and dislikes together, at least.
    min_votes: Option<i32>,
}

impl From<FilmFilter> for filter::FilmFilter {
    fn from(filter: FilmFilter) -> Self {
        Self {
            text: filter.text,
            genre: filter.genre,
            studio: filter.studio,
            year_from: filter.year_from,
            year_to: filter.year_to,
            min_votes: filter.min_votes.map(i64::from),
        }
    }
}

/// What a list is sorted by, and what comes first unless an order is given. Films that are equal in it come by ascending id,
/// and by descending id where the order is the other one.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "film::FilmSort")]
pub(in crate::graphql) enum FilmSort {
    /// By name without regard to case.
    Name,
    /// The earliest year first, films without a year last.
    Year,
    /// The film added last first.
    Newest,
    /// The most likes first.
    Likes,
    /// The best rating first: the lower bound of the Wilson score interval for the share of likes, at 95 %.
    Rating,
    /// What matches the text of the filter best first, then the most likes; needs a text.
    Relevance,
    /// At random, as a seed fixes it, and every film once: later films are not in the list. It has no other order.
    Shuffled,
}

/// The direction of a list.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(in crate::graphql) enum SortOrder {
    /// The least first: A to Z, the earliest, the fewest.
    Asc,
    /// The greatest first: Z to A, the latest, the most, the best.
    Desc,
}

/// How many there are on all pages: counted once, under however many names it is asked for.
#[derive(Default)]
pub(in crate::graphql) struct Total(OnceCell<Found<u64>>);

impl Total {
    pub(super) async fn or_count(
        &self,
        count: impl Future<Output = Result<u64>>,
    ) -> async_graphql::Result<u64> {
        let counted = self.0.get_or_init(|| async { count.await.map_err(boxed) }).await;
        counted.clone().map_err(|error| *error)
    }
}

/// Where a page lies.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(in crate::graphql) struct PageInfo {
    /// Whether entries follow this page.
    pub(in crate::graphql) has_next_page: bool,
    /// Whether entries come before this page.
    pub(in crate::graphql) has_previous_page: bool,
    /// The cursor of the first entry of this page; null when it has none.
    pub(in crate::graphql) start_cursor: Option<String>,
    /// The cursor of the last entry of this page; null when it has none.
    pub(in crate::graphql) end_cursor: Option<String>,
}

impl PageInfo {
    pub(in crate::graphql) fn of<T, C: ToString>(listed: &Listed<T, C>) -> Self {
        let (start_cursor, end_cursor) = listed.ends();
        let (has_next_page, has_previous_page) = (listed.has_next, listed.has_previous);
        Self { has_next_page, has_previous_page, start_cursor, end_cursor }
    }
}

/// How the caller stands.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(in crate::graphql) struct RateLimit {
    /// Empty when limits are switched off.
    pub(in crate::graphql) limits: Vec<RateLimitWindow>,
}

/// What is budgeted by itself.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "limits::Bucket")]
enum Bucket {
    /// Random films and votes.
    Film,
    /// Adding films, changing them and taking them away.
    AddFilm,
    /// All other reads, and changes of accounts and keys.
    Browse,
    /// Sign-in attempts.
    Login,
    /// Every request, before anything is parsed.
    Flood,
}

/// Who has policies of their own beside addresses.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "limits::Tier")]
enum RateLimitTier {
    /// Accounts and subjects with the role voter.
    Voter,
    /// Those with the role editor.
    Editor,
    /// Those with the role admin.
    Admin,
    /// This very key.
    Key,
}

/// One policy of one bucket.
#[derive(SimpleObject)]
#[graphql(serial)]
pub(in crate::graphql) struct RateLimitWindow {
    /// As in the headers, such as `film-1h`, or `voter-film-1h`.
    name: String,
    /// Whose policies count; null for those of addresses.
    tier: Option<RateLimitTier>,
    bucket: Bucket,
    /// Most calls at once, and how many come back within the window.
    quota: i32,
    /// Seconds.
    window: u64,
    /// Calls that would pass now.
    remaining: i32,
    /// Seconds until one more would pass; null when nothing is used up.
    reset: Option<u64>,
}

/// A number as far as an `Int` holds it.
fn int(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl From<Standing> for RateLimitWindow {
    fn from(standing: Standing) -> Self {
        Self {
            name: standing.name.to_string(),
            tier: standing.tier.map(Into::into),
            bucket: standing.bucket.into(),
            quota: int(standing.quota),
            window: standing.window,
            remaining: int(standing.remaining),
            reset: standing.reset,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::service::Error;

    #[tokio::test]
    async fn a_total_is_counted_once_and_its_failure_is_too() {
        for (counted, told) in [(Some(7), Some(7)), (None, None)] {
            let (total, counts) = (Total::default(), AtomicU32::new(0));
            for _ in 0..3 {
                let count = async {
                    counts.fetch_add(1, Ordering::Relaxed);
                    counted.ok_or(Error::Unavailable)
                };
                assert_eq!(total.or_count(count).await.ok(), told);
            }
            assert_eq!(counts.into_inner(), 1);
        }
    }
}
