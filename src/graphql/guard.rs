//! A look at the bytes of JSON before its parser sees them: it recurses over nested values.

/// Lists and objects of a request: each is memory of its own, and no input has half as many.
pub(super) const MOST_BRACKETS: usize = 4_000;

/// What is wrong with brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brackets {
    TooDeep,
    TooMany,
}

/// Scans JSON.
pub(super) fn check_json(bytes: &[u8], max_nesting: usize) -> Result<(), Brackets> {
    let (mut depth, mut count, mut place) = (0_usize, 0, 0);
    while let Some(&byte) = bytes.get(place) {
        match byte {
            b'"' => {
                place += quoted_length(&bytes[place..]);
                continue;
            }
            b'{' | b'[' if depth == max_nesting => return Err(Brackets::TooDeep),
            b'{' | b'[' if count == MOST_BRACKETS => return Err(Brackets::TooMany),
            b'{' | b'[' => (depth, count) = (depth + 1, count + 1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        place += 1;
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_scanned_by_its_own_strings() {
        assert_eq!(check_json(b"{\"a\":[[1]]}", 3), Ok(()));
        assert_eq!(check_json(b"{\"a\":[[[1]]]}", 3), Err(Brackets::TooDeep));
        assert_eq!(check_json(b"{\"a\":\"[[[[[[\\\"[[[[\"}", 3), Ok(()));
        let many = |count: usize| check_json(format!("[{}", "{},".repeat(count - 1)).as_bytes(), 3);
        assert_eq!((many(MOST_BRACKETS), many(MOST_BRACKETS + 1)), (Ok(()), Err(Brackets::TooMany)));
    }
}
