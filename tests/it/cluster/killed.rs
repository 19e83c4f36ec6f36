//! One of three servers is killed amid votes. `make reliability` does so with PostgreSQL and Redis too, and more often.

use std::time::Duration;

use tempfile::TempDir;

use crate::support::{Cluster, Postgres, Signed, Voters, Votes, count, keys_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_loses_no_vote_and_doubles_none() {
    let Some(postgres) = Postgres::shared() else { return };
    let database = postgres.database().await;
    let variables = [("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "error")];
    let mut cluster = Cluster::start(&database, "memory://", &variables);
    let folder = TempDir::new().expect("a folder");
    let urls = cluster.urls();
    let signed = Signed::start(&urls, &keys_of(2, folder.path(), &database));
    let voters = urls.each_ref().map(|url| Voters::start(url, true));
    for number in 0..3 {
        // Another moment of its work each time.
        tokio::time::sleep(Duration::from_millis(200 + 70 * number)).await;
        let number = usize::try_from(number).expect("few");
        cluster.servers[number].kill_now();
        tokio::task::block_in_place(|| cluster.start_again(number, &Cluster::program()));
        let voted = voters[number].votes().acknowledged;
        for _ in 0..500 {
            if voters[number].votes().acknowledged > voted {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(voters[number].votes().acknowledged > voted, "it takes no votes again");
    }
    let mut seen = Votes::default();
    for voters in voters {
        seen += voters.stop().await;
    }
    let exact = signed.stop().await;
    let ask = async |sql: &str| u64::try_from(count(&database, sql).await).expect("a count");
    let anonymous = ask("SELECT COUNT(*) FROM vote WHERE voter IS NULL").await;
    assert!((seen.acknowledged..=seen.sent).contains(&anonymous), "{seen:?}, and {anonymous} on disk");
    assert_eq!(ask("SELECT COUNT(*) FROM vote WHERE voter IS NOT NULL").await, exact);
    assert_eq!(ask("SELECT COUNT(DISTINCT (voter, film_id)) FROM vote WHERE voter IS NOT NULL").await, exact);
    let counted = ask("SELECT CAST(SUM(likes + dislikes) AS bigint) FROM film").await;
    assert_eq!(counted, anonymous + exact);
    assert!(exact > 0 && anonymous > 0);
}
