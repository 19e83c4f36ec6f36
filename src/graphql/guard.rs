//! A look at the bytes of JSON before its parser sees them: it recurses over nested values.

/// Brackets nest deeper than is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooDeep;

/// Scans JSON.
pub(super) fn check_json(bytes: &[u8], max_nesting: usize) -> Result<(), TooDeep> {
    let (mut depth, mut place) = (0_usize, 0);
    while let Some(&byte) = bytes.get(place) {
        match byte {
            b'"' => {
                place += quoted_length(&bytes[place..]);
                continue;
            }
            b'{' | b'[' if depth == max_nesting => return Err(TooDeep),
            b'{' | b'[' => depth += 1,
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
        assert_eq!(check_json(b"{\"a\":[[[1]]]}", 3), Err(TooDeep));
        assert_eq!(check_json(b"{\"a\":\"[[[[[[\\\"[[[[\"}", 3), Ok(()));
    }
}
