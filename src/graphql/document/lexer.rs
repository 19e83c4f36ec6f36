//! Tokens of a document, as the specification has them.

use super::subject::names_secret;

/// One token, and where it stands, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Punctuator(u8),
    Spread,
    Name,
    Number,
    String,
    /// Nothing comes after it.
    End,
}

/// What is no token, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stray {
    pub at: usize,
    pub message: String,
}

type Result<T> = std::result::Result<T, Stray>;

fn stray<T>(at: usize, message: impl Into<String>) -> Result<T> {
    Err(Stray { at, message: message.into() })
}

/// Reads the token that begins at or after `place`.
///
/// # Errors
/// What is no token.
pub(super) fn token(text: &str, place: usize) -> Result<Token> {
    let bytes = text.as_bytes();
    let start = after_ignored(bytes, place);
    let (kind, end) = match bytes.get(start) {
        None => (Kind::End, start),
        Some(
            byte @ (b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}'),
        ) => (Kind::Punctuator(*byte), start + 1),
        Some(b'.') if bytes[start..].starts_with(b"...") => (Kind::Spread, start + 3),
        Some(b'"') if bytes[start..].starts_with(b"\"\"\"") => (Kind::String, block_string(bytes, start)?),
        Some(b'"') => (Kind::String, string(bytes, start)?),
        Some(b'-' | b'0'..=b'9') => (Kind::Number, number(bytes, start)?),
        Some(byte) if is_name_start(*byte) => {
            (Kind::Name, start + run(&bytes[start..], |byte| is_name_start(byte) || byte.is_ascii_digit()))
        }
        Some(_) => return stray(start, unknown(text, start)),
    };
    Ok(Token { kind, start, end })
}

/// Where white space, commas, byte order marks and comments end.
fn after_ignored(bytes: &[u8], mut place: usize) -> usize {
    loop {
        place += match bytes.get(place..).unwrap_or_default() {
            [b' ' | b'\t' | b'\n' | b'\r' | b',', ..] => 1,
            [0xEF, 0xBB, 0xBF, ..] => 3,
            [b'#', rest @ ..] => 1 + run(rest, |byte| !matches!(byte, b'\n' | b'\r')),
            _ => return place,
        }
    }
}

fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| belongs(**byte)).count()
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn unknown(text: &str, at: usize) -> String {
    if names_secret(text) {
        return "This character cannot stand here.".to_owned();
    }
    let code = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, u32::from);
    format!("The character U+{code:04X} cannot stand here.")
}

fn number(bytes: &[u8], start: usize) -> Result<usize> {
    let digits = |from: usize| match run(bytes.get(from..).unwrap_or_default(), |byte| byte.is_ascii_digit())
    {
        0 => stray(from, "A digit is missing here."),
        count => Ok(from + count),
    };
    let first = start + usize::from(bytes[start] == b'-');
    let mut end = digits(first)?;
    if bytes[first] == b'0' && end > first + 1 {
        return stray(first, "A number does not begin with 0 before another digit.");
    }
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        end = digits(end + 1 + sign)?;
    }
    match bytes.get(end) {
        Some(byte) if *byte == b'.' || is_name_start(*byte) => {
            stray(end, "A number does not end here: a blank is missing after it.")
        }
        _ => Ok(end),
    }
}

const UNCLOSED: &str = "This string is not closed.";
const ESCAPE: &str = "This escape is not one of GraphQL.";

fn string(bytes: &[u8], start: usize) -> Result<usize> {
    let mut place = start + 1;
    loop {
        match bytes.get(place) {
            Some(b'"') => return Ok(place + 1),
            Some(b'\\') => place = escape(bytes, place)?,
            Some(b'\n' | b'\r') | None => return stray(start, UNCLOSED),
            Some(_) => place += 1,
        }
    }
}

