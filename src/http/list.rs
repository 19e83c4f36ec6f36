//! Header fields: which are there, and the one reader of lists (RFC 9110, 5.6), with elements between commas, over several
//! lines; quoted strings; parameters; weights.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Whether one of these fields is there. One look at the few that came costs less than a look-up of each.
#[must_use]
pub fn has_any(headers: &HeaderMap, names: &[HeaderName]) -> bool {
    headers.keys().any(|name| names.contains(name))
}

/// The elements of a list, over all lines of its header, the last one first; empty ones are none.
///
/// It is read from its end: what stands there was written by whoever is nearest, and a quote that somebody farther away
/// left open cannot swallow it. A list that is well-formed has the same elements from either end.
pub fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).iter().rev().flat_map(elements_of)
}

/// The same of one line.
pub fn elements_of(line: &HeaderValue) -> impl Iterator<Item = &str> {
    split(line.as_bytes(), b',').filter(|element| !element.is_empty()).map(as_text)
}

/// All lines of a list as one, which means the same; `None` where it is not there.
#[must_use]
pub fn line(headers: &HeaderMap, name: &HeaderName) -> Option<HeaderValue> {
    let mut lines = headers.get_all(name).iter();
    let first = lines.next()?.clone();
    lines.try_fold(first, |joined, line| {
        HeaderValue::from_bytes(&[joined.as_bytes(), line.as_bytes()].join(&b", "[..])).ok()
    })
}

/// What stands before the parameters of an element.
#[must_use]
pub fn head(element: &str) -> &str {
    split(element.as_bytes(), b';').last().map_or("", as_text)
}

/// The value of a parameter, whose name may be written in any case, without quotes.
#[must_use]
pub fn parameter<'a>(element: &'a str, name: &str) -> Option<Cow<'a, str>> {
    split(element.as_bytes(), b';').find_map(|part| {
        let (known, value) = as_text(part).split_once('=')?;
        known.trim().eq_ignore_ascii_case(name).then(|| unquoted(value.trim()))
    })
}

/// What a quoted string says; any other text as it is.
fn unquoted(text: &str) -> Cow<'_, str> {
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else {
        return text.into();
    };
    if !inner.contains('\\') {
        return inner.into();
    }
    let mut characters = inner.chars();
    let next = || match characters.next()? {
        '\\' => characters.next(),
        character => Some(character),
    };
    std::iter::from_fn(next).collect::<String>().into()
}

/// Stands for what is no text: nobody looks for it, and still it is an element.
fn as_text(part: &[u8]) -> &str {
    str::from_utf8(part).unwrap_or("\u{FFFD}")
}

/// The parts between separators that stand in no quoted string, the last one first, without blanks around.
fn split(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let (mut rest, mut has_quotes) = (Some(text), true);
    std::iter::from_fn(move || {
        let (before, part) = split_last(rest?, separator, &mut has_quotes);
        rest = before;
        Some(part.trim_ascii())
    })
}

/// `has_quotes`: whether a quote may yet have its other half. Kept from part to part, or many quotes without one would
/// be looked for again and again.
fn split_last<'a>(text: &'a [u8], separator: u8, has_quotes: &mut bool) -> (Option<&'a [u8]>, &'a [u8]) {
    let mut place = text.len();
    while let Some(before) = place.checked_sub(1) {
        place = before;
        if text[place] == separator {
            return (Some(&text[..place]), &text[place + 1..]);
        }
        if text[place] == b'"' && *has_quotes {
            match opening(&text[..place]) {
                Some(opening) => place = opening,
                // A quote alone is a character like others, and there is no other one before it.
                None => *has_quotes = false,
            }
        }
    }
    (None, text)
}

/// Where the quoted string begins that ends behind this.
fn opening(text: &[u8]) -> Option<usize> {
    (0..text.len())
        .rev()
        .filter(|place| text[*place] == b'"')
        .find(|place| text[..*place].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 0)
}

/// How a client likes something. The greater one is liked better: by weight, then by how exactly it is named, then by what
/// is named first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Preference {
    weight: u16,
    range: Reverse<usize>,
    /// From the end.
    place: usize,
}

impl Preference {
    /// In thousandths; 0 is a refusal.
    #[must_use]
    pub fn weight(self) -> u16 {
        self.weight
    }

    /// Whether it is taken at all.
    #[must_use]
    pub fn is_taken(self) -> bool {
        self.weight > 0
    }

    /// Whether it is taken, and liked better than the other one.
    #[must_use]
    pub fn is_above(self, other: Option<Self>) -> bool {
        self.is_taken() && other.is_none_or(|other| self.cmp(&other) == Ordering::Greater)
    }
}

/// What a list says of something that all these ranges name, of which the first is the most exact: that one counts, whatever
/// the others say. `None`: it is not named.
pub fn preference(headers: &HeaderMap, name: &HeaderName, ranges: &[&str]) -> Option<Preference> {
    let named = elements(headers, name).enumerate().filter_map(|(place, element)| {
        let head = head(element);
        let range = ranges.iter().position(|range| range.eq_ignore_ascii_case(head))?;
        Some(Preference { weight: weight(element), range: Reverse(range), place })
    });
    named.max_by_key(|preference| (preference.range, preference.weight, preference.place))
}

/// Whether a list names nothing at all, as if its header were not there.
#[must_use]
pub fn is_empty(headers: &HeaderMap, name: &HeaderName) -> bool {
    elements(headers, name).next().is_none()
}

