//! The year of a date, however it is spelled.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::service::films::types::YEARS_AHEAD;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The day of the import, in UTC: a date after it cannot be one on which a film came out.
#[derive(Debug, Clone, Copy)]
pub struct Today(Date);

impl Today {
    /// The day at a time since the Unix epoch.
    #[must_use]
    pub fn at(now: Duration) -> Self {
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let now = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
        Self(TimeZone::UTC.to_datetime(now).date())
    }

    #[cfg(test)]
    pub(super) fn new(year: i16, month: i8, day: i8) -> Self {
        Self(Date::new(year, month, day).expect("a date"))
    }
}

/// A year that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    pub year: i64,
    /// The year that was written, or meant by two digits, when it lay in the future and was moved back a century.
    pub moved_from: Option<i64>,
}

/// Reads a date or a year. Whether the year makes sense for a film is for the service to judge.
///
/// Somebody once kept two digits of each year, and somebody else made four of them again; so a date in the future is
/// one of the last century. A year alone may lie as far ahead as a film may be announced.
pub(super) fn read(text: &str, today: Today) -> Option<Reading> {
    let parts = parts(text)?;
    let century = i64::from(today.0.year()) / 100 * 100;
    let plain = |year: i64| Reading { year, moved_from: None };
    let back = |year: i64| match year {
        // Of a year of another century two digits are no explanation.
        year if year >= century && year < century + 100 => {
            Reading { year: year - 100, moved_from: Some(year) }
        }
        year => plain(year),
    };
    if let [Part::Number(year, 4)] = parts[..] {
        let announced = i64::from(today.0.year()) + YEARS_AHEAD;
        return Some(if year > announced { back(year) } else { plain(year) });
    }
    // The earliest reading: of a day and a month that could be either, neither need be in the future.
    let (year, date) = readings(&parts, century).into_iter().min_by_key(|(_, date)| *date)?;
    Some(if date > today.0 { back(year) } else { plain(year) })
}

#[derive(Debug, Clone, Copy)]
enum Part {
    /// With how many digits it was written.
    Number(i64, usize),
    Month(i64),
}

/// Numbers and months, without weekday, ordinal endings and time.
fn parts(text: &str) -> Option<Vec<Part>> {
    let text = text.trim();
    if text.starts_with('-') {
        return None;
    }
    // What tables make of a column of years with gaps.
    let text = text.strip_suffix(".0").filter(|year| year.len() == 4).unwrap_or(text);
    let mut parts = Vec::new();
    for word in words(text) {
        if word.contains(':') {
            // The time, and after it nothing but its zone.
            break;
        }
        let lower = word.to_lowercase();
        if let Ok(number) = digits(&lower).parse() {
            parts.push(Part::Number(number, digits(&lower).len()));
        } else if let Some(month) = (1..).zip(MONTHS).find(|(_, month)| is_short_for(&lower, month)) {
            parts.push(Part::Month(month.0));
        } else if !WEEKDAYS.iter().any(|weekday| is_short_for(&lower, weekday)) {
            return None;
        }
    }
    (!parts.is_empty() && parts.len() <= 3).then_some(parts)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    // `1998-06-12T20:15`: the T parts date and time where it stands between digits.
    let split = text.match_indices(['T', 't']).find(|(place, _)| {
        let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        *place > 0 && digit(text.as_bytes().get(place - 1)) && digit(text.as_bytes().get(place + 1))
    });
    let date = split.map_or(text, |(place, _)| &text[..place]);
    date.split([' ', ',', '-', '/', '.', '\u{a0}']).filter(|word| !word.is_empty())
}

/// `12th` as `12`.
fn digits(word: &str) -> &str {
    let end = word.find(|character: char| !character.is_ascii_digit()).unwrap_or(word.len());
    let (digits, ending) = word.split_at(end);
    let ordinal = digits.len() <= 2 && ["st", "nd", "rd", "th"].contains(&ending);
    if ending.is_empty() || ordinal { digits } else { "" }
}

fn is_short_for(word: &str, name: &str) -> bool {
    word == name || (word.len() >= 3 && word.len() <= 4 && name.starts_with(word))
}

