//! Text from outside, made harmless for a terminal and for who reads the log: cut, and everything escaped that could
//! look like something else.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::service::text::is_plain;

/// Stands at the end of what is cut.
const CUT: &str = "...";

/// At most so many characters of a text, and nothing in it that is not what it looks like.
#[must_use]
pub fn plain(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest && text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::new();
    for (place, character) in text.chars().enumerate() {
        if place == longest {
            plain.push_str(CUT);
            break;
        }
        if is_plain(character) {
            plain.push(character);
        } else {
            plain.extend(character.escape_unicode());
        }
    }
    Cow::Owned(plain)
}

/// The same for a line of JSON: each string in it is cut, and escaped as JSON escapes, so that it keeps its value.
pub(super) fn plain_json(line: &str, longest: usize) -> Cow<'_, str> {
    // JSON has escaped what is not plain in ASCII, but for DEL.
    if line.len() <= longest && line.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(line);
    }
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        plain.push(character);
        if character == '"' {
            push_string(&mut plain, &mut characters, longest);
        }
    }
    Cow::Owned(plain)
}

/// The rest of a string, up to its closing quote.
fn push_string(plain: &mut String, characters: &mut impl Iterator<Item = char>, longest: usize) {
    let mut length = 0;
    // One character as JSON writes it.
    let mut one = String::new();
    while let Some(character) = characters.next() {
        one.clear();
        match character {
            '"' => {
                if length > longest {
                    plain.push_str(CUT);
                }
                plain.push('"');
                return;
            }
            '\\' => {
                one.push(character);
                let escaped = characters.next();
                one.extend(escaped);
                if escaped == Some('u') {
                    one.extend(characters.by_ref().take(4));
                }
            }
            character if is_plain(character) => one.push(character),
            // Writing to a string cannot fail, and all that is not plain has four digits.
            character => drop(write!(one, "\\u{:04x}", u32::from(character))),
        }
        length += 1;
        if length <= longest {
            plain.push_str(&one);
        }
    }
}

/// What somebody could send to make a line look like another one.
#[cfg(test)]
pub(super) const NASTY: [(&str, &str); 9] = [
    ("\u{1b}[31mred", "\\u{1b}[31mred"),
    ("\u{9b}31m", "\\u{9b}31m"),
    ("a\r\nb", "a\\u{d}\\u{a}b"),
    ("a\0b", "a\\u{0}b"),
    ("\u{7f}\u{8}", "\\u{7f}\\u{8}"),
    ("a\u{202e}b", "a\\u{202e}b"),
    ("\u{2066}\u{61c}", "\\u{2066}\\u{61c}"),
    ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
    ("É \"日本\" \\ 🎬", "É \"日本\" \\ 🎬"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_cut_and_escaped() {
        for (nasty, harmless) in NASTY {
            assert_eq!(plain(nasty, 200), harmless);
            assert_eq!(plain(harmless, 200), harmless, "once is enough");
        }
        assert_eq!(plain(&"é".repeat(1_000), 200), format!("{}...", "é".repeat(200)));
        assert_eq!(plain(&"é".repeat(200), 200), "é".repeat(200));
    }

    #[test]
    fn a_line_of_json_keeps_its_values_and_shows_nothing_else() {
        for (nasty, _) in NASTY {
            let line = serde_json::json!({ nasty: [nasty, 1, {"a": nasty}] }).to_string() + "\n";
            let plain = plain_json(&line, 200);
            assert!(plain.trim_end().chars().all(is_plain), "{plain:?}");
            let (before, after): (serde_json::Value, serde_json::Value) =
                (serde_json::from_str(&line).expect("JSON"), serde_json::from_str(&plain).expect("JSON"));
            assert_eq!(before, after, "{nasty:?}");
        }
        // Lone surrogates cannot be in a string of Rust, but they can be in its JSON.
        assert_eq!(plain_json("\"\\ud800é\"", 200), "\"\\ud800é\"");
    }

    #[test]
    fn a_line_of_json_is_cut_string_by_string() {
        for character in ["x", "é", "\0", "\"", "\\", "\u{2028}", "🎬"] {
            for length in [19, 20, 21, 1_000] {
                let text = character.repeat(length);
                let line = serde_json::json!({"a": text, "b": [text, 2.5], "c": "é"}).to_string();
                let cut: serde_json::Value = serde_json::from_str(&plain_json(&line, 20)).expect("JSON");
                let whole = length <= 20;
                let wanted = if whole { text } else { character.repeat(20) + CUT };
                assert_eq!(cut, serde_json::json!({"a": wanted, "b": [wanted, 2.5], "c": "é"}));
            }
        }
    }
}
