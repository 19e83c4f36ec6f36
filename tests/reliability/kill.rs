//! kill -9 of the server and of PostgreSQL, in the middle of votes and of imports.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::{Postgres, Server, Voters, Votes, count};
use crate::{block_on, promise};

const ROUNDS: u64 = 20;
/// Films of an import: enough for a kill to find it at work.
const FILMS: u64 = 40_000;

pub(crate) fn run() -> bool {
    block_on(async {
        let mut postgres = Postgres::start("on").expect("PostgreSQL");
        votes("SQLite, server killed", None, false).await
            & votes("PostgreSQL, server killed", Some(&mut postgres), false).await
            & votes("PostgreSQL, database killed", Some(&mut postgres), true).await
            & imports("SQLite, import killed", None, false).await
            & imports("PostgreSQL, import killed", Some(&mut postgres), false).await
            & imports("PostgreSQL, database killed during an import", Some(&mut postgres), true).await
    })
}

async fn new_url(folder: &Path, postgres: Option<&Postgres>) -> String {
    match postgres {
        Some(postgres) => postgres.database().await,
        None => format!("sqlite://{}", folder.join("films.db").display()),
    }
}

/// Another place of the work each time, and none that depends on luck.
fn moment(round: u64) -> Duration {
    Duration::from_millis(150 + round * 37 % 400)
}

async fn votes(what: &str, mut postgres: Option<&mut Postgres>, database: bool) -> bool {
    let folder = TempDir::new().expect("a folder");
    let url = new_url(folder.path(), postgres.as_deref()).await;
    let variables = [
        ("FILMGATE_LIMITS__ENABLED", "false"),
        ("FILMGATE_LOG__LEVEL", "error"),
        ("FILMGATE_DATABASE_URL", url.as_str()),
    ];
    let (mut seen, mut back) = (Votes::default(), true);
    let mut server = Server::start(folder.path(), &variables);
    for round in 0..ROUNDS {
        let voters = Voters::start(&server.url, database);
        tokio::time::sleep(moment(round)).await;
        match &mut postgres {
            Some(postgres) if database => {
                postgres.kill();
                tokio::time::sleep(Duration::from_millis(300)).await;
                postgres.restart().await;
                let before = voters.votes().acknowledged;
                for _ in 0..500 {
                    if voters.votes().acknowledged > before {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                back &= voters.votes().acknowledged > before;
                seen += voters.stop().await;
            }
            _ => {
                server.kill();
                seen += voters.stop().await;
                server = Server::start(folder.path(), &variables);
            }
        }
    }
    let entries = count(&url, "SELECT COUNT(*) FROM vote").await;
    let likes = count(&url, "SELECT CAST(SUM(likes + dislikes) AS bigint) FROM film").await;
    let kept = u64::try_from(entries).unwrap_or_default();
    drop(server);
    println!(
        "  {what} {ROUNDS} times: {} votes sent, {} acknowledged, {kept} on disk",
        seen.sent, seen.acknowledged
    );
    promise(
        "nothing acknowledged is lost, nothing is counted twice",
        entries == likes && (seen.acknowledged..=seen.sent).contains(&kept) && seen.acknowledged > 1_000,
    ) & promise("each time votes pass again within 5 s of the return", back)
}

/// However often an import is killed, running it again ends where one clean run ends.
async fn imports(what: &str, mut postgres: Option<&mut Postgres>, database: bool) -> bool {
    let folder = TempDir::new().expect("a folder");
    let mut films = String::new();
    for film in 0..FILMS {
        let _ = writeln!(
            films,
            "{{\"name\":\"Film {film}\",\"studio\":\"Studio {}\",\"genres\":[\"Drama\"]}}",
            film % 97
        );
    }
    std::fs::write(folder.path().join("films.ndjson"), films).expect("a file");
    let clean = new_url(&folder.path().join(""), postgres.as_deref()).await;
    let clean = if postgres.is_some() { clean } else { clean.replace("films.db", "clean.db") };
    let import = |url: &str| {
        let mut command = Server::command(folder.path());
        command
            .args(["import", "films.ndjson", "--database-url", url])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    };
    let export = |url: &str| {
        let output =
            Server::output(folder.path(), &["export", "--format", "ndjson", "--database-url", url], &[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("text");
        // Ids aside: PostgreSQL does not take back those of a transaction that failed.
        text.lines()
            .filter_map(|line| line.split_once(','))
            .map(|(_, film)| film.to_owned())
            .collect::<Vec<_>>()
    };
    assert!(import(&clean).status().expect("an import").success());

    let url = new_url(folder.path(), postgres.as_deref()).await;
    let mut interrupted = 0;
    for round in 0..ROUNDS {
        let mut child = import(&url).spawn().expect("an import");
        tokio::time::sleep(moment(round)).await;
        if let (Some(postgres), true) = (&mut postgres, database) {
            postgres.kill();
            let output = child.wait_with_output().expect("an end");
            interrupted += u64::from(!output.status.success());
            postgres.restart().await;
        } else {
            interrupted += u64::from(child.try_wait().expect("a process").is_none());
            child.kill().expect("a process");
            child.wait().expect("an end");
        }
    }
    let partly = count(&url, "SELECT COUNT(*) FROM film").await;
    let last = import(&url).output().expect("an import");
    let (ours, clean) = (export(&url), export(&clean));
    let same = ours == clean && clean.len() > 40_000;
    println!(
        "  {what} {ROUNDS} times, {interrupted} of them at work, {partly} films there then; once more: {}",
        String::from_utf8_lossy(&last.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
    );
    promise("run again, it ends as one clean run does", last.status.success() && same)
}
