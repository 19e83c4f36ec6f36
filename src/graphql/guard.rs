//! A look at the bytes before any parser sees them.
//!
//! async-graphql's parser and validator recurse over nested values: from about 1,600 levels, in 3 kB, they overflow
//! the stack, which ends the whole process. Nothing that nests deeper than the limit gets that far.

/// What is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooMuch {
    Nesting,
    Tokens,
}

/// Scans a document exactly as async-graphql's grammar reads it: brackets in strings and comments do not count, and
/// nothing that the parser would read as a bracket or a token is taken for part of something else.
pub fn check_document(document: &str, max_nesting: usize, max_tokens: usize) -> Result<(), TooMuch> {
    let mut nesting = Nesting::new(max_nesting);
    let mut rest = document.as_bytes();
    let mut tokens = 0;
    let mut blocks_close = true;
    while let Some(&byte) = rest.first() {
        let ignored = ignored_length(rest);
        if ignored > 0 {
            rest = &rest[ignored..];
            continue;
        }
        nesting.step(byte)?;
        rest = &rest[token_length(rest, &mut blocks_close)..];
        tokens += 1;
        if tokens > max_tokens {
            return Err(TooMuch::Tokens);
        }
    }
    Ok(())
}

/// White space, commas, byte order marks and comments.
fn ignored_length(bytes: &[u8]) -> usize {
    match bytes {
        [b' ' | b'\t' | b'\n' | b'\r' | b',', ..] => 1,
        [0xEF, 0xBB, 0xBF, ..] => 3,
        [b'#', ..] => run(bytes, |byte| !matches!(byte, b'\n' | b'\r')),
        _ => 0,
    }
}

/// At least 1. `blocks_close`: whether a block string may still close somewhere in the document.
fn token_length(bytes: &[u8], blocks_close: &mut bool) -> usize {
    match bytes {
        [b'"', ..] => string_length(bytes, blocks_close),
        [b'.', b'.', b'.', ..] => 3,
        [b'-', b'0'..=b'9', ..] => 1 + number_length(&bytes[1..]),
        [b'0'..=b'9', ..] => number_length(bytes),
        // The grammar ends these words wherever they end: it reads `nullnull` as two values.
        [b't', b'r', b'u', b'e', ..] | [b'n', b'u', b'l', b'l', ..] => 4,
        [b'f', b'a', b'l', b's', b'e', ..] => 5,
        [first, ..] if is_name(*first) => run(bytes, is_name),
        _ => 1,
    }
}

/// `0` ends a number unless a fraction or an exponent follows: the grammar reads `000` as three of them.
fn number_length(bytes: &[u8]) -> usize {
    let mut length = if bytes.starts_with(b"0") { 1 } else { run(bytes, |byte| byte.is_ascii_digit()) };
    let fraction =
        bytes[length..].strip_prefix(b".").map_or(0, |digits| run(digits, |byte| byte.is_ascii_digit()));
    if fraction > 0 {
        length += 1 + fraction;
    }
    if let [b'e' | b'E', exponent @ ..] = &bytes[length..] {
        let sign = usize::from(matches!(exponent, [b'+' | b'-', ..]));
        let digits = run(&exponent[sign..], |byte| byte.is_ascii_digit());
        if digits > 0 {
            length += 1 + sign + digits;
        }
    }
    length
}

fn run(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| belongs(**byte)).count()
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
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

/// A block string if it closes; otherwise the grammar reads its first two quotes as an empty string. Where one does not
/// close, no later one does: looking for its end each time anew would read a large document thousands of times.
fn string_length(bytes: &[u8], blocks_close: &mut bool) -> usize {
    if *blocks_close && let Some(block) = bytes.strip_prefix(b"\"\"\"") {
        match block_string_length(block) {
            Some(length) => return length + 3,
            None => *blocks_close = false,
        }
    }
    quoted_length(bytes)
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

/// The rest of a block string after its opening quotes, closing quotes included; `\"""` does not close it.
fn block_string_length(bytes: &[u8]) -> Option<usize> {
    let mut place = 0;
    while place < bytes.len() {
        if bytes[place..].starts_with(b"\\\"\"\"") {
            place += 4;
        } else if bytes[place..].starts_with(b"\"\"\"") {
            return Some(place + 3);
        } else {
            place += 1;
        }
    }
    None
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
    fn a_block_string_that_does_not_close_hides_nothing() {
        assert_eq!(document("{a(b:[\"\"\" x\" [[["), Err(TooMuch::Nesting));
        assert_eq!(document("{a(b:\"\"\" x [[["), Ok(()), "one string that the parser refuses");
        assert_eq!(document("\"\"\"\"\"\"[[[["), Err(TooMuch::Nesting), "an empty block string");
    }

    #[test]
    fn tokens_are_counted_as_the_grammar_reads_them() {
        let count =
            |text: &str| (0..99).find(|most| check_document(text, 9, *most).is_ok()).expect("a count");
        for (text, tokens) in [
            ("...a...b", 4),
            ("1-1-1", 3),
            ("000", 3),
            ("nulltruefalse", 3),
            ("0.5e-3", 1),
            ("1.e", 3),
            ("a\u{feff}b", 2),
            ("a1 -12.5E+2", 2),
            ("$a:[b!]=\"x\"", 9),
        ] {
            assert_eq!(count(text), tokens, "{text}");
        }
    }

    /// The depth of the deepest value in the first argument of the first field.
    fn parsed_depth(document: &async_graphql::parser::types::ExecutableDocument) -> usize {
        use async_graphql::parser::types::Selection;
        use async_graphql_value::Value;
        fn depth(value: &Value) -> usize {
            match value {
                Value::List(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
                Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
                _ => 0,
            }
        }
        let (_, operation) = document.operations.iter().next().expect("an operation");
        match &operation.node.selection_set.node.items[0].node {
            Selection::Field(field) => {
                field.node.arguments.iter().map(|(_, value)| depth(&value.node)).max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// Whatever the parser accepts, it nests no deeper than the guard has seen.
    #[test]
    fn the_parser_never_sees_more_than_the_guard() {
        use rand::rngs::StdRng;
        use rand::{RngExt as _, SeedableRng as _};
        const PIECES: [&str; 20] = [
            "\"", "\"\"", "\"\"\"", "\\", "\\\"\"\"", "#", "\n", "\r", "[", "]", "[[", "]]", "{a:", "}", "1",
            "-0", "x", " ", "\u{feff}", "...",
        ];
        let mut random = StdRng::seed_from_u64(1);
        let mut accepted = 0;
        for _ in 0..200_000 {
            let length = random.random_range(0..12);
            let soup: String = (0..length).map(|_| PIECES[random.random_range(0..PIECES.len())]).collect();
            let document = format!("{{f(a:[{soup}])}}");
            if let Ok(parsed) = async_graphql::parser::parse_query(&document) {
                accepted += 1;
                // The braces and the parenthesis of the field are two levels more.
                let depth = parsed_depth(&parsed) + 2;
                assert_eq!(check_document(&document, depth - 1, 1_000), Err(TooMuch::Nesting), "{document}");
            }
        }
        assert!(accepted > 5_000, "{accepted}");
    }

    #[test]
    fn json_is_scanned_by_its_own_strings() {
        assert_eq!(check_json(b"{\"a\":[[1]]}", 3), Ok(()));
        assert_eq!(check_json(b"{\"a\":[[[1]]]}", 3), Err(TooMuch::Nesting));
        assert_eq!(check_json(b"{\"a\":\"[[[[[[\\\"[[[[\"}", 3), Ok(()));
    }
}
