//! `filmgate migrate`, and starts that migrate.

use std::process::Output;
use std::time::Duration;

use filmgate::service::database::{Database, Missing, Settings, down};
use migration::MIGRATIONS;
use rstest::rstest;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;

use crate::support::{Server, Store, TestApp, UNLIMITED, Voters, count};

struct Place {
    folder: TempDir,
    url: String,
}

impl Place {
    async fn new(store: Store) -> Self {
        let folder = TempDir::new().expect("a folder");
        let url = store.url(folder.path()).await;
        Self { folder, url }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Server::output(self.folder.path(), arguments, &[("FILMGATE_DATABASE_URL", &self.url)])
    }

    #[track_caller]
    fn says(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let output = self.run(arguments);
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{arguments:?} lacks {word:?}: {said}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn up_status_and_down(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let place = Place::new(store).await;
    if store == Store::Sqlite {
        place.says(&["migrate", "status"], 1, &["does not exist"]);
        assert!(!place.folder.path().join("test.db").exists(), "a look creates nothing");
    } else {
        place.says(&["migrate", "status"], 0, &["pending  m20261123_000001_create_film"]);
    }
    place.says(&["migrate", "up"], 0, &["applied  m20261123_000001_create_film"]);
    place.says(&["migrate", "up"], 0, &["up to date"]);
    let newest = MIGRATIONS.last().expect("a migration").name;
    let (applied, pending) = (format!("applied  {newest}"), format!("pending  {newest}"));
    place.says(&["migrate", "status"], 0, &[&applied]);
    place.says(&["migrate", "down"], 2, &["--yes", newest]);
    place.says(&["migrate", "status"], 0, &[&applied]);
    place.says(&["migrate", "down", "--yes"], 0, &[&format!("taken back  {newest}")]);
    place.says(&["migrate", "status"], 0, &[&pending, "applied  m2026"]);
    place.says(
        &["migrate", "down", "--steps", "99", "--yes"],
        0,
        &["taken back  m20261123_000001_create_film"],
    );
    place.says(&["migrate", "down", "--yes"], 0, &["nothing to take back"]);
    // And all the way up again.
    place.says(&["migrate", "up"], 0, &["applied  m20261123_000001_create_film"]);
    place.says(&["migrate", "sideways"], 2, &["sideways"]);
}

#[tokio::test]
async fn status_leaves_the_file_as_it_is() {
    let place = Place::new(Store::Sqlite).await;
    place.says(&["migrate", "up"], 0, &["applied"]);
    let options = place.url.parse::<SqliteConnectOptions>().expect("options");
    let mut other = options.journal_mode(SqliteJournalMode::Delete).connect().await.expect("the file");
    sqlx::raw_sql("DELETE FROM film").execute(&mut other).await.expect("a write");
    other.close().await.expect("an end");
    let file = place.folder.path().join("test.db");
    let before = std::fs::read(&file).expect("a file");
    place.says(&["migrate", "status"], 0, &["applied"]);
    place.says(&["migrate", "down"], 2, &["--yes"]);
    assert_eq!(std::fs::read(&file).expect("a file"), before);
    assert_eq!(std::fs::read_dir(place.folder.path()).expect("a folder").count(), 1);
}

/// As a machine leaves it that failed in the middle of another program's write.
#[tokio::test]
async fn a_write_that_was_broken_off_keeps_nobody_from_the_status() {
    let (place, broken) = (Place::new(Store::Sqlite).await, Place::new(Store::Sqlite).await);
    place.says(&["migrate", "up"], 0, &["applied"]);
    let options = place.url.parse::<SqliteConnectOptions>().expect("options");
    let mut other = options.journal_mode(SqliteJournalMode::Delete).connect().await.expect("the file");
    let write = "PRAGMA cache_size = 1; CREATE TABLE other (text); BEGIN; INSERT INTO other \
        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2000) SELECT hex(zeroblob(500)) FROM n";
    sqlx::raw_sql(write).execute(&mut other).await.expect("a write");
    for name in ["test.db", "test.db-journal"] {
        std::fs::copy(place.folder.path().join(name), broken.folder.path().join(name)).expect("a copy");
    }
    broken.says(&["migrate", "status"], 0, &["applied"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn no_table_is_taken_from_a_server(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let place = Place::new(store).await;
    let server = Server::start(place.folder.path(), &[("FILMGATE_DATABASE_URL", place.url.as_str())]);
    place.says(&["migrate", "down", "--yes"], 1, &["is in use", "stop the server"]);
    place.says(&["migrate", "status"], 0, &["applied"]);
    assert_eq!(server.film(1).await["id"], 1);
}

/// As when the release before still serves over them: votes wait, and nobody is in a circle.
#[tokio::test(flavor = "multi_thread")]
async fn tables_change_amid_votes() {
    if Store::Postgres.is_missing() {
        return;
    }
    let place = Place::new(Store::Postgres).await;
    let variables = [
        ("FILMGATE_DATABASE_URL", place.url.as_str()),
        ("FILMGATE_LIMITS__ENABLED", "false"),
        ("FILMGATE_LOG__LEVEL", "warn"),
    ];
    let server = Server::start(place.folder.path(), &variables);
    let voters = Voters::start(&server.url, true);
    // From the one on that refers to films.
    let first = MIGRATIONS.iter().position(|migration| migration.name.ends_with("film_word"));
    let steps = u32::try_from(MIGRATIONS.len() - first.expect("a migration")).expect("few");
    for _ in 0..5 {
        // The command refuses it while a server runs.
        let database = Database::connect(&place.url, &Settings::default(), Missing::Refuse).await;
        let database = database.expect("the database");
        down(&database, steps).await.expect("the way back");
        database.close().await;
        place.says(&["migrate", "up"], 0, &["create_film_word"]);
    }
    let voted = voters.stop().await;
    assert!(voted.acknowledged > 0, "{voted:?}");
    let kept = count(&place.url, "SELECT COUNT(*) FROM vote").await;
    let kept = u64::try_from(kept).expect("a count");
    assert!((voted.acknowledged..=voted.sent).contains(&kept), "{voted:?}, and {kept} on disk");
}

/// Both serve, the tables were made once, and so was the starter catalogue.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_together_migrate_once(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    for _ in 0..3 {
        let place = Place::new(store).await;
        let starts: Vec<_> = (0..3)
            .map(|n| {
                let (url, folder) = (place.url.clone(), place.folder.path().join(n.to_string()));
                std::fs::create_dir(&folder).expect("a folder");
                std::thread::spawn(move || Server::start(&folder, &[("FILMGATE_DATABASE_URL", &url)]))
            })
            .collect();
        let servers: Vec<Server> =
            starts.into_iter().map(|start| start.join().expect("a server that serves")).collect();
        assert!(
            servers.iter().all(|server| server.greeting.contains("620 films")),
            "{}",
            servers[0].greeting
        );
        let loaded = servers.iter().filter(|server| server.greeting.contains("new, with")).count();
        assert_eq!(loaded, 1, "one of them loaded the films");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_newer_database_is_refused(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    app.execute("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20991231_000001_more', 0)")
        .await;
    let folder = TempDir::new().expect("a folder");
    for command in ["serve", "migrate up", "migrate status", "migrate down --yes"] {
        let arguments: Vec<&str> = command.split(' ').collect();
        let output = Server::output(
            folder.path(),
            &arguments,
            &[("FILMGATE_DATABASE_URL", &app.database_url), ("FILMGATE_LISTEN", "127.0.0.1:0")],
        );
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command}: {errors}");
        assert!(errors.contains("newer filmgate") && errors.contains("m20991231_000001_more"), "{errors}");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM film").await, 620, "and nothing was touched");
}

/// Another process has the whole file to itself for a while, as one has that makes a new one ready.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_waits_for_who_has_locked_the_file() {
    let place = Place::new(Store::Sqlite).await;
    let options = place.url.parse::<SqliteConnectOptions>().expect("options").create_if_missing(true);
    let mut other = options.connect().await.expect("a new file");
    sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut other).await.expect("the lock");
    let (url, folder) = (place.url.clone(), place.folder.path().to_owned());
    let start =
        tokio::task::spawn_blocking(move || Server::start(&folder, &[("FILMGATE_DATABASE_URL", &url)]));
    tokio::time::sleep(Duration::from_secs(2)).await;
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.expect("no lock");
    let server = start.await.expect("a server that serves");
    assert!(server.greeting.contains("620 films"), "{}", server.greeting);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_locked_the_file_for_long_is_told_of() {
    let place = Place::new(Store::Sqlite).await;
    let options = place.url.parse::<SqliteConnectOptions>().expect("options").create_if_missing(true);
    let mut other = options.connect().await.expect("a new file");
    sqlx::raw_sql("CREATE TABLE seaql_migrations (version TEXT); BEGIN EXCLUSIVE")
        .execute(&mut other)
        .await
        .expect("the lock");
    place.says(&["film", "list"], 1, &["another process holds it", "wait for the process"]);
}
