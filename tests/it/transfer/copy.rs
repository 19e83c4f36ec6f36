//! From one database into another, by the program as an operator runs it.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use axum::http::Method;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Answer, Postgres, Server, Store, TestApp, Told, count};

/// What a release has left: films of which one was removed and many were changed, accounts, keys, sessions, signed votes
/// and events. See `tests/data/upgrade/README.md`.
const RELEASE: &str = "0.1.0-2026-11-28";

/// What is copied, in this order.
const TABLES: [&str; 10] = [
    "account",
    "session",
    "api_key",
    "film",
    "film_genre",
    "film_word",
    "vote",
    "audit_event",
    "idempotency",
    "meta",
];

/// What a person might have entered, or somebody with a shell. The last film is gone, and its id is the highest ever used.
const ODD: &str = r#"
    INSERT INTO film (id, name, studio, name_key, studio_key, year, likes, dislikes, added_at) VALUES
      (700, '🎬 "L''été" \ {a,b} %s $1', 'Ж𝕏 ''; --', '🎬 "l''été" \ {a,b} %s $1', 'ж𝕏 ''; --', NULL, 0, 0, -5),
      (701, 'Ǆ', 'null', 'ǆ', 'null', 1, 2, 1, 9007199254740993),
      (900, 'Gone', 'Gone', 'gone', 'gone', 2000, 0, 0, 0);
    DELETE FROM film WHERE id = 900;
    INSERT INTO film_genre VALUES (701, 0, 'null', 'null'), (701, 1, '🦀', '🦀');
    INSERT INTO film_word VALUES ('null', 701), ('ǆ', 701), ('été', 700), ('𝕏', 700);
    INSERT INTO vote (film_id, value, voted_at, voter) VALUES
      (701, 1, 1, NULL), (701, 1, 2, 'account 99'), (701, -1, 3, 'subject 0f');
    INSERT INTO account (id, name, name_key, role, password_hash, created_at, disabled_at)
      VALUES (70, 'zoë', 'zoë', 'viewer', 'none', 1, 2);
    INSERT INTO api_key (account_id, name, role, secret_hash, hint, created_at, limits)
      VALUES (70, 'limited', 'viewer', 'ab', 'fg_', 1, 'film=20/second');
    INSERT INTO audit_event (at, event, actor, surface, detail) VALUES (1, 'film_added', 'operator', 'command', '');
    INSERT INTO idempotency VALUES ('8e03', '', '40d5', '43dd', 900, 1), ('8e03', 'bc93', '40d5', '43dd', NULL, 2);
    INSERT INTO meta (key, value) VALUES ('write_probe', 'written');
"#;

/// Of somebody who has signed in.
const TOKEN: &str = "fgs_0000000000000000000000000000000000000000000";

fn data(ending: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/upgrade/{RELEASE}.{ending}"))
}

/// A database of SQLite with something in every table, up to date.
async fn source(folder: &Path) -> String {
    let url = Store::Sqlite.url(folder).await;
    std::fs::copy(data("db"), folder.join("test.db")).expect("a copy");
    let told = Told::by(folder, &url, &["migrate", "up"]);
    assert_eq!(told.code, Some(0), "{}", told.errors);
    execute(&url, ODD).await;
    let hash = blake3::hash(TOKEN.as_bytes()).to_hex();
    let session = format!(
        "INSERT INTO session (account_id, token_hash, network, created_at, expires_at) VALUES (2, '{hash}', '::1', 0, {})",
        i64::MAX
    );
    execute(&url, &session).await;
    url
}

async fn target() -> String {
    Postgres::shared().expect("asked before").database().await
}

async fn execute(url: &str, sql: &str) {
    let database = Database::connect(url).await.expect("the database");
    database.execute_unprepared(sql).await.expect(sql);
    database.close().await.expect("an end");
}

fn copy(folder: &Path, from: &str, to: &str) -> Told {
    Told::by(folder, from, &["copy", "--to", to])
}

