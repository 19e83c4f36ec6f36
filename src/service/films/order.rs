//! The order of a list of films: places in it, and which comes first.

use crate::service::films::row::NO_YEAR;
use crate::service::films::types::{Film, FilmOrder, FilmSort};
use crate::service::page::{self, Cursor, Key, Page};
use crate::service::text::fold;

impl page::Order for FilmOrder {
    fn letter(self) -> char {
        let letter = match self.sort {
            FilmSort::Name => 'n',
            FilmSort::Year => 'y',
            FilmSort::Newest => 'i',
            FilmSort::Likes => 'l',
            FilmSort::Rating => 'r',
            FilmSort::Relevance => 'm',
            FilmSort::Shuffled => 'w',
        };
        if self.is_reversed { letter.to_ascii_uppercase() } else { letter }
    }

    fn has_text_keys(self) -> bool {
        matches!(self.sort, FilmSort::Name | FilmSort::Shuffled)
    }
}

/// How good a film is taken to be, from 0 to 1,000,000,000: the lower bound of the Wilson score interval for the share of
/// likes among its votes, at 95 %. One film with 1 like of 1 is thus behind one with 90 of 100. 0 without likes.
///
/// Made of the operations that IEEE 754 rounds exactly, so that every machine has the same order.
#[must_use]
pub fn rating(likes: i64, dislikes: i64) -> i64 {
    /// The quantile of the normal distribution at 97.5 %.
    const Z: f64 = 1.959_963_984_540_054;
    const SCALE: f64 = 1e9;
    if likes <= 0 {
        return 0;
    }
    #[expect(clippy::cast_precision_loss, reason = "nobody casts 2^53 votes")]
    let (likes, votes) = (likes as f64, likes.saturating_add(dislikes) as f64);
    let share = likes / votes;
    let middle = share + Z * Z / (2.0 * votes);
    let margin = Z * ((share * (1.0 - share) + Z * Z / (4.0 * votes)) / votes).sqrt();
    let bound = (middle - margin) / (1.0 + Z * Z / votes);
    #[expect(clippy::cast_possible_truncation, reason = "at most `SCALE`, and what is no number is 0")]
    let rating = (bound * SCALE) as i64;
    rating.max(0)
}

/// The place of a film in a list of this order. Of a list by relevance see [`found`], of a shuffled one
/// [`Walk`](super::walk::Walk).
pub(in crate::service) fn place(order: FilmOrder, film: &Film) -> Cursor<FilmOrder> {
    let key = match order.sort {
        FilmSort::Name => Key::Text(fold(&film.name)),
        FilmSort::Year => Key::Number(film.year.unwrap_or(NO_YEAR).into()),
        FilmSort::Newest | FilmSort::Relevance | FilmSort::Shuffled => Key::Number(film.id),
        FilmSort::Likes => Key::Number(film.likes),
        FilmSort::Rating => Key::Number(rating(film.likes, film.dislikes)),
    };
    Cursor { sort: order, key, id: film.id }
}

/// The same of a film that was found by a text, so well: the less, the better.
pub(in crate::service) fn found(order: FilmOrder, film: &Film, class: u8) -> Cursor<FilmOrder> {
    /// Likes below that, classes above.
    const MOST_LIKES: i64 = (1 << 48) - 1;
    let mut place = place(order, film);
    if order.sort == FilmSort::Relevance {
        let unliked = MOST_LIKES - film.likes.clamp(0, MOST_LIKES);
        place.key = Key::Number(i64::from(class) * (MOST_LIKES + 1) + unliked);
    }
    place
}

/// What sorts as the place does, ascending, in the order that is not reversed.
pub(in crate::service) fn rank(place: &Cursor<FilmOrder>) -> Rank {
    match (place.sort.sort, &place.key) {
        // Its complement descends, and none overflows.
        (FilmSort::Newest, _) => (Key::Number(!place.id), 0),
        (FilmSort::Likes | FilmSort::Rating, Key::Number(number)) => (Key::Number(!number), place.id),
        (_, key) => (key.clone(), place.id),
    }
}

/// With its place in a list.
type Placed<T> = (Cursor<FilmOrder>, T);
/// What a place sorts by.
type Rank = (Key, i64);

/// Those that lie between the places of the page, in the order of its rows. The page is of the order that is not reversed.
pub(in crate::service) fn sorted<T>(
    films: impl Iterator<Item = Placed<T>>,
    page: &Page<FilmOrder>,
) -> Vec<Placed<T>> {
    let (after, before) = (page.after.as_ref().map(rank), page.before.as_ref().map(rank));
    let mut ranked: Vec<(Rank, Placed<T>)> = films
        .map(|(place, film)| (rank(&place), (place, film)))
        .filter(|(own, _)| after.as_ref().is_none_or(|after| own > after))
        .filter(|(own, _)| before.as_ref().is_none_or(|before| own < before))
        .collect();
    ranked.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    if page.backward {
        ranked.reverse();
    }
    ranked.into_iter().map(|(_, film)| film).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 90 likes in 100 votes the textbook's interval begins at 0.8256, of 1 in 1 at 0.2065.
    #[test]
    fn a_rating_is_the_lower_bound_of_the_interval() {
        for (likes, dislikes, expected) in
            [(90, 10, 825_634_338), (1, 0, 206_549_314), (0, 0, 0), (0, 9, 0), (1, 1, 94_531_205)]
        {
            assert_eq!(rating(likes, dislikes), expected, "{likes} to {dislikes}");
        }
        let rising = [(1, 5), (1, 2), (1, 1), (1, 0), (5, 1), (50, 10), (50, 0), (500, 5), (i64::MAX / 2, 0)];
        let ratings: Vec<i64> = rising.iter().map(|(likes, dislikes)| rating(*likes, *dislikes)).collect();
        assert!(ratings.is_sorted_by(|one, other| one < other), "{ratings:?}");
        assert!(ratings.iter().all(|rating| (0..=1_000_000_000).contains(rating)));
    }
}
