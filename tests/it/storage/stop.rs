//! What a stop leaves, and the way of a database into a backup and back.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::time::Duration;

use filmgate::clock::Clock as _;
use sqlx::{Connection as _, SqliteConnection};
use tempfile::TempDir;

use crate::support::{Postgres, Server, Told, Voters, count};

const LONG: Duration = Duration::from_secs(20);
const URL: &str = "sqlite://filmgate.db";
const VARIABLES: [(&str, &str); 2] = [("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "warn")];

/// The file in the folder, alone: nothing of it is elsewhere.
#[track_caller]
fn is_whole(folder: &Path) {
    for ending in ["-wal", "-shm", "-journal"] {
        let beside = folder.join(format!("filmgate.db{ending}"));
        assert!(!beside.exists(), "{} stayed", beside.display());
    }
}

async fn votes(folder: &Path, file: &str) -> i64 {
    count(&format!("sqlite://{}", folder.join(file).display()), "SELECT COUNT(*) FROM vote").await
}

async fn like(server: &Server) -> u16 {
    reqwest::get(format!("{}/?like=1", server.url)).await.expect("an answer").status().as_u16()
}

fn restore(folder: &Path) -> Told {
    Told::by(folder, URL, &["restore", "backup.db"])
}

/// Votes come until the end, the stop is a clean one, and the file alone has all of them.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_stop_the_one_file_has_everything() {
    for signal in ["TERM", "INT"] {
        let folder = TempDir::new().expect("a folder");
        let mut server = Server::start(folder.path(), &VARIABLES);
        let voters = Voters::start(&server.url, false);
        tokio::time::sleep(Duration::from_millis(500)).await;
        server.signal(signal);
        let votes_sent = voters.stop().await;
        assert_eq!(server.wait(LONG), Some(0), "{signal}");
        is_whole(folder.path());
        let copy = folder.path().join("copy.db");
        fs::copy(folder.path().join("filmgate.db"), &copy).expect("a copy");
        let there = u64::try_from(votes(folder.path(), "copy.db").await).expect("a count");
        assert!(votes_sent.acknowledged > 10, "{votes_sent:?}: this shows nothing");
        assert!((votes_sent.acknowledged..=votes_sent.sent).contains(&there), "{votes_sent:?}, and {there}");
    }
}

/// Neither does a command leave a log, nor a start that is refused or broken off.
#[tokio::test(flavor = "multi_thread")]
async fn commands_leave_one_file_too() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("films.ndjson"), r#"{"name": "Added", "studio": "S"}"#).expect("a file");
    for arguments in [
        &["migrate", "up"][..],
        &["import", "films.ndjson"],
        &["import", "--dry-run", "films.ndjson"],
        &["export"],
        &["film", "list"],
        &["film", "show", "1"],
        &["film", "show", "999999"],
        &["film", "remove", "1", "--yes"],
        &["account", "list"],
        &["account", "role", "nobody", "editor"],
        &["audit", "list"],
        &["doctor"],
        &["migrate", "status"],
    ] {
        let told = Told::by(folder.path(), URL, arguments);
        assert_ne!(told.code, Some(2), "{arguments:?}: {}", told.errors);
        assert!(folder.path().join("filmgate.db").exists());
        is_whole(folder.path());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_is_its_users_alone() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &VARIABLES);
    assert_eq!(like(&server).await, 200);
    for name in ["filmgate.db", "filmgate.db-wal", "filmgate.db-shm"] {
        let mode = fs::metadata(folder.path().join(name)).expect(name).mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
    let doctor = || Told::by(folder.path(), URL, &["doctor"]).output;
    assert!(!doctor().contains("chmod"), "{}", doctor());
    fs::set_permissions(folder.path().join("filmgate.db"), Permissions::from_mode(0o640)).expect("rights");
    assert!(doctor().contains("(mode 640)") && doctor().contains("chmod 600 filmgate.db"), "{}", doctor());
}

/// The whole way: a backup while votes come, a server that is killed, and the way back over what it left.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_server_at_work_is_restored_over_one_that_was_killed() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &VARIABLES);
    let voters = Voters::start(&server.url, true);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = voters.votes().acknowledged;
    Told::by(folder.path(), URL, &["backup", "backup.db"]).done();
    let sent = voters.stop().await;
    let saved = votes(folder.path(), "backup.db").await;
    assert!((i64::try_from(before).expect("few")..).contains(&saved), "{before}, and {saved} are saved");
    assert_eq!(fs::metadata(folder.path().join("backup.db")).expect("a file").mode() & 0o777, 0o600);
    // Nothing is written over.
    Told::by(folder.path(), URL, &["backup", "backup.db"]).failed(1, &["backup.db", "there already"]);
    restore(folder.path()).failed(1, &["filmgate.db", "in use", "stop the server"]);
    assert_eq!(like(&server).await, 200, "the server goes on");
    server.kill();
    assert!(folder.path().join("filmgate.db-wal").exists(), "this shows nothing");
    assert!(restore(folder.path()).done().contains("filmgate.db.replaced-1"));
    is_whole(folder.path());
    assert_eq!(fs::metadata(folder.path().join("filmgate.db")).expect("a file").mode() & 0o777, 0o600);
    let mut server = Server::start(folder.path(), &VARIABLES);
    assert_eq!(like(&server).await, 200);
    server.signal("INT");
    assert_eq!(server.wait(LONG), Some(0));
    assert_eq!(votes(folder.path(), "filmgate.db").await, saved + 1);
    // What was there before is whole, with its log.
    let kept = u64::try_from(votes(folder.path(), "filmgate.db.replaced-1").await).expect("a count");
    assert!((sent.acknowledged + 1..=sent.sent + 1).contains(&kept), "{sent:?}, and {kept} are kept");
    // And can be had back, as can what was restored in between.
    fs::rename(folder.path().join("filmgate.db.replaced-1"), folder.path().join("backup.db"))
        .expect("a name");
    assert!(restore(folder.path()).done().contains("filmgate.db.replaced-1"));
    assert_eq!(u64::try_from(votes(folder.path(), "filmgate.db").await).expect("a count"), kept);
}

