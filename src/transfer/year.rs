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

/// The day of the import, in UTC.
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
    /// The last year of several, of which this is the first.
    pub until: Option<i64>,
}

/// Reads a date or a year. Whether the year makes sense for a film is for the service to judge.
///
/// Somebody once kept two digits of each year, and somebody else made four of them again. So a year of two digits whose
/// date lies in the future is one of the last century, and so is one of four that lies further ahead than a film may be
/// announced.
pub(super) fn read(text: &str, today: Today) -> Option<Reading> {
    let text = text.trim();
    let text = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    let (text, until) = first_of_several(text).map_or((text, None), |(first, until)| (first, until));
    let parts = parts(text)?;
    let century = i64::from(today.0.year()) / 100 * 100;
    let (is_short, year, date) = if let [Part::Number(year, 4)] = parts[..] {
        (false, year, None)
    } else {
        let (is_short, readings) = readings(&parts, century);
        // The earliest reading: of a day and a month that could be either, neither need be in the future.
        let (year, date) = readings.into_iter().min_by_key(|(_, date)| *date)?;
        (is_short, year, Some(date))
    };
    let is_ahead = if is_short {
        date.is_some_and(|date| date > today.0)
    } else {
        year > i64::from(today.0.year()) + YEARS_AHEAD
    };
    // Of a year of another century two digits are no explanation.
    let is_moved = is_ahead && year >= century && year < century + 100;
    let (year, moved_from) = if is_moved { (year - 100, Some(year)) } else { (year, None) };
    Some(Reading { year, moved_from, until })
}

/// `2013-2023`, and `2013–` of what goes on.
fn first_of_several(text: &str) -> Option<(&str, Option<i64>)> {
    let is_year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (first, last) = text.split_once(['-', '\u{2013}', '\u{2014}'])?;
    let (first, last) = (first.trim(), last.trim());
    if !is_year(first) || !(last.is_empty() || is_year(last)) || (!last.is_empty() && last < first) {
        return None;
    }
    Some((first, last.parse().ok().filter(|_| last != first)))
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
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction =
        text.split_once('.').filter(|(year, rest)| year.len() == 4 && is_digits(year) && is_digits(rest));
    let text = match fraction {
        // A part of a year is none; neither is it a month, whatever number it is.
        Some((_, rest)) if rest.bytes().any(|byte| byte != b'0') => return None,
        // What tables make of a column of years with gaps.
        Some((year, _)) => year,
        None => text,
    };
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

/// Whether the year has two digits, and every date that the parts can mean, with its year.
fn readings(parts: &[Part], century: i64) -> (bool, Vec<(i64, Date)>) {
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
        _ => return (false, Vec::new()),
    };
    let is_short = written.1 == 2;
    let year = if is_short { century + written.0 } else { written.0 };
    let date = |(month, day): (i64, i64)| {
        let date = Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
        Some((year, date))
    };
    (is_short, orders.into_iter().filter_map(date).collect())
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
            "1998.",
            "1998.00",
            "(1998)",
            " (1998) ",
            "1998-",
            "1998 \u{2013}",
            "1998-1998",
        ] {
            assert_eq!(
                read(text, today()),
                Some(Reading { year: 1998, moved_from: None, until: None }),
                "{text}"
            );
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
            "1998.50",
            "(1998",
            "1999-1998",
            "1998-19990",
            "1998 - soon",
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
    fn what_lies_too_far_ahead_is_of_the_last_century() {
        for (text, year, from) in [
            ("Dec 31 2046", 1946, Some(2046)),
            ("Aug 12 2027", 2027, None),
            ("2029-12-21", 2029, None),
            ("2031-12-31", 2031, None),
            ("2032-01-01", 1932, Some(2032)),
            ("Nov 25 2026", 2026, None),
            ("11/25/26", 1926, Some(2026)),
            ("11/24/26", 2026, None),
            ("Nov 24 2026", 2026, None),
            ("12/06/2026", 2026, None),
            ("12/12/2026", 2026, None),
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
            assert_eq!(read(text, today()), Some(Reading { year, moved_from: from, until: None }), "{text}");
        }
    }

    #[test]
    fn of_several_years_the_first_is_read() {
        for (text, year, moved_from, until) in [
            ("2013-2023", 2013, None, Some(2023)),
            ("2013\u{2013}2023", 2013, None, Some(2023)),
            ("(2013 \u{2014} 2023)", 2013, None, Some(2023)),
            ("2040-2045", 1940, Some(2040), Some(2045)),
        ] {
            assert_eq!(read(text, today()), Some(Reading { year, moved_from, until }), "{text}");
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
                    let moved = year > 2031;
                    let read = read(&text, today()).expect(&text);
                    assert_eq!(read.year, i64::from(year) - if moved { 100 } else { 0 }, "{text}");
                    assert_eq!(read.moved_from.is_some(), moved, "{text}");
                }
                day = day.tomorrow().expect("a date");
            }
        }
    }
}