/// Where the escape ends whose backslash stands at `place`.
fn escape(bytes: &[u8], place: usize) -> Result<usize> {
    let (unit, end) = match bytes.get(place + 1..).unwrap_or_default() {
        [b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => return Ok(place + 2),
        [b'u', b'{', digits @ ..] => {
            let count = run(digits, |byte| byte.is_ascii_hexdigit());
            match digits.get(count) {
                Some(b'}') => (hexadecimal(&digits[..count]), place + count + 4),
                _ => (None, place),
            }
        }
        [b'u', ..] => match unit(bytes, place) {
            // Half a character; the other half must follow.
            Some(0xD800..=0xDBFF) if matches!(unit(bytes, place + 6), Some(0xDC00..=0xDFFF)) => {
                return Ok(place + 12);
            }
            unit => (unit, place + 6),
        },
        _ => (None, place),
    };
    match unit.and_then(char::from_u32) {
        Some(_) => Ok(end),
        None => stray(place, ESCAPE),
    }
}

/// What `\uXXXX` stands for.
fn unit(bytes: &[u8], place: usize) -> Option<u32> {
    bytes.get(place..place + 6)?.strip_prefix(b"\\u").and_then(hexadecimal)
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    let are_all = digits.iter().all(u8::is_ascii_hexdigit);
    std::str::from_utf8(digits)
        .ok()
        .filter(|_| are_all)
        .and_then(|digits| u32::from_str_radix(digits, 16).ok())
}

/// `\"""` does not close it.
fn block_string(bytes: &[u8], start: usize) -> Result<usize> {
    let mut place = start + 3;
    while let Some(rest) = bytes.get(place..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(b"\\\"\"\"") {
            place += 4;
        } else if rest.starts_with(b"\"\"\"") {
            return Ok(place + 3);
        } else {
            place += 1;
        }
    }
    stray(start, UNCLOSED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<&str>> {
        let (mut place, mut all) = (0, Vec::new());
        loop {
            let token = token(text, place)?;
            if token.kind == Kind::End {
                return Ok(all);
            }
            all.push(&text[token.start..token.end]);
            place = token.end;
        }
    }

    #[test]
    fn tokens_are_those_of_the_specification() {
        for (text, expected) in [
            ("...a...b", vec!["...", "a", "...", "b"]),
            ("1-1-0", vec!["1", "-1", "-0"]),
            ("-12.5E+2 0.5e-3,1e9", vec!["-12.5E+2", "0.5e-3", "1e9"]),
            ("$a:[b!]=\"x\"", vec!["$", "a", ":", "[", "b", "!", "]", "=", "\"x\""]),
            ("\u{feff}a#b\rc", vec!["a", "c"]),
            (
                "\"\" \"\"\"\"\"\" \"\"\"a\"\" \\\"\"\" \"\"\"",
                vec!["\"\"", "\"\"\"\"\"\"", "\"\"\"a\"\" \\\"\"\" \"\"\""],
            ),
            (
                r#""\uD83C\uDFAC\u{1F3AC}\u00e9\u{0000000041}""#,
                vec![r#""\uD83C\uDFAC\u{1F3AC}\u00e9\u{0000000041}""#],
            ),
        ] {
            assert_eq!(tokens(text).as_deref(), Ok(&expected[..]), "{text}");
        }
    }

    #[test]
    fn what_is_no_token_is_told_at_its_place() {
        for (text, at) in [
            ("a 01", 2),
            ("1.", 2),
            ("1.x", 2),
            ("1e", 2),
            ("1a", 1),
            ("0xF", 1),
            ("1.2.3", 3),
            ("-", 1),
            ("..", 0),
            ("a ?", 2),
            ("\0", 0),
            ("é", 0),
            ("a \"b", 2),
            ("\"b\n\"", 0),
            ("\"\"\"b", 0),
            (r#""\x""#, 1),
            (r#""\u12G4""#, 1),
            (r#""\uD83C""#, 1),
            (r#""\uDFAC\uD83C""#, 1),
            (r#""\u{D83C}""#, 1),
            (r#""\u{110000}""#, 1),
            (r#""\u{}""#, 1),
            (r#""\u{0000000000110000}""#, 1),
        ] {
            assert_eq!(tokens(text).map_err(|stray| stray.at), Err(at), "{text}");
        }
    }
}
