//! A look at the bytes of JSON before its parser sees them: it recurses over nested values.

/// Brackets nest deeper than is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooDeep;

/// Scans JSON.
pub(super) fn check_json(bytes: &[u8], max_nesting: usize) -> Result<(), TooDeep> {
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

    fn step(&mut self, byte: u8) -> Result<(), TooDeep> {
        match byte {
            b'{' | b'[' | b'(' => {
                self.depth += 1;
                if self.depth > self.most {
                    return Err(TooDeep);
                }
            }
            b'}' | b']' | b')' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Ok(())
    }
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
