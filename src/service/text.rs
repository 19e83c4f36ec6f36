//! Text from outside: normal form, comparison form, and what may not be in it.

use unicode_normalization::UnicodeNormalization;

use caseless::Caseless;

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