/// The rows of each table that were copied, once both sides are told to be equal.
#[track_caller]
fn equal(told: Told) -> Vec<u64> {
    let output = told.done();
    let lines: Vec<Vec<&str>> =
        output.lines().skip(1).map(|line| line.split_whitespace().collect()).collect();
    let tables: Vec<&str> = lines.iter().map(|line| line[0]).collect();
    assert_eq!(tables, TABLES, "{output}");
    for line in &lines {
        assert_eq!((line[1], line[3], line[5]), (line[2], line[4], "equal"), "{output}");
    }
    lines.iter().map(|line| line[1].parse().expect("a number")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_over_the_copy_gives_what_the_first_one_gave() {
    if Store::Postgres.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, from, to) = (folder.path(), source(folder.path()).await, target().await);
    // With as few connections as a server may have.
    std::fs::write(here.join("filmgate.toml"), "[database]\nmax_connections = 1\n").expect("a file");
    let rows = equal(copy(here, &from, &to));
    assert!(rows.iter().all(|rows| *rows > 0), "something is in every table: {rows:?}");
    assert_eq!(count(&to, "SELECT COUNT(*) FROM meta WHERE key = 'write_probe'").await, 0);
    // Once more it is compared alone.
    assert_eq!(equal(copy(here, &from, &to)), rows);

    let ours = TestApp::on_database(TempDir::new().expect("a folder"), from.clone()).await;
    let theirs = TestApp::on_database(TempDir::new().expect("a folder"), to.clone()).await;
    assert_eq!(ours.films, theirs.films);
    let good = &key("good");
    for list in [
        "/v1/films?first=100&sort=name",
        "/v1/films?first=100&sort=year",
        "/v1/films?first=100&sort=likes",
        "/v1/films?first=100&sort=newest",
        "/v1/films?first=100&sort=rating",
        "/v1/films?q=ete",
        "/v1/films?genre=drama",
        "/v1/audit_events?first=100",
        "/v1/accounts?first=100",
        "/v1/keys?first=100",
    ] {
        let mut after = String::new();
        loop {
            let path = format!("{list}{after}");
            let page = async |app: &TestApp| app.get_as(good, &path).await.expect(200).json();
            let (ours, theirs) = (page(&ours).await, page(&theirs).await);
            assert_eq!(ours, theirs, "{path}");
            if ours["pageInfo"]["hasNextPage"] != true {
                break;
            }
            after = format!("&after={}", ours["pageInfo"]["endCursor"].as_str().expect("a cursor"));
        }
    }
    let films = "{ films(first: 100, sort: NEWEST) { totalCount edges { cursor node { id name studio year genres likes dislikes } } } }";
    let page = async |app: &TestApp| app.graphql(films, json!({})).await.expect(200).json();
    let (ours_told, theirs_told) = (page(&ours).await, page(&theirs).await);
    assert_eq!(ours_told, theirs_told);
    assert!(ours_told["data"]["films"]["edges"][0]["node"]["id"] == "701", "{ours_told}");

    // Who has signed in stays so, a password and a key sign in, and a signed vote stays one.
    assert_eq!(theirs.get_as(TOKEN, "/v1/me").await.expect(200).json()["account"]["name"], "bert");
    let anna = theirs.sign_in("anna", "correct horse anna").await.expect(201).json();
    let like = async |credential: &str| {
        let liked = theirs.call_as(Some(credential), Method::POST, "/v1/films/3/like", None).await;
        liked.expect(200).json()["likes"].clone()
    };
    let likes = ours.get("/v1/films/3").await.json()["likes"].clone();
    assert_eq!(like(anna["token"].as_str().expect("a token")).await, likes);
    assert_eq!(like(good).await, likes);
    theirs.get_as(&key("revoked"), "/v1/me").await.expect_problem(401, "UNAUTHENTICATED");

    // An id that was ever used is never used again.
    let added = theirs.post("/add_film", json!({"name": "New", "studio": "New"})).await.expect(201).json();
    assert_eq!(added["id"], 901);
}

/// A key that was made when the database was written.
fn key(kind: &str) -> String {
    let keys = std::fs::read_to_string(data("keys")).expect("the keys");
    let key = keys.lines().find_map(|line| line.strip_prefix(&format!("sqlite {kind} ")));
    key.expect("a key").to_owned()
}

/// What is copied and what is not make up all that there is: a new table is decided about.
#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_copied_or_left_out_on_purpose() {
    const LEFT_OUT: [&str; 3] = ["film_change", "instance", "seaql_migrations"];
    let folder = TempDir::new().expect("a folder");
    let url = source(folder.path()).await;
    let known = TABLES.iter().chain(&LEFT_OUT).map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let tables = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    assert_eq!(count(&url, tables).await, 13);
    assert_eq!(count(&url, &format!("{tables} AND name IN ({known})")).await, 13);
}

