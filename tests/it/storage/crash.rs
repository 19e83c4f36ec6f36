//! What was acknowledged is there after a kill -9, once. `make reliability` does the same more often.

use std::time::Duration;

use rstest::rstest;
use tempfile::TempDir;

use crate::support::{FILMS, Server, Store, Voters, Votes, count};

const VARIABLES: [(&str, &str); 2] = [("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "warn")];

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_vote_survives_a_kill(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let url = store.url(folder.path()).await;
    let variables = [VARIABLES[0], VARIABLES[1], ("FILMGATE_DATABASE_URL", url.as_str())];
    let mut votes = Votes::default();
    for round in 1..=3_u64 {
        let server = Server::start(folder.path(), &variables);
        let voters = Voters::start(&server.url, false);
        // Killed at another place of the work each time.
        tokio::time::sleep(Duration::from_millis(300 + 77 * round)).await;
        server.kill();
        votes += voters.stop().await;
    }
    let server = Server::start(folder.path(), &variables);
    let mut likes = 0;
    for film in 1..=FILMS {
        likes += server.film(film).await["likes"].as_u64().expect("a count");
    }
    assert_eq!(i64::try_from(likes).expect("few"), count(&url, "SELECT COUNT(*) FROM vote").await);
    assert!(votes.acknowledged > 100, "{votes:?}: this shows nothing");
    assert!((votes.acknowledged..=votes.sent).contains(&likes), "{votes:?}, and {likes} are there");
}
