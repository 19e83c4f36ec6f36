//! What libraries may say, whatever level is asked for.

use tracing::{Level, Metadata};

/// The most talkative level of what is not ours. Below it, libraries write down what passes through them: header fields,
/// frames, messages of a socket, statements; and with them passwords, tokens and keys.
const MOST: Level = Level::INFO;

/// Whether a line may be written. Ours have no secrets at any level, which a test holds.
pub(super) fn may_say(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= MOST || is_ours(metadata.target())
}

fn is_ours(target: &str) -> bool {
    target == "filmgate" || target.starts_with("filmgate::")
}