/// In thousandths; nonsense is 0. Java writes `.2`.
fn weight(element: &str) -> u16 {
    let Some(text) = parameter(element, "q") else { return 1_000 };
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let weight = text.parse::<f32>().ok().filter(|weight| is_number && *weight <= 1.0).unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
    let thousandths = (weight * 1_000.0).round() as u16;
    // However small, it is no refusal.
    thousandths.max(u16::from(weight > 0.0))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use axum::http::header::{ACCEPT, ACCEPT_ENCODING};

    use super::*;

    fn headers(lines: &[&'static [u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT, HeaderValue::from_bytes(line).expect("a header value"));
        }
        headers
    }

    #[test]
    fn elements_are_what_stands_between_commas_and_is_not_empty() {
        for (lines, expected) in [
            (vec![&b"a, b"[..]], vec!["b", "a"]),
            (vec![b"a,,\t, b ,"], vec!["b", "a"]),
            (vec![b"a", b"", b" , ", b"b"], vec!["b", "a"]),
            (vec![b""], vec![]),
            (vec![br#"a;b="1, 2", c"#], vec!["c", r#"a;b="1, 2""#]),
            (vec![br#"a;b="\", c", d"#], vec!["d", r#"a;b="\", c""#]),
            (vec![br#"a;b="\\", c"#], vec!["c", r#"a;b="\\""#]),
            // What somebody has left open does not reach what another has written behind it.
            (vec![br#"a="b, c"#], vec!["c", r#"a="b"#]),
            (vec![br#"a="b, c="d, e""#], vec![r#"c="d, e""#, r#"a="b"#]),
            (vec![br#"a=\"b, c=\"d"#], vec![r#"c=\"d"#, r#"a=\"b"#]),
            (vec![b"a, \xff, b"], vec!["b", "\u{FFFD}", "a"]),
        ] {
            let headers = headers(&lines);
            let found: Vec<_> = elements(&headers, &ACCEPT).collect();
            assert_eq!(found, expected, "{lines:?}");
            assert_eq!(is_empty(&headers, &ACCEPT), expected.is_empty());
        }
        assert!(is_empty(&HeaderMap::new(), &ACCEPT));
    }

    #[test]
    fn lines_are_one_list() {
        for (lines, expected) in [
            (vec![], None),
            (vec![&b"a, b"[..]], Some(&b"a, b"[..])),
            (vec![b"a", b"b", b"\xff"], Some(b"a, b, \xff")),
        ] {
            assert_eq!(line(&headers(&lines), &ACCEPT).as_ref().map(HeaderValue::as_bytes), expected);
        }
    }

    #[test]
    fn parameters_have_names_in_any_case_and_values_with_and_without_quotes() {
        for (element, value) in [
            ("a;b=c", Some("c")),
            ("a ; B = c ; d=e", Some("c")),
            (r#"a;b="c;d=e""#, Some("c;d=e")),
            (r#"a;x="b=1";b="c \"d\" \\""#, Some(r#"c "d" \"#)),
            ("b=c", Some("c")),
            ("a;b", None),
            ("a;bb=c", None),
            (r#"a;b=""#, Some(r#"""#)),
        ] {
            assert_eq!(parameter(element, "b").as_deref(), value, "{element}");
        }
        assert_eq!(head("text/html ; q=1"), "text/html");
        assert_eq!(head(r#"";";q=1"#), r#"";""#);
    }

    #[test]
    fn a_weight_is_a_number_up_to_one() {
        for (element, expected) in [
            ("a", 1_000),
            ("a;q=0", 0),
            ("a;Q=0.5", 500),
            ("a; q = 0.5", 500),
            (r#"a;q="0.5""#, 500),
            ("a;q=.2", 200),
            ("a;q=1.", 1_000),
            ("a;q=0.0001", 1),
            ("a;q=0.000", 0),
            ("a;q=2", 0),
            ("a;q=-1", 0),
            ("a;q=inf", 0),
            ("a;q=nan", 0),
            ("a;q=1e-1", 0),
            ("a;q=", 0),
            ("a;charset=x;q=0.3", 300),
        ] {
            assert_eq!(weight(element), expected, "{element}");
        }
    }

    #[test]
    fn the_most_exact_range_counts() {
        let headers = headers(&[b"*/*", b"TEXT/*;q=0.5, text/html;q=0"]);
        let of = |ranges: &[&str]| preference(&headers, &ACCEPT, ranges);
        let html = of(&["text/html", "text/*", "*/*"]).expect("named");
        let plain = of(&["text/plain", "text/*", "*/*"]).expect("named");
        let json = of(&["application/json", "application/*", "*/*"]).expect("named");
        assert!(!html.is_taken() && plain.is_above(Some(html)) && json.is_above(Some(plain)));
        assert!(of(&["image/png"]).is_none() && preference(&headers, &ACCEPT_ENCODING, &["gzip"]).is_none());
        assert!(json.is_above(None) && !json.is_above(Some(json)) && !html.is_above(None));
    }

    /// With a scan that grows with the square this would take hours, and now it takes a second.
    #[test]
    fn quotes_without_an_end_are_read_in_one_go() {
        const MOST: Duration = Duration::from_mins(2);
        for unit in ["\\\"", "\"", "\",", "\\\",", "\"a\\", "\\", "\\\","] {
            let (done, is_done) = mpsc::channel();
            std::thread::spawn(move || {
                let line = unit.repeat(1024 * 1024 / unit.len());
                let _ = done.send(split(line.as_bytes(), b',').count());
            });
            assert!(is_done.recv_timeout(MOST).is_ok_and(|parts| parts > 0), "{unit}");
        }
    }
}
