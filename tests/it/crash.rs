//! What was acknowledged is there after a kill -9, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::support::Server;

const VARIABLES: [(&str, &str); 2] = [("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "warn")];
const FILMS: u64 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_vote_survives_a_kill() {
    let folder = TempDir::new().expect("a folder");
    let acknowledged = Arc::new(AtomicU64::new(0));
    let mut sent = 0;
    for round in 1..=3_u64 {
        let server = Server::start(folder.path(), &VARIABLES);
        let attempts = Arc::new(AtomicU64::new(0));
        let mut voters = JoinSet::new();
        for voter in 0..16_u64 {
            let (url, acknowledged, attempts) =
                (server.url.clone(), Arc::clone(&acknowledged), Arc::clone(&attempts));
            voters.spawn(async move {
                let client = reqwest::Client::new();
                let film = voter % FILMS + 1;
                loop {
                    attempts.fetch_add(1, Ordering::SeqCst);
                    match client.post(format!("{url}/v1/films/{film}/like")).send().await {
                        Ok(answer) if answer.status() == 200 => acknowledged.fetch_add(1, Ordering::SeqCst),
                        _ => return,
                    };
                }
            });
        }
        // Killed at another place of the work each time.
        tokio::time::sleep(Duration::from_millis(300 + 77 * round)).await;
        server.kill();
        voters.join_all().await;
        sent += attempts.load(Ordering::SeqCst);
    }
    let server = Server::start(folder.path(), &VARIABLES);
    let mut likes = 0;
    for film in 1..=FILMS {
        let film = server.film(film).await;
        likes += film["likes"].as_u64().expect("a count");
    }
    let database =
        sqlx::SqlitePool::connect(&format!("sqlite://{}", folder.path().join("filmgate.db").display()))
            .await
            .expect("the database");
    let entries: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM vote").fetch_one(&database).await.expect("a count");
    let acknowledged = acknowledged.load(Ordering::SeqCst);
    assert_eq!(i64::try_from(likes).expect("few"), entries, "counts are entries");
    assert!(acknowledged > 100, "only {acknowledged} votes: this shows nothing");
    assert!(likes >= acknowledged, "{acknowledged} were acknowledged, {likes} are there");
    assert!(likes <= sent, "{sent} were sent, {likes} are there");
}
