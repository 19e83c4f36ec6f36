//! The guard before the parser of JSON.

use filmgate::graphql::readers::{Guarded, guard_json};

/// Levels that the parser surely withstands.
const SAFE: usize = 32;

/// Whatever the parser of JSON takes, it nests no deeper than the guard has seen.
pub(crate) fn holds(bytes: &[u8]) {
    fn depth(value: &serde_json::Value) -> usize {
        match value {
            serde_json::Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
            serde_json::Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
            _ => 0,
        }
    }
    if guard_json(bytes, SAFE) != Guarded::Passes {
        return;
    }
    let Ok(value) = serde_json::from_slice(bytes) else { return };
    let depth = depth(&value);
    if depth > 0 {
        assert_eq!(guard_json(bytes, depth - 1), Guarded::TooLarge, "{}", String::from_utf8_lossy(bytes));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(crate::promises::config())]

        #[test]
        fn anything_holds(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            holds(&bytes);
        }

        #[test]
        fn what_is_nearly_json_holds(text in "([\\[\\]{},:]|\"a\":|\"(\\\\\"|\\\\\\\\|[\\[{]|x)*\"|1|null| |\n){0,20}") {
            holds(text.as_bytes());
        }
    }

    /// A character costs no more behind a thousand others than behind ten.
    #[test]
    fn no_text_is_read_again_and_again() {
        for repeated in ["\"\"\"", "\"\\", "-", "1e", "{\"\"\""] {
            let text = repeated.repeat(1_000_000 / repeated.len());
            // Read again for each of its quotes, a megabyte would take hours.
            let _ = guard_json(text.as_bytes(), usize::MAX);
        }
    }
}
