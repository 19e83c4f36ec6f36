//! Text from outside: normal form, comparison form, and what may not be in it.

use std::fmt;

use caseless::Caseless;
use icu_properties::props::{
    DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup, PrependedConcatenationMark, Script,
};
use icu_properties::script::{ScriptExtensionsSet, ScriptWithExtensions};
use icu_properties::{CodePointMapData, CodePointSetData};
use jiff::SignedDuration;
use jiff::civil::{DateTime, date};
use jiff::fmt::temporal::Pieces;
use serde::Serializer;
use unicode_normalization::UnicodeNormalization;

/// In UTC.
const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

/// Scripts that one language writes side by side: Japanese, Korean, and Chinese with Bopomofo.
const TOGETHER: [&[Script]; 3] = [
    &[Script::Han, Script::Hiragana, Script::Katakana],
    &[Script::Han, Script::Hangul],
    &[Script::Han, Script::Bopomofo],
];

/// So many of what `noun` names: `1 film`, `2 films`.
#[must_use]
pub fn counted(count: impl fmt::Display, noun: &str) -> String {
    let count = count.to_string();
    let plural = if count == "1" { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Without blanks around it, in Unicode normal form C: how names are stored.
#[must_use]
pub fn normal_form(text: &str) -> String {
    text.trim_matches(is_blank).nfc().collect()
}

/// The form in which names are compared and sorted: canonical caseless matching (Unicode, section 3.13), so that
/// "ÉCLAIR" equals "éclair" however it was composed; without what nobody sees, and with one space for blanks of any
/// number and kind, so that what looks the same is the same.
///
/// What is stored was made with it: another form is another migration.
#[must_use]
pub fn fold(text: &str) -> String {
    let folded: String = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        let seen = text.chars().filter(|character| !is_invisible(*character));
        seen.nfd().default_case_fold().nfc().collect()
    };
    if is_spaced(&folded) {
        return folded;
    }
    folded.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether its words stand with one space between two, as in nearly all names.
fn is_spaced(text: &str) -> bool {
    let mut was_blank = true;
    for character in text.chars() {
        let blank = is_blank(character);
        if blank && (was_blank || character != ' ') {
            return false;
        }
        was_blank = blank;
    }
    !was_blank
}

/// Whether nothing is left of it in the form in which names are compared.
#[must_use]
pub fn is_empty(text: &str) -> bool {
    text.chars().all(|character| is_blank(character) || is_invisible(character))
}

/// Whether there is a character that can be seen by itself: a letter, a digit, a sign or a symbol, and not only blanks,
/// fillers, or marks with nothing to stand on.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    const SEEN: GeneralCategoryGroup = GeneralCategoryGroup::Letter
        .union(GeneralCategoryGroup::Number)
        .union(GeneralCategoryGroup::Punctuation)
        .union(GeneralCategoryGroup::Symbol);
    // What stands for a thing that is elsewhere, and blank hieroglyphs: by their category they are a symbol and letters,
    // and Unicode has no property for what is drawn as nothing.
    const UNDRAWN: [char; 3] = ['\u{FFFC}', '\u{13441}', '\u{13442}'];
    let categories = CodePointMapData::<GeneralCategory>::new();
    text.chars().any(|character| {
        SEEN.contains(categories.get(character))
            && !is_invisible(character)
            && !is_blank(character)
            && !UNDRAWN.contains(&character)
    })
}

/// Whether the text could all be of one language's script, so that no letter passes for one of another alphabet.
#[must_use]
pub fn is_of_one_script(text: &str) -> bool {
    let scripts = ScriptWithExtensions::new();
    let of_letters: Vec<ScriptExtensionsSet<'_>> = text
        .chars()
        .map(|character| scripts.get_script_extensions_val(character))
        .filter(|own| !own.contains(&Script::Common) && !own.contains(&Script::Inherited))
        .collect();
    let fits =
        |system: &[Script]| of_letters.iter().all(|own| system.iter().any(|script| own.contains(script)));
    let Some(first) = of_letters.first() else { return true };
    TOGETHER.iter().any(|system| fits(system)) || first.iter().any(|script| fits(&[script]))
}

/// Leaves no trace where it stands, or changes only how its neighbour is drawn: joiners, marks of direction, variation
/// selectors, tags, fillers.
#[must_use]
pub fn is_invisible(character: char) -> bool {
    // A filler of Khitan and the null notehead: Unicode has no property for them.
    matches!(character, '\u{16FE4}' | '\u{1D159}')
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
        || (CodePointMapData::<GeneralCategory>::new().get(character) == GeneralCategory::Format
            && !CodePointSetData::new::<PrependedConcatenationMark>().contains(character))
}

/// White space, or the Braille cell without a dot.
pub(super) fn is_blank(character: char) -> bool {
    character.is_whitespace() || character == '\u{2800}'
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
/// and none of the bidirectional embeddings, overrides and isolates by which text can be made to look like other text.
/// The marks of direction, which titles in Hebrew and Arabic have, do no more than a letter of such a script does.
#[must_use]
pub fn is_plain(character: char) -> bool {
    !character.is_control() && !matches!(character, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Milliseconds since the Unix epoch as text, such as `2026-11-24T12:00:00.000Z`. What lies beyond the year 9999 is its
/// end.
#[must_use]
pub fn moment_text(milliseconds: i64) -> String {
    let furthest = if milliseconds < 0 { DateTime::MIN } else { DateTime::MAX };
    let moment = EPOCH.checked_add(SignedDuration::from_millis(milliseconds)).unwrap_or(furthest);
    format!("{moment:.3}Z")
}

/// Writes milliseconds since the Unix epoch as [`moment_text`].
#[expect(clippy::trivially_copy_pass_by_ref, reason = "so it is called by serde")]
pub(super) fn as_moment<S: Serializer>(milliseconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&moment_text(*milliseconds))
}

/// Milliseconds since the Unix epoch; `None` for what is no time of RFC 3339 (section 5.6), and for one that in UTC is not
/// of the years 0000 to 9999.
#[must_use]
pub fn parse_moment(text: &str) -> Option<i64> {
    let (local, offset) = match text.strip_suffix(['Z', 'z']) {
        Some(local) => (local, "+00:00"),
        None => text.split_at_checked(text.len().checked_sub(6)?)?,
    };
    let (local, fraction) = local.split_once('.').unwrap_or((local, "0"));
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    // jiff reads more than that: ISO 8601 and RFC 9557.
    if !is_formed(local, "0000-00-00T00:00:00") || !is_fraction || !is_formed(offset, "+00:00") {
        return None;
    }
    // Not as jiff's `Timestamp`, which ends a day before the year 9999 does.
    let text = format!("{local}.{fraction:.3}{offset}");
    let pieces = Pieces::parse(&text).ok()?;
    let offset = SignedDuration::from_secs(pieces.to_numeric_offset()?.seconds().into());
    let moment = pieces.date().to_datetime(pieces.time()?).checked_sub(offset).ok()?;
    let is_told = offset.as_hours().abs() < 24 && moment.year() >= 0;
    i64::try_from(moment.duration_since(EPOCH).as_millis()).ok().filter(|_| is_told)
}

/// Whether a text has a digit for each 0 of the form, a sign for the plus, and for T what may stand between day and time.
fn is_formed(text: &str, form: &str) -> bool {
    let fits = |(byte, form): (u8, u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'+' => matches!(byte, b'+' | b'-'),
        b'T' => matches!(byte, b'T' | b't' | b' '),
        sign => byte == sign,
    };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing of it is seen, wherever it stands in a name.
    const UNSEEN: &str = "\u{AD}\u{34F}\u{61C}\u{115F}\u{1160}\u{17B4}\u{180B}\u{180E}\u{200B}\u{200C}\u{200D}\
        \u{200E}\u{200F}\u{2060}\u{2064}\u{206F}\u{3164}\u{FE00}\u{FE0F}\u{FEFF}\u{FFA0}\u{FFF9}\u{FFFB}\
        \u{16FE4}\u{1BCA0}\u{1D159}\u{1D173}\u{E0001}\u{E0020}\u{E007F}\u{E0100}\u{E01EF}";
    const BLANKS: &str =
        "\t \u{85}\u{A0}\u{1680}\u{2000}\u{2003}\u{200A}\u{2028}\u{202F}\u{205F}\u{2800}\u{3000}";

    #[test]
    fn what_looks_the_same_is_compared_as_the_same() {
        for unseen in UNSEEN.chars() {
            let name = format!("{unseen}The{unseen} Co{unseen}de{unseen}");
            assert_eq!(fold(&name), "the code", "{}", unseen.escape_unicode());
        }
        for blank in BLANKS.chars() {
            let name = format!("{blank}The{blank} {blank}Code{blank}");
            assert_eq!(fold(&name), "the code", "{}", blank.escape_unicode());
            assert_eq!(normal_form(&name), format!("The{blank} {blank}Code").nfc().collect::<String>());
        }
        // What stands between a letter and its accent keeps them apart for the eye as little.
        assert_eq!(fold("e\u{34F}\u{301}"), "é");
        for (one, other) in
            [("éclair", "ÉCLAIR"), ("Straße", "STRASSE"), ("Ωμέγα", "ΩΜΈΓΑ"), ("❤\u{FE0F}", "❤")]
        {
            assert_eq!(fold(one), fold(other));
        }
        for (one, other) in [("Alien", "Aliens"), ("Se7en", "Seven"), ("Ma", "Mä"), ("Toy Story", "ToyStory")]
        {
            assert_ne!(fold(one), fold(other));
        }
    }

    #[test]
    fn a_form_that_was_made_stays_as_it_is() {
        for character in
            ('\0'..=char::MAX).filter(|character| fold(&character.to_string()) != character.to_string())
        {
            let once = fold(&format!("a{character}b"));
            assert_eq!(fold(&once), once, "{}", character.escape_unicode());
        }
    }

    #[test]
    fn nothing_is_left_of_what_is_empty() {
        for text in ('\0'..=char::MAX).map(String::from).chain(["", UNSEEN, BLANKS].map(str::to_owned)) {
            assert_eq!(is_empty(&text), fold(&text).is_empty(), "{}", text.escape_unicode());
        }
        assert!(!is_empty(&format!("{UNSEEN}a{BLANKS}")));
    }

    /// A later Unicode, by whichever crate it comes, folds letters that were new to the one before.
    #[test]
    fn stored_keys_are_those_that_it_makes() {
        let mut digest = blake3::Hasher::new();
        for character in '\0'..=char::MAX {
            let name = format!("a{character}b");
            // Of a film, and of an account.
            for key in [fold(&name), fold(&name.nfkc().collect::<String>())] {
                digest.update(key.as_bytes()).update(b"\n");
            }
        }
        assert_eq!(
            digest.finalize().to_hex().as_str(),
            "72a0c549187258715019dca4e0ae2f49c06ab3a8218fa44ad3dd87d327bb8676",
            "names are folded otherwise than those whose keys are stored: give those new keys by a migration (see \
             `Keys` in `migration`), and only then put the new digest here"
        );
    }

    #[test]
    fn a_name_has_something_to_see() {
        for text in [
            "",
            "\u{301}",
            "\u{20DD}",
            "\u{301} \u{200B}",
            "\u{E000}",
            "\u{FFFC}\u{13441}\u{13442}",
            UNSEEN,
            BLANKS,
        ] {
            assert!(!is_visible(text), "{}", text.escape_unicode());
            assert!(text.chars().all(|character| !is_visible(&character.to_string())));
        }
        for text in [
            "!",
            "7",
            "$",
            "π",
            "é",
            "e\u{301}",
            "日",
            "שלום\u{200F}!",
            "🎬",
            "❤\u{FE0F}",
            "\u{600}1",
            "⠁",
            "\u{FFFD}",
            "\u{13440}\u{13080}",
        ] {
            assert!(is_visible(text), "{text}");
        }
    }

    #[test]
    fn a_name_is_of_one_script() {
        for text in [
            "",
            "._-",
            "42",
            "admin",
            "Zażółć",
            "админ",
            "שלום2",
            "日本のカナ",
            "한국語",
            "注音ㄅㄆ",
            "مرحبا١",
        ] {
            assert!(is_of_one_script(text), "{text}");
        }
        for text in ["\u{430}dmin", "admi\u{3BF}", "adm\u{456}n", "admin\u{661}", "日本a", "かなㄅ", "カ한"]
        {
            assert!(!is_of_one_script(text), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for moment in [0, 1, -1, 1_795_000_000_123] {
            assert_eq!(parse_moment(&moment_text(moment)), Some(moment));
        }
        assert_eq!(moment_text(1_795_000_000_123), "2026-11-18T11:06:40.123Z");
        assert_eq!(parse_moment("2026-11-18T12:06:40.123+01:00"), Some(1_795_000_000_123));
        for (written, text) in [
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"),
            ("9999-12-31T23:59:59.999-00:00", "9999-12-31T23:59:59.999Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("2024-02-29T23:59:59+23:59", "2024-02-29T00:00:59.000Z"),
        ] {
            assert_eq!(parse_moment(written).map(moment_text).as_deref(), Some(text));
        }
        // What is written finer than it is kept is cut, before 1970 too.
        assert_eq!(parse_moment("1969-12-31t23:59:59.99999999999999z"), Some(-1));
        assert_eq!(parse_moment("2016-12-31 23:59:60Z"), parse_moment("2016-12-31T23:59:59-00:00"));
        for none in [
            "",
            "yesterday",
            "2026-11-18",
            "2026-11-18T11:06:40",
            "2023-02-29T00:00:00Z",
            "20260101T000000Z",
            "2026-01-01T00Z",
            "2026-01-01T00:00Z",
            "2026-01-01T00:00:00+05",
            "2026-01-01T00:00:00+0530",
            "2026-01-01T00:00:00+05:30:15",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+23:60",
            "2026-01-01T00:00:00\u{2212}05:00",
            "+002026-01-01T00:00:00Z",
            "-2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00,5Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.+5Z",
            "2026-01-01T00:00:00Z[Europe/Paris]",
            "2026-01-01T00:00:00+01:00[Europe/Paris]",
            "9999-12-31T23:59:59.999-23:59",
            "0000-01-01T00:00:00+00:01",
        ] {
            assert_eq!(parse_moment(none), None, "{none}");
        }
        assert!(moment_text(i64::MAX).starts_with("9999-12-") && moment_text(i64::MIN).starts_with('-'));
    }
}
