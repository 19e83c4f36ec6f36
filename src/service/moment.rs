//! Moments as they are written: RFC 3339, in UTC.

use jiff::Timestamp;

/// Milliseconds since the Unix epoch as text, such as `2026-11-24T12:00:00.000Z`. What lies beyond the year 9999 is its
/// end.
#[must_use]
pub fn text(milliseconds: i64) -> String {
    let furthest = if milliseconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    format!("{:.3}", Timestamp::from_millisecond(milliseconds).unwrap_or(furthest))
}

/// Milliseconds since the Unix epoch; `None` for what is no RFC 3339 time with its offset.
#[must_use]
pub fn read(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for moment in [0, 1, -1, 1_795_000_000_123] {
            assert_eq!(read(&text(moment)), Some(moment));
        }
        assert_eq!(text(1_795_000_000_123), "2026-11-18T11:06:40.123Z");
        assert_eq!(read("2026-11-18T12:06:40.123+01:00"), Some(1_795_000_000_123));
        for none in ["", "2026-11-18", "2026-11-18T11:06:40", "yesterday"] {
            assert_eq!(read(none), None, "{none}");
        }
        assert!(text(i64::MAX).starts_with("9999-12-") && text(i64::MIN).starts_with('-'));
    }
}