/// Every date that the parts can mean, with its year.
fn readings(parts: &[Part], century: i64) -> Vec<(i64, Date)> {
    use Part::{Month, Number};
    let (orders, written) = match *parts {
        [Month(month), Number(year, 4)] | [Number(year, 4), Month(month) | Number(month, 1 | 2)] => {
            (vec![(month, 1)], (year, 4))
        }
        [Number(month, 1 | 2), Number(year, 4)] => (vec![(month, 1)], (year, 4)),
        [Number(year, 4), Month(month) | Number(month, 1 | 2), Number(day, 1 | 2)] => {
            (vec![(month, day)], (year, 4))
        }
        [Month(month), Number(day, 1 | 2), Number(year, size @ (2 | 4))]
        | [Number(day, 1 | 2), Month(month), Number(year, size @ (2 | 4))] => {
            (vec![(month, day)], (year, size))
        }
        [Number(one, 1 | 2), Number(other, 1 | 2), Number(year, size @ (2 | 4))] => {
            (vec![(one, other), (other, one)], (year, size))
        }
        _ => return Vec::new(),
    };
    let year = if written.1 == 2 { century + written.0 } else { written.0 };
    let date = |(month, day): (i64, i64)| {
        let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
        Some((year, date))
    };
    orders.into_iter().filter_map(date).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Today {
        Today::new(2026, 11, 24)
    }

    #[test]
    fn the_usual_spellings() {
        for text in [
            "1998",
            " 1998 ",
            "1998.0",
            "1998-06-12",
            "1998-6-2",
            "1998/06/12",
            "1998-06",
            "06/1998",
            "1998-06-12T20:15:00Z",
            "1998-06-12 20:15:00+02:00",
            "1998-06-12t20:15",
            "Jun 12 1998",
            "June 12, 1998",
            "12 Jun 1998",
            "12-Jun-1998",
            "12. June 1998",
            "12th June 1998",
            "Jun 1998",
            "1998 Jun 12",
            "Sept 1 1998",
            "Fri, 12 Jun 1998 20:15:00 GMT",
            "JUN 12 1998",
            "12/06/1998",
            "06/12/1998",
            "13/06/1998",
            "06/13/1998",
            "12.06.1998",
            "12-06-1998",
            "1/2/1998",
            "Feb 28 1998",
        ] {
            assert_eq!(read(text, today()), Some(Reading { year: 1998, moved_from: None }), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_date() {
        for text in [
            "",
            "soon",
            "98",
            "5",
            "19980612",
            "199",
            "19998",
            "Jun",
            "Jun 12",
            "12/06",
            "Feb 30 1998",
            "13/13/1998",
            "1998-13-01",
            "1998-00-10",
            "Juna 12 1998",
            "12:30",
            "1998-06-12-01",
            "-1998",
            "1998 1999",
            "٢٠٠١",
            "12 Jun 199",
            "0/0/1998",
            "Ju 12 1998",
            "1998T",
            "99999999999999999999",
        ] {
            assert_eq!(read(text, today()), None, "{text}");
        }
    }

    #[test]
    fn a_date_in_the_future_is_of_the_last_century() {
        for (text, year, from) in [
            ("Dec 31 2046", 1946, Some(2046)),
            ("Aug 12 2027", 1927, Some(2027)),
            ("Nov 25 2026", 1926, Some(2026)),
            ("Nov 24 2026", 2026, None),
            ("12/06/2026", 2026, None),
            ("12/12/2026", 1926, Some(2026)),
            ("12/06/98", 1998, Some(2098)),
            ("12-Jun-07", 2007, None),
            ("2046", 1946, Some(2046)),
            ("2027", 2027, None),
            ("2031", 2031, None),
            ("2032", 1932, Some(2032)),
            ("3000", 3000, None),
            ("Jun 12 3000", 3000, None),
            ("1700", 1700, None),
        ] {
            assert_eq!(read(text, today()), Some(Reading { year, moved_from: from }), "{text}");
        }
    }

    /// Every day of some years, in every spelling, gives that year or the one a century before.
    #[test]
    fn every_day_in_every_spelling() {
        for year in [1900_i16, 1999, 2000, 2024, 2026, 2046] {
            let mut day = Date::new(year, 1, 1).expect("a date");
            while day.year() == year {
                let (month, number) = (usize::try_from(day.month()).expect("a month"), day.day());
                let name = MONTHS[month - 1];
                for text in [
                    day.to_string(),
                    format!("{} {number:02} {year}", &name[..3]),
                    format!("{number} {name} {year}"),
                    format!("{name} {number}, {year}"),
                    format!("{year}/{month}/{number}"),
                ] {
                    let moved = day > today().0;
                    let read = read(&text, today()).expect(&text);
                    assert_eq!(read.year, i64::from(year) - if moved { 100 } else { 0 }, "{text}");
                    assert_eq!(read.moved_from.is_some(), moved, "{text}");
                }
                day = day.tomorrow().expect("a date");
            }
        }
    }
}
