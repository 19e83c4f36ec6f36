//! Whether this machine knows what time it is: limits, tokens and the order of votes rest on it.

use std::time::UNIX_EPOCH;

use super::finding::Finding;
use crate::clock::{Clock, milliseconds};
use crate::config::SecretUrl;
use crate::service::database::{self, Database};
use crate::service::diagnosis;

const CHECK: &str = "clock";
const WHY: &str = "tokens are refused, sign-ins end at the wrong time, and votes and films carry wrong dates";
const CURE: &str =
    "let the machine keep its time by itself (chrony, systemd-timesyncd), then start filmgate again";
/// 2026-01-01 and 2100-01-01. Nobody runs this before it was written.
const PLAUSIBLE: std::ops::Range<i64> = 1_767_225_600_000..4_102_444_800_000;
/// Milliseconds. What a token may be off at the default `auth.jwt.leeway`.
const WRONG: i64 = 30_000;
/// Milliseconds. More than a slow answer explains.
const NOTABLE: i64 = 2_000;

pub(super) async fn examine(database: Option<&Database>, url: &SecretUrl, clock: &dyn Clock) -> Vec<Finding> {
    let now = clock.now_ms();
    if !PLAUSIBLE.contains(&now) {
        return vec![Finding::error(CHECK, "this machine believes to be in another age", WHY, CURE)];
    }
    let Some(database) = database else {
        let what = "the year is plausible; without the database there is nothing to compare with";
        return vec![Finding::ok(CHECK, what)];
    };
    vec![match diagnosis::database_time(database).await {
        // By its own clock the answer came somewhere between the two looks at ours.
        Ok(Some(theirs)) => beside("PostgreSQL", now, clock.now_ms(), theirs),
        Ok(None) => against_the_past(database, url, now).await,
        Err(fault) => {
            Finding::warning(CHECK, format!("the database does not tell the time: {fault}"), WHY, CURE)
        }
    }]
}

/// `theirs`: the time of another server, told between two looks at ours; all of them in milliseconds.
pub(super) fn beside(server: &str, before: i64, after: i64, theirs: i64) -> Finding {
    let off = if theirs < before { theirs - before } else { (theirs - after).max(0) };
    let what = format!("this machine and {server} differ by {} s", off.abs() / 1_000);
    match off.abs() {
        WRONG.. => Finding::error(CHECK, what, WHY, CURE),
        NOTABLE.. => Finding::warning(CHECK, what, WHY, CURE),
        _ => Finding::ok(CHECK, format!("this machine and {server} agree on the time")),
    }
}

/// SQLite has no clock of its own, but what was written before cannot be of the future.
async fn against_the_past(database: &Database, url: &SecretUrl, now: i64) -> Finding {
    let entry = match diagnosis::newest_entry(database).await {
        Ok(entry) => entry,
        Err(fault) => {
            let what = format!("the database does not tell its dates: {fault}");
            return Finding::warning(CHECK, what, WHY, CURE);
        }
    };
    let changed = database::file(url.expose())
        .and_then(|file| std::fs::metadata(file).ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok())
        .map(milliseconds);
    beside_the_past(now, entry, changed)
}

fn beside_the_past(now: i64, entry: Option<i64>, changed: Option<i64>) -> Finding {
    for (what, time) in
        [("the newest film or vote", entry), ("the last change of the database file", changed)]
    {
        if let Some(ahead) = time.map(|time| time - now).filter(|ahead| *ahead > WRONG) {
            let what = format!("{what} lies {} s in the future, by the clock of this machine", ahead / 1_000);
            return Finding::error(CHECK, what, WHY, CURE);
        }
    }
    Finding::ok(
        CHECK,
        "the year is plausible, and neither the newest film or vote nor the database file is of the future (SQLite has no clock to compare with)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Level;

    #[test]
    fn a_difference_to_postgresql_counts_beyond_what_the_answer_took() {
        const NOW: i64 = 1_795_392_000_000;
        for (took, theirs, level) in [
            (0, 0, Level::Ok),
            (5_000, 4_000, Level::Ok),
            (0, 1_999, Level::Ok),
            (0, 2_000, Level::Warning),
            (0, -2_000, Level::Warning),
            (0, 30_000, Level::Error),
            (0, -3_600_000, Level::Error),
            (100_000, 129_999, Level::Warning),
        ] {
            assert_eq!(beside("PostgreSQL", NOW, NOW + took, NOW + theirs).level, level, "{took} {theirs}");
        }
    }

    #[test]
    fn nothing_that_was_written_is_of_the_future() {
        for (entry, changed, level) in [
            (None, None, Level::Ok),
            (Some(0), Some(1_000), Level::Ok),
            (Some(1_000 + WRONG), None, Level::Ok),
            (Some(1_001 + WRONG), None, Level::Error),
            (None, Some(1_001 + WRONG), Level::Error),
        ] {
            assert_eq!(beside_the_past(1_000, entry, changed).level, level, "{entry:?} {changed:?}");
        }
    }
}
