//! Text from outside, made harmless for a terminal and for who reads the log: cut, and everything escaped that could
//! look like something else.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use crate::service::text::is_plain;

/// Stands at the end of what is cut.
const CUT: &str = "...";

/// At most so many characters of a text, and nothing in it that is not what it looks like.
#[must_use]
pub fn plain(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest && (Form::Text.needs_no_quotes(text) || text.chars().all(is_plain)) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::new();
    // Writing to a string cannot fail.
    let _ = Plain::new(&mut plain, Form::Text, longest).write_str(text);
    Cow::Owned(plain)
}

/// How that is written which is not what it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `\u{1b}`, for people.
    Text,
    /// Within a string of JSON, which keeps its value.
    Json,
}

impl Form {
    /// Whether all of it is written as it is: nearly everything that is ever logged. Without a way out of the loop, so
    /// that many bytes are looked at together.
    pub(super) fn needs_no_quotes(self, text: &str) -> bool {
        let is_json = self == Self::Json;
        let is_special = |byte: u8| !matches!(byte, b' '..=b'~') | (is_json & matches!(byte, b'"' | b'\\'));
        !text.bytes().fold(false, |is_found, byte| is_found | is_special(byte))
    }
}

/// Writes a value at the end of a line, and nothing in it that is not what it looks like.
pub(super) struct Plain<'line> {
    line: &'line mut String,
    form: Form,
    /// Characters that may still come. `None`: it is cut.
    left: Option<usize>,
}

impl<'line> Plain<'line> {
    pub(super) fn new(line: &'line mut String, form: Form, longest: usize) -> Self {
        Self { line, form, left: Some(longest) }
    }
}

impl fmt::Write for Plain<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let Some(left) = &mut self.left else { return Ok(()) };
        if text.len() <= *left && self.form.needs_no_quotes(text) {
            *left -= text.len();
            self.line.push_str(text);
            return Ok(());
        }
        for character in text.chars() {
            if *left == 0 {
                self.line.push_str(CUT);
                self.left = None;
                break;
            }
            *left -= 1;
            match (self.form, character) {
                (Form::Json, '"' | '\\') => self.line.extend(['\\', character]),
                (_, character) if is_plain(character) => self.line.push(character),
                (Form::Text, character) => self.line.extend(character.escape_unicode()),
                // All that is not plain has four digits.
                (Form::Json, character) => write!(self.line, "\\u{:04x}", u32::from(character))?,
            }
        }
        Ok(())
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
    ("\u{2066}\u{202c}", "\\u{2066}\\u{202c}"),
    ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
    ("É \"日本\" \\ 🎬", "É \"日本\" \\ 🎬"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// As a value of JSON, written in parts as a formatter does.
    fn json(parts: &[&str], longest: usize) -> serde_json::Value {
        let mut line = "\"".to_owned();
        let mut plain = Plain::new(&mut line, Form::Json, longest);
        for part in parts {
            plain.write_str(part).expect("it cannot fail");
        }
        line.push('"');
        assert!(line.chars().all(is_plain), "{line:?}");
        serde_json::from_str(&line).expect("JSON")
    }

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
    fn every_character_that_is_not_plain_is_escaped_wherever_it_stands() {
        for character in (0..=0x2_ffff).filter_map(char::from_u32).filter(|character| !is_plain(*character)) {
            assert!(u32::from(character) <= 0xffff, "{character:?} has more than four digits");
            for place in 0..40 {
                let text = format!("{}{character}{}", "x".repeat(place), "x".repeat(39 - place));
                assert!(plain(&text, 200).chars().all(is_plain), "{text:?}");
                assert_eq!(json(&[&text], 200), text);
            }
        }
    }

    #[test]
    fn a_value_of_json_is_kept_and_shows_nothing_else() {
        for (nasty, _) in NASTY {
            assert_eq!(json(&[nasty], 200), nasty);
            assert_eq!(json(&["=", nasty, "=", nasty], 200), format!("={nasty}={nasty}"));
        }
    }

    #[test]
    fn a_value_of_json_is_cut_between_characters() {
        for character in ["x", "é", "\0", "\"", "\\", "\u{2028}", "🎬"] {
            for length in [19, 20, 21, 1_000] {
                let text = character.repeat(length);
                let wanted = if length <= 20 { text.clone() } else { character.repeat(20) + CUT };
                assert_eq!(json(&[&text], 20), wanted);
                assert_eq!(json(&[character].repeat(length), 20), wanted);
            }
        }
    }
}
