//! A look at the bytes before any parser sees them.
//!
//! async-graphql's parser and validator recurse over nested values: from about 1,600 levels, in 3 kB, they overflow
//! the stack, which ends the whole process. Nothing that nests deeper than the limit gets that far.

/// What is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TooMuch {
    Nesting,
    Tokens,
}

/// Scans a document by the lexical grammar of GraphQL, so that brackets in strings and comments do not count.
pub(super) fn check_document(document: &str, max_nesting: usize, max_tokens: usize) -> Result<(), TooMuch> {
    let bytes = document.as_bytes();
    let mut nesting = Nesting::new(max_nesting);
    let (mut place, mut tokens) = (0, 0);
    while let Some(&byte) = bytes.get(place) {
        let length = match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => {
                place += 1;
                continue;
            }
            b'#' => {
                place += bytes[place..].iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count();
                continue;
            }
            b'"' => string_length(&bytes[place..]),
            byte if is_word(byte) => bytes[place..].iter().take_while(|byte| is_word(**byte)).count(),
            byte => {
                nesting.step(byte)?;
                1
            }
        };
        place += length;
        tokens += 1;
        if tokens > max_tokens {
            return Err(TooMuch::Tokens);
        }
    }
    Ok(())
}

/// Scans JSON.
pub(super) fn check_json(bytes: &[u8], max_nesting: usize) -> Result<(), TooMuch> {
    let mut nesting = Nesting::new(max_nesting);
    let mut place = 0;
    while let Some(&byte) = bytes.get(place) {
        if byte == b'"' {
            place += quoted_length(&bytes[place..]);
        } else {
            nesting.step(byte)?;
            place += 1;
        }
    }
    Ok(())
}

struct Nesting {
    depth: usize,
    most: usize,
}

impl Nesting {
    fn new(most: usize) -> Self {
        Self { depth: 0, most }
    }

    fn step(&mut self, byte: u8) -> Result<(), TooMuch> {
        match byte {
            b'{' | b'[' | b'(' => {
                self.depth += 1;
                if self.depth > self.most {
                    return Err(TooMuch::Nesting);
                }
            }
            b'}' | b']' | b')' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Ok(())
    }
}

/// Names and numbers. Bytes above ASCII stand outside strings only where the parser refuses them.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.') || byte >= 0x80
}

fn string_length(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\"\"\"") { block_string_length(bytes) } else { quoted_length(bytes) }
}

/// A string that starts here, its quotes included. One that the line ends before it closes ends there: the parser
/// refuses it, and what follows must still be counted.
fn quoted_length(bytes: &[u8]) -> usize {
    let mut place = 1;
    while let Some(byte) = bytes.get(place) {
        match byte {
            b'\\' => place += 2,
            b'"' => return place + 1,
            b'\n' | b'\r' => return place,
            _ => place += 1,
        }
    }
    bytes.len()
}

/// A block string that starts here; `\"""` does not end it.
fn block_string_length(bytes: &[u8]) -> usize {
    let mut place = 3;
    while place < bytes.len() {
        if bytes[place..].starts_with(b"\\\"\"\"") {
            place += 4;
        } else if bytes[place..].starts_with(b"\"\"\"") {
            return place + 3;
        } else {
            place += 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Result<(), TooMuch> {
        check_document(text, 3, 12)
    }

    #[test]
    fn the_limit_passes_and_one_more_is_refused() {
        assert_eq!(document("{a(b:[1]) }"), Ok(()));
        assert_eq!(document("{a(b:[[1]])}"), Err(TooMuch::Nesting));
        assert_eq!(document("{{{{"), Err(TooMuch::Nesting));
        assert_eq!(document("a b c d e f g h i j k l"), Ok(()));
        assert_eq!(document("a b c d e f g h i j k l m"), Err(TooMuch::Tokens));
        assert_eq!(document("{}{}{}{}{}{}"), Ok(()));
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        for text in [
            "{a(b:\"[[[[[\")}",
            "{a(b:\"\\\"[[[[[\")}",
            "{a(b:\"\"\"[[[[ \" \"\" \\\"\"\" [[[[\"\"\")}",
            "{a} # [[[[[[",
            "{a(b:\"\")} # ",
        ] {
            assert_eq!(document(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_string_that_does_not_close_hides_nothing_of_the_next_line() {
        assert_eq!(document("\"\n[[[["), Err(TooMuch::Nesting));
        assert_eq!(document("# x\r[[[["), Err(TooMuch::Nesting));
    }

    #[test]
    fn json_is_scanned_by_its_own_strings() {
        assert_eq!(check_json(b"{\"a\":[[1]]}", 3), Ok(()));
        assert_eq!(check_json(b"{\"a\":[[[1]]]}", 3), Err(TooMuch::Nesting));
        assert_eq!(check_json(b"{\"a\":\"[[[[[[\\\"[[[[\"}", 3), Ok(()));
    }
}