/// The log of a file stands beside the file, wherever a link to it is.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_server_left_is_restored_through_a_link_with_its_log() {
    let folder = TempDir::new().expect("a folder");
    Told::by(folder.path(), URL, &["migrate", "up"]).done();
    let server = Server::start(folder.path(), &VARIABLES);
    for _ in 0..5 {
        assert_eq!(like(&server).await, 200);
    }
    server.kill();
    assert!(folder.path().join("filmgate.db-wal").exists(), "this shows nothing");
    let elsewhere = TempDir::new().expect("a folder");
    symlink(folder.path().join("filmgate.db"), elsewhere.path().join("backup.db")).expect("a link");
    restore(elsewhere.path()).done();
    assert_eq!(votes(elsewhere.path(), "filmgate.db").await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_sound_backup_is_refused_and_changes_nothing() {
    let folder = TempDir::new().expect("a folder");
    Told::by(folder.path(), URL, &["migrate", "up"]).done();
    let file = |name: &str| folder.path().join(name);
    let untouched = fs::read(file("filmgate.db")).expect("a file");
    let refused = |words: &[&str]| {
        restore(folder.path()).failed(1, words);
        assert_eq!(fs::read(file("filmgate.db")).expect("a file"), untouched);
        let names: Vec<_> = fs::read_dir(folder.path()).expect("a folder").flatten().collect();
        let left = |name: &fs::DirEntry| name.file_name().to_string_lossy().contains("filmgate.db.");
        assert!(!names.iter().any(left), "{names:?}");
    };
    refused(&["backup.db", "does not exist", "nothing was changed"]);
    fs::create_dir(file("backup.db")).expect("a folder");
    refused(&["backup.db", "is no file", "nothing was changed"]);
    fs::remove_dir(file("backup.db")).expect("a folder");
    let pipe = std::process::Command::new("mkfifo").arg(file("backup.db")).status();
    assert!(pipe.expect("mkfifo runs").success());
    refused(&["backup.db", "is no file", "nothing was changed"]);
    fs::remove_file(file("backup.db")).expect("a pipe");
    fs::write(file("backup.db"), "films").expect("a file");
    refused(&["backup.db", "not a database", "take another backup", "nothing was changed"]);
    fs::write(file("backup.db"), &untouched[..4096 * 5]).expect("a file");
    refused(&["backup.db", "take another backup", "nothing was changed"]);
    // One page in the middle, as a copy of a file in use may have.
    let mut damaged = untouched.clone();
    damaged[4096 * 3..4096 * 5].fill(0x5A);
    fs::write(file("backup.db"), &damaged).expect("a file");
    refused(&["backup.db", "take another backup"]);
    fs::remove_file(file("backup.db")).expect("a file");
    let other = format!("sqlite://{}?mode=rwc", file("backup.db").display());
    let mut other = SqliteConnection::connect(&other).await.expect("a database");
    sqlx::raw_sql("CREATE TABLE t (a)").execute(&mut other).await.expect("a table");
    other.close().await.expect("an end");
    refused(&["backup.db", "no database of filmgate"]);
    fs::remove_file(file("backup.db")).expect("a file");
    symlink(file("filmgate.db"), file("backup.db")).expect("a link");
    restore(folder.path()).failed(2, &["one and the same"]);
    // Of a later filmgate.
    fs::remove_file(file("backup.db")).expect("a file");
    Told::by(folder.path(), URL, &["backup", "backup.db"]).done();
    let mut newer =
        SqliteConnection::connect(file("backup.db").to_str().expect("UTF-8")).await.expect("a file");
    let migration = "INSERT INTO seaql_migrations VALUES ('m20991231_000001_more', 0)";
    sqlx::raw_sql(migration).execute(&mut newer).await.expect("a row");
    newer.close().await.expect("an end");
    refused(&["newer filmgate"]);
}

/// A name that means something in a URL or in SQL, a file that may not be written, a machine without a database.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_restored_where_there_was_none() {
    let folder = TempDir::new().expect("a folder");
    Told::by(folder.path(), URL, &["migrate", "up"]).done();
    let name = "100% it's a+b?.db";
    Told::by(folder.path(), URL, &["backup", name]).done();
    let elsewhere = folder.path().join("else where");
    fs::create_dir(&elsewhere).expect("a folder");
    fs::write(elsewhere.join("filmgate.db-wal"), "of a database that is gone").expect("a file");
    fs::set_permissions(folder.path().join(name), Permissions::from_mode(0o400)).expect("rights");
    Told::by(&elsewhere, URL, &["restore", &format!("../{name}")]).done();
    is_whole(&elsewhere);
    assert!(Told::by(&elsewhere, URL, &["film", "list"]).code == Some(0));
    Told::by(folder.path(), URL, &["backup", "nowhere/backup.db"])
        .failed(1, &["folder \"nowhere\" does not exist"]);
    fs::write(folder.path().join("b.db-wal"), "of a file that is gone").expect("a file");
    Told::by(folder.path(), URL, &["backup", "b.db"]).failed(1, &["b.db-wal", "there already"]);
}

