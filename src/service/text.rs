//! Text from outside: normal form, comparison form, and what may not be in it.

use caseless::Caseless;
use jiff::Timestamp;
use serde::Serializer;
use unicode_normalization::UnicodeNormalization;

/// Trimmed, in Unicode normal form C: how names are stored.
#[must_use]
pub fn normal_form(text: &str) -> String {
    text.trim().nfc().collect()
}

/// The form in which names are compared and sorted: canonical caseless matching (Unicode, section 3.13), so that
/// "ÉCLAIR" equals "éclair" however it was composed.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfd().default_case_fold().nfc().collect()
}

/// Reads an id: ASCII digits, however many. A number past `i64` becomes `i64::MAX`, which is never given to anything.
#[must_use]
pub fn parse_id(text: &str) -> Option<i64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(i64::MAX))
}

/// Whether the character may stand in a name or a log line: no control characters, no line or paragraph separators,
/// and none of the bidirectional controls by which text can be made to look like other text.
#[must_use]
pub fn is_plain(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        )
}

/// Milliseconds since the Unix epoch as text, such as `2026-11-24T12:00:00.000Z`. What lies beyond the year 9999 is its
/// end.
#[must_use]
pub fn moment_text(milliseconds: i64) -> String {
    let furthest = if milliseconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    format!("{:.3}", Timestamp::from_millisecond(milliseconds).unwrap_or(furthest))
}

/// Writes milliseconds since the Unix epoch as [`moment_text`].
#[expect(clippy::trivially_copy_pass_by_ref, reason = "so it is called by serde")]
pub(super) fn as_moment<S: Serializer>(milliseconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&moment_text(*milliseconds))
}

/// Milliseconds since the Unix epoch; `None` for what is no RFC 3339 time with its offset.
#[must_use]
pub fn parse_moment(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for moment in [0, 1, -1, 1_795_000_000_123] {
            assert_eq!(parse_moment(&moment_text(moment)), Some(moment));
        }
        assert_eq!(moment_text(1_795_000_000_123), "2026-11-18T11:06:40.123Z");
        assert_eq!(parse_moment("2026-11-18T12:06:40.123+01:00"), Some(1_795_000_000_123));
        for none in ["", "2026-11-18", "2026-11-18T11:06:40", "yesterday"] {
            assert_eq!(parse_moment(none), None, "{none}");
        }
        assert!(moment_text(i64::MAX).starts_with("9999-12-") && moment_text(i64::MIN).starts_with('-'));
    }
}