/// The copy as a process that can be killed.
fn begin(folder: &Path, from: &str, to: &str) -> Child {
    Server::command(folder)
        .arg("copy")
        .envs([("FILMGATE_DATABASE_URL", from), ("FILMGATE_COPY_TO", to)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// Waits until so many rows of a table have arrived.
async fn until(to: &DatabaseConnection, table: &str, rows: i64) {
    let question = format!("SELECT COUNT(*) FROM {table}");
    for _ in 0..6_000 {
        let statement = sea_orm::Statement::from_string(to.get_database_backend(), &question);
        // The table may not be there yet.
        if let Ok(Some(row)) = to.query_one_raw(statement).await
            && row.try_get_by_index::<i64>(0).expect("a count") >= rows
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{rows} rows never arrived in {table}");
}

/// Films and votes enough for some batches of each table.
const MANY: &str = "
    INSERT INTO film (id, name, studio, name_key, studio_key, likes, dislikes, added_at)
      WITH RECURSIVE n (n) AS (SELECT 10001 UNION ALL SELECT n + 1 FROM n WHERE n < 32000)
      SELECT n, 'Film ' || n, 'Studio', 'film ' || n, 'studio', 2, 0, 0 FROM n;
    INSERT INTO film_word SELECT 'film', id FROM film WHERE id > 10000;
    INSERT INTO vote (film_id, value, voted_at) SELECT id, 1, 0 FROM film WHERE id > 10000;
    INSERT INTO vote (film_id, value, voted_at, voter) SELECT id, 1, 0, 'account 1' FROM film WHERE id > 10000;
";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_killed_or_stopped_goes_on_by_the_same_command() {
    if Store::Postgres.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, from, to) = (folder.path(), source(folder.path()).await, target().await);
    execute(&from, MANY).await;
    let look = Database::connect(&to).await.expect("the database");
    // Somebody who came too early: what was written is not in the copy.
    let child = begin(here, &from, &to);
    until(&look, "film", 1).await;
    // No counter moves by it.
    execute(&from, "UPDATE film SET likes = likes - 1 WHERE id = 701").await;
    let told = Told::of(child.wait_with_output().expect("an end"));
    told.failed(1, &["was written to meanwhile; stop the server"]);
    execute(&to, "DELETE FROM vote WHERE id > 100; DELETE FROM film_word; DELETE FROM film WHERE id > 5000")
        .await;
    for (table, rows) in
        [("film", 1), ("film", 10_000), ("film_word", 10_000), ("vote", 5_000), ("vote", 20_000)]
    {
        let mut child = begin(here, &from, &to);
        until(&look, table, rows).await;
        child.kill().expect("a process");
        child.wait().expect("an end");
    }
    assert!(count(&to, "SELECT COUNT(*) FROM vote").await < 44_000, "it was killed in the middle");

    // A part of a copy is no database for a server, nor for a command.
    for command in [&["serve"][..], &["film", "list"]] {
        let told = Told::by(here, &to, command);
        let last = told.errors.lines().last().expect("a reason");
        assert_eq!(told.code, Some(1), "{}", told.errors);
        assert!(last.contains("has not come to its end; run the same filmgate copy again"), "{last}");
    }
    let doctor = Told::by(here, &to, &["doctor"]);
    assert!(doctor.output.contains("has not come to its end"), "{}", doctor.output);
    let other = TempDir::new().expect("a folder");
    let others = Store::Sqlite.filled(other.path()).await;
    copy(here, &others, &to).failed(1, &["has a copy of another database", "nothing was changed"]);

    // What has changed on either side meanwhile is found, also where an old row stands in the way of a new one.
    execute(
        &to,
        "UPDATE film SET likes = likes + 1 WHERE id IN (1, 10001); DELETE FROM film WHERE id = 2; \
         DELETE FROM film WHERE id = 20002; UPDATE film SET name_key = 'film 20002' WHERE id = 10002; \
         INSERT INTO account (id, name, name_key, role, password_hash, created_at) VALUES (500, 'x', 'x', 'admin', 'x', 0)",
    )
    .await;
    execute(
        &from,
        "DELETE FROM film WHERE id = 31001; UPDATE film SET name_key = 'film new' WHERE id = 31000; UPDATE film SET name_key = 'film 31000' WHERE id = 10003",
    )
    .await;

    let child = begin(here, &from, &to);
    until(&look, "vote", 30_000).await;
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-s", "INT", &id]).status().expect("kill").success());
    let told = Told::of(child.wait_with_output().expect("an end"));
    told.failed(1, &["interrupted; the same command goes on from there"]);

    let rows = equal(copy(here, &from, &to));
    assert_eq!(rows[3], 627 + 2 + 22_000 - 1, "films");
    look.close().await.expect("an end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_is_told_with_its_place_and_nothing_is_written_after_the_end() {
    if Store::Postgres.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, from, to) = (folder.path(), source(folder.path()).await, target().await);
    equal(copy(here, &from, &to));
    execute(
        &to,
        "UPDATE film SET year = 1900 WHERE id IN (12, 14); DELETE FROM film_word WHERE word = 'frozen' AND film_id = 1; \
         INSERT INTO vote (film_id, value, voted_at) VALUES (1, 1, 0)",
    )
    .await;
    let told = copy(here, &from, &to);
    let vote = count(&to, "SELECT MAX(id) FROM vote").await;
    told.failed(
        1,
        &[
            "differ in film, first at 12;",
            "film_word, first at \"frozen\", 1",
            &format!("vote, first at {vote}"),
        ],
    );
    told.failed(1, &["nothing was changed", "may be in use"]);
    let different = told.output.lines().filter(|line| line.ends_with("different")).count();
    assert_eq!(different, 3, "{}", told.output);
    assert_eq!(count(&to, "SELECT COUNT(*) FROM film WHERE year = 1900").await, 2);

    let told = Told::by(here, &from, &["copy", "--to", &to, "--format", "json"]);
    let tables: Value = serde_json::from_str(&told.output).expect("JSON");
    assert_eq!(tables[3]["table"], "film", "{tables}");
    assert_eq!(tables[3]["firstDifference"], "12", "{tables}");
    assert_eq!(tables[3]["source"]["rows"], tables[3]["target"]["rows"], "{tables}");
    assert_ne!(tables[3]["source"]["checksum"], tables[3]["target"]["checksum"], "{tables}");
    assert_eq!(tables[0]["source"], tables[0]["target"], "{tables}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_would_miss_is_not_overwritten() {
    if Store::Postgres.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, from) = (folder.path(), source(folder.path()).await);
    // A first start has made it, and nobody was there.
    let fresh = async || Store::Postgres.filled(here).await;
    equal(copy(here, &from, &fresh().await));
    for (change, what) in [
        ("UPDATE film SET likes = 1 WHERE id = 5", "films (620)"),
        ("UPDATE film_genre SET name = 'Other' WHERE film_id = 5 AND position = 0", "films (620)"),
        ("DELETE FROM film WHERE id = 620", "films (619)"),
        ("INSERT INTO vote (film_id, value, voted_at) VALUES (1, 1, 0)", "votes (1)"),
        (
            "INSERT INTO account (name, name_key, role, password_hash, created_at) VALUES ('x', 'x', 'admin', 'x', 0)",
            "accounts (1)",
        ),
        (
            "INSERT INTO audit_event (at, event, actor, surface) VALUES (1, 'film_added', 'x', 'rest')",
            "events of the audit (1)",
        ),
    ] {
        let to = fresh().await;
        execute(&to, change).await;
        copy(here, &from, &to).failed(1, &[what, "nothing was changed: name an empty database"]);
        assert!(count(&to, "SELECT COUNT(*) FROM film").await <= 620, "{change}");
        assert_eq!(count(&to, "SELECT COUNT(*) FROM meta WHERE key = 'copy'").await, 0, "{change}");
    }
    // One of another program.
    let to = target().await;
    execute(&to, "CREATE TABLE film (title text)").await;
    copy(here, &from, &to).failed(1, &["cannot be used", "film", "copy_to"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_is_not_copied_while_it_is_in_use_nor_into_itself() {
    if Store::Postgres.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, from, to) = (folder.path(), source(folder.path()).await, target().await);
    for used in [&from, &to] {
        let mut server = Server::start(here, &[("FILMGATE_DATABASE_URL", used)]);
        copy(here, &from, &to).failed(1, &["is in use; stop the server"]);
        server.signal("TERM");
        assert_eq!(server.wait(Duration::from_mins(1)), Some(0));
    }
    let to = target().await;
    equal(copy(here, &from, &to));

    let link = here.join("link.db");
    std::os::unix::fs::symlink(here.join("test.db"), &link).expect("a link");
    let link = format!("sqlite://{}", link.display());
    for (from, to) in [(&from, &from), (&from, &link), (&to, &to.replace("127.0.0.1", "localhost"))] {
        copy(here, from, to).failed(2, &["one and the same database"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_cannot_be_reached_is_told_without_its_password() {
    const CANARY: &str = "canary-of-a-password";
    // Of its own: it asks for passwords from now on.
    let Some(postgres) = Postgres::start("off") else { return };
    let folder = TempDir::new().expect("a folder");
    let (here, from) = (folder.path(), source(folder.path()).await);
    let to = postgres.database().await;
    let ask = "DO $$ BEGIN EXECUTE format('COPY (SELECT ''host all all 127.0.0.1/32 scram-sha-256'') TO %L', \
        current_setting('hba_file')); PERFORM pg_reload_conf(); END $$";
    postgres.execute(&to, &format!("CREATE ROLE films LOGIN PASSWORD 'right'; {ask}")).await;
    let with_password = to.replace("postgres@", &format!("films:{CANARY}@"));
    for (to, words) in [
        (
            with_password.clone(),
            &["password authentication failed", "check user and password", "copy_to"][..],
        ),
        (format!("postgres://films:{CANARY}@127.0.0.1:1/films"), &["cannot be reached", "copy_to"]),
        (format!("postgres://films:{CANARY}@nowhere.invalid/films"), &["cannot be reached", "copy_to"]),
    ] {
        let told = copy(here, &from, &to);
        told.failed(1, words);
        let by_variable = Server::output(
            here,
            &["copy"],
            &[("FILMGATE_DATABASE_URL", from.as_str()), ("FILMGATE_COPY_TO", to.as_str())],
        );
        let by_variable = Told::of(by_variable);
        by_variable.failed(1, words);
        for told in [told, by_variable] {
            assert!(!told.errors.contains(CANARY) && !told.output.contains(CANARY), "{}", told.errors);
        }
    }
    for (to, words) in [
        (format!("mysql://films:{CANARY}@host/films"), "copy_to names neither"),
        (format!("postgres://host/films?sslpassword={CANARY}"), "copy_to: a password is"),
    ] {
        let told = copy(here, &from, &to);
        told.failed(2, &[words]);
        assert!(!told.errors.contains(CANARY), "{}", told.errors);
    }
    Told::by(here, &from, &["copy"]).failed(2, &["--to postgres://", "FILMGATE_COPY_TO"]);
    let shown = Server::output(here, &["config", "show"], &[("FILMGATE_COPY_TO", with_password.as_str())]);
    let shown = String::from_utf8(shown.stdout).expect("a text");
    assert!(shown.contains("copy_to = \"postgres://films:***@") && !shown.contains(CANARY), "{shown}");
}

/// SQLite takes whatever somebody with a shell puts there.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_target_cannot_hold_is_named_and_can_be_mended() {
    if Store::Postgres.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, from, to) = (folder.path(), source(folder.path()).await, target().await);
    for (spoil, mend, words) in [
        (
            "UPDATE film SET name = 'a' || char(0) || 'b' WHERE id = 5",
            "UPDATE film SET name = 'ab' WHERE id = 5",
            &["film 5 of ", "test.db", "name has the character NUL", "run the same command again"][..],
        ),
        (
            "UPDATE film SET year = 3000000000 WHERE id = 6",
            "UPDATE film SET year = 2000 WHERE id = 6",
            &["film 6 of ", "year is 3000000000, and must lie between"],
        ),
        (
            "UPDATE film SET likes = 'many' WHERE id = 8",
            "UPDATE film SET likes = 0 WHERE id = 8",
            &["film 8 of ", "likes is no whole number"],
        ),
        (
            "UPDATE film_genre SET name = CAST(x'ff' AS TEXT) WHERE film_id = 9 AND position = 0",
            "UPDATE film_genre SET name = 'Drama' WHERE film_id = 9 AND position = 0",
            &["film_genre 9, 0 of ", "name is no text in UTF-8"],
        ),
        (
            "PRAGMA foreign_keys = OFF; INSERT INTO vote (id, film_id, value, voted_at) VALUES (99999, 99999, 1, 0)",
            "DELETE FROM vote WHERE id = 99999",
            &["takes no more of vote", "film_id", "99999", "run the same command again"],
        ),
    ] {
        execute(&from, spoil).await;
        copy(here, &from, &to).failed(1, words);
        execute(&from, mend).await;
    }
    equal(copy(here, &from, &to));
}

/// Not promised, but the same code.
#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_and_a_file_into_a_file() {
    if Store::Postgres.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, from, to) = (folder.path(), source(folder.path()).await, target().await);
    let rows = equal(copy(here, &from, &to));
    let back = format!("sqlite://{}", here.join("back.db").display());
    assert_eq!(equal(copy(here, &to, &back)), rows);
    let again = format!("sqlite://{}", here.join("again.db").display());
    assert_eq!(equal(copy(here, &back, &again)), rows);
    let app = TestApp::on_database(TempDir::new().expect("a folder"), again).await;
    let added: Answer = app.post("/add_film", json!({"name": "New", "studio": "New"})).await.expect(201);
    assert_eq!(added.json()["id"], 901);
}
