//! Policies as Flask-Limiter writes them: `1/second`, `50 per hour`, `5/2 seconds`.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

use strum::{Display, EnumString};

/// So many in such a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How many at once, and how many come back within the window.
    pub amount: NonZeroU32,
    multiple: NonZeroU32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumString)]
#[strum(serialize_all = "lowercase")]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Year,
}

/// A policy string that does not parse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a rate limit; write a number and a time, such as \"1/second\", \"50 per hour\" or \"5/2 seconds\" (second, minute, hour, day, month, year)"
)]
pub struct ParseError(pub String);

impl Policy {
    /// The time in which the amount comes back. A month is 30 days, a year 360, as Flask-Limiter has them.
    #[must_use]
    pub fn window(&self) -> Duration {
        Duration::from_secs(self.unit.measure().0 * u64::from(self.multiple.get()))
    }

    /// The same window, with so many times as much in it.
    #[must_use]
    pub fn times(self, factor: NonZeroU32) -> Self {
        Self { amount: self.amount.saturating_mul(factor), ..self }
    }

    /// The window in short: `1s`, `2s`, `1h`.
    #[must_use]
    pub fn short_window(&self) -> String {
        format!("{}{}", self.multiple, self.unit.measure().1)
    }
}

impl Unit {
    /// Its seconds, and its name in short.
    fn measure(self) -> (u64, &'static str) {
        const DAY: u64 = 24 * 60 * 60;
        match self {
            Self::Second => (1, "s"),
            Self::Minute => (60, "m"),
            Self::Hour => (60 * 60, "h"),
            Self::Day => (DAY, "d"),
            Self::Month => (30 * DAY, "mo"),
            Self::Year => (360 * DAY, "y"),
        }
    }
}

/// The longest window, in seconds: past it, arrival times would come near the end of governor's range.
const LONGEST: u64 = 10 * 360 * 24 * 60 * 60;

impl FromStr for Policy {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let lower = text.to_ascii_lowercase();
        read(&lower).ok_or_else(|| ParseError(text.trim().to_owned()))
    }
}

fn read(text: &str) -> Option<Policy> {
    let (amount, time) = match text.split_once('/') {
        Some(parts) => parts,
        None => text.split_once(" per ")?,
    };
    let time = time.trim();
    let digits = time.bytes().take_while(u8::is_ascii_digit).count();
    let (multiple, unit) = time.split_at(digits);
    let policy = Policy {
        amount: number(amount.trim())?,
        multiple: if multiple.is_empty() { NonZeroU32::MIN } else { number(multiple)? },
        unit: unit.strip_suffix('s').unwrap_or(unit).trim_start().parse().ok()?,
    };
    (policy.window().as_secs() <= LONGEST).then_some(policy)
}

/// Digits only: `str::parse` would take `+5`.
fn number(text: &str) -> Option<NonZeroU32> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.amount)?;
        if self.multiple != NonZeroU32::MIN {
            write!(f, "{} ", self.multiple)?;
        }
        let plural = if self.multiple == NonZeroU32::MIN { "" } else { "s" };
        write!(f, "{}{plural}", self.unit)
    }
}

/// Reads several policies, separated by `,`, `;` or `|`.
///
/// # Errors
/// The first one that does not parse.
pub fn parse_policies(text: &str) -> Result<Vec<Policy>, ParseError> {
    text.split([',', ';', '|']).map(str::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_flask_limiter_parse() {
        for (text, canonical, window) in [
            ("1/second", "1/second", "1s"),
            ("50 per hour", "50/hour", "1h"),
            ("200/day", "200/day", "1d"),
            ("5/2 seconds", "5/2 seconds", "2s"),
            ("5 per 2 second", "5/2 seconds", "2s"),
            ("10 / 5minutes", "10/5 minutes", "5m"),
            ("1 PER Month", "1/month", "1mo"),
        ] {
            let policy: Policy = text.parse().expect(text);
            assert_eq!(policy.to_string(), canonical, "{text}");
            assert_eq!(policy.short_window(), window, "{text}");
        }
        let many = parse_policies("1/second, 50/hour; 200 per day").expect("three policies");
        assert_eq!(many.len(), 3);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "1",
            "/second",
            "0/second",
            "-1/second",
            "+1/second",
            "1/0 seconds",
            "1/fortnight",
            "1.5/second",
            "1 second",
            "4294967296/second",
            "1/99999999 years",
            "1/second/second",
        ] {
            assert!(text.parse::<Policy>().is_err(), "{text:?}");
        }
    }
}