#[tokio::test]
async fn postgresql_has_tools_of_its_own() {
    let Some(postgres) = Postgres::shared() else { return };
    let folder = TempDir::new().expect("a folder");
    let url = postgres.database().await;
    Told::by(folder.path(), &url, &["backup", "backup.db"]).failed(2, &["PostgreSQL", "pg_dump"]);
    Told::by(folder.path(), &url, &["restore", "backup.db"]).failed(2, &["PostgreSQL", "pg_restore"]);
}

/// The file goes away under a running server: by its name, by another in its place. Nothing is acknowledged from then
/// on; put back, it is used again.
#[tokio::test(flavor = "multi_thread")]
async fn votes_into_a_file_that_is_gone_are_not_acknowledged() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &VARIABLES);
    let (file, aside) = (folder.path().join("filmgate.db"), folder.path().join("aside.db"));
    let ready = async || {
        let answer = reqwest::get(format!("{}/health/ready", server.url)).await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    };
    let add = async || {
        let added = serde_json::json!({"name": "N", "studio": "S"});
        let request = reqwest::Client::new().post(format!("{}/add_film", server.url)).json(&added);
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(like(&server).await, 200);
    for replaced in [false, true] {
        fs::rename(&file, &aside).expect("another name");
        if replaced {
            fs::copy(&aside, &file).expect("another file");
        }
        for _ in 0..3 {
            assert_eq!((like(&server).await, add().await), (503, 503));
        }
        let (status, told) = ready().await;
        assert!(status == 503 && told.contains(r#""writes":"failing""#), "{status} {told}");
        fs::rename(&aside, &file).expect("its name");
        await_200(&server, ready).await;
        assert_eq!(like(&server).await, 200);
    }
    assert_eq!(server.film(1).await["likes"], 3);
}

/// Who tidies up takes the log away under a running server: what would be lost by a kill is not acknowledged, and what was
/// is in the file after a stop.
#[tokio::test(flavor = "multi_thread")]
async fn votes_into_a_log_that_is_gone_are_not_acknowledged() {
    for gone in ["filmgate.db-wal", "filmgate.db-shm"] {
        let folder = TempDir::new().expect("a folder");
        let mut server = Server::start(folder.path(), &VARIABLES);
        for _ in 0..5 {
            assert_eq!(like(&server).await, 200);
        }
        fs::remove_file(folder.path().join(gone)).expect("a file");
        for _ in 0..3 {
            assert_eq!(like(&server).await, 503, "{gone}");
        }
        server.await_log(1, |line| line["message"].as_str().is_some_and(|text| text.contains("SIGTERM")));
        server.signal("TERM");
        assert_eq!(server.wait(LONG), Some(0));
        is_whole(folder.path());
        assert_eq!(votes(folder.path(), "filmgate.db").await, 5, "{gone}");
        let server = Server::start(folder.path(), &VARIABLES);
        assert_eq!(like(&server).await, 200, "{gone}");
    }
}

/// The log of a file that was removed would damage the next one of its name, and nobody takes it away from a server that
/// still uses it.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_file_that_was_removed_damages_no_other() {
    let folder = TempDir::new().expect("a folder");
    let mut server = Server::start(folder.path(), &VARIABLES);
    assert_eq!(like(&server).await, 200);
    Told::by(folder.path(), URL, &["backup", "backup.db"]).done();
    for _ in 0..50 {
        assert_eq!(like(&server).await, 200);
    }
    fs::remove_file(folder.path().join("filmgate.db")).expect("a file");
    restore(folder.path()).failed(1, &["in use"]);
    server.signal("TERM");
    assert_eq!(server.wait(LONG), Some(0));
    is_whole(folder.path());
    assert!(folder.path().join("filmgate.db-wal.orphan-1").exists());
    restore(folder.path()).done();
    assert_eq!(votes(folder.path(), "filmgate.db").await, 1);
    Told::by(folder.path(), URL, &["film", "show", "1"]).done();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_backup_left_is_in_nobodys_way() {
    let folder = TempDir::new().expect("a folder");
    Told::by(folder.path(), URL, &["migrate", "up"]).done();
    for name in ["backup.db.filmgate-part", "filmgate.db.filmgate-part"] {
        fs::write(folder.path().join(name), "half of a file").expect("a file");
    }
    Told::by(folder.path(), URL, &["backup", "backup.db"]).done();
    restore(folder.path()).done();
    is_whole(folder.path());
    let mode = fs::metadata(folder.path().join("backup.db")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "what was left may have been for others to read");
    for name in ["backup.db.filmgate-part", "filmgate.db.filmgate-part"] {
        assert!(!folder.path().join(name).exists(), "{name} stayed");
    }
}

async fn await_200(server: &Server, ready: impl AsyncFn() -> (u16, String)) {
    let clock = filmgate::clock::SystemClock::new();
    let start = clock.now_ms();
    while ready().await.0 != 200 {
        assert!(clock.now_ms() - start < 10_000, "{:?}", server.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
