//! Import, through the program.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Server, Store, Told, skip};

const MOVIES: &str = "name=Title,studio=Distributor,year=\"Release Date\",genres=\"Major Genre\"";

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name).display().to_string()
}

fn sqlite(folder: &Path, name: &str) -> String {
    format!("sqlite://{}", folder.join(name).display())
}

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let file = folder.join(name);
    std::fs::write(&file, bytes).expect("a file");
    file.display().to_string()
}

fn report(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("report")).expect("a report");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn export(folder: &Path, url: &str) -> String {
    Told::by(folder, url, &["export", "--format", "ndjson"]).done()
}

/// What each row of the fixture with every kind of fault becomes, and why.
const FAULTS: [(u64, &str, &str); 18] = [
    (4, "refused", "name is required"),
    (5, "refused", "name is required"),
    (6, "refused", "studio is required"),
    (7, "duplicate", "is already there"),
    (8, "added", "year 2046 lies in the future and was taken as 1946"),
    (9, "refused", "year is not a date"),
    (10, "refused", "year is not a date"),
    (11, "refused", "year must lie between 1888 and"),
    (12, "refused", "name must have at most 200 characters, has 201"),
    (13, "refused", "name must not contain control"),
    (14, "refused", "name must not contain control"),
    (15, "refused", "name is neither text nor a number"),
    (16, "refused", "name is neither text nor a number"),
    (17, "refused", "year is not a date; studio is required"),
    (18, "duplicate", "is already there"),
    (20, "duplicate", "is already there"),
    (21, "refused", "name is not text in UTF-8"),
    (22, "refused", "is not a JSON object"),
];

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_fault(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, url) = (folder.path(), store.url(folder.path()).await);
    let file = fixture("faults.json");
    let import = ["import", &file, "--map", MOVIES, "--on-error", "skip", "--report", "report"];
    let dry = Told::by(here, &url, &[&import[..], &["--dry-run"]].concat());
    let dry_report = report(here);
    let told = Told::by(here, &url, &import);
    assert_eq!(told.code, Some(0), "{}", told.errors);
    assert_eq!(told.counts(), [6, 0, 3, 15], "{}", told.output);
    assert_eq!(dry.counts(), told.counts(), "{}", dry.output);
    assert!(told.output.starts_with("24 rows of "), "{}", told.output);
    assert!(told.output.contains("2 name is required"), "{}", told.output);
    let rows = report(here);
    let mut expected: Vec<(u64, &str, &str)> = FAULTS.to_vec();
    expected.push((23, "refused", "genres must have at most 10 entries"));
    assert_eq!(rows.len(), expected.len(), "{rows:#?}");
    for ((row, dry), (number, outcome, reason)) in rows.iter().zip(&dry_report).zip(expected) {
        for row in [row, dry] {
            assert_eq!((&row["row"], &row["outcome"]), (&number.into(), &outcome.into()));
            assert!(row["reason"].as_str().expect("a reason").starts_with(reason), "{row}");
        }
    }
    assert_eq!(rows[3]["id"], 621, "the film that it is equal to");
    assert_eq!(rows[5]["film"]["year"], "soon", "what it was");
    let films = export(here, &url);
    for line in [
        r#"{"id":621,"name":"The Glass Road","studio":"Gramercy","year":1998,"genres":["Drama"]}"#,
        r#"{"id":622,"name":"300","studio":"Warner Bros.","year":2007,"genres":["Action"]}"#,
        r#"{"id":623,"name":"9.50","studio":"Focus","year":2009,"genres":["Animation","Adventure"]}"#,
        r#"{"id":624,"name":"Long Ago","studio":"RKO","year":1946,"genres":["Drama"]}"#,
        r#"{"id":625,"name":"Éclair","studio":"RKO","year":null,"genres":["Drama"]}"#,
        r#"{"id":626,"name":"The Last One","studio":"RKO","year":1951,"genres":["Film Noir"]}"#,
    ] {
        assert!(films.lines().any(|film| film == line), "{line} is not in: {films}");
    }
    let again = Told::by(here, &url, &import);
    assert_eq!(again.counts(), [0, 0, 9, 15], "a second run adds nothing");
    assert_eq!(export(here, &url), films);
}

#[test]
fn a_refusal_stops_unless_it_is_to_be_skipped() {
    let folder = TempDir::new().expect("a folder");
    let (here, url) = (folder.path(), sqlite(folder.path(), "x.db"));
    let told = Told::by_empty(here, &url, &["import", &fixture("faults.json"), "--map", MOVIES]);
    told.failed(1, &["row 4", "name is required", "--on-error skip"]);
    assert_eq!(told.counts(), [3, 0, 0, 1], "the rows before it stay");
    assert_eq!(export(here, &url).lines().count(), 3);
    let with = ["--map", MOVIES, "--on-error", "skip", "--default", "studio=Unknown,year=1999,genres=x|y"];
    let told = Told::by_empty(here, &url, &[&["import", &fixture("faults.json")], &with[..]].concat());
    // No Studio, the two that have no year, and Frozen: there is no starter catalogue here.
    assert_eq!(told.counts(), [5, 0, 5, 14], "{}", told.output);
    assert!(export(here, &url).contains(r#""name":"No Studio","studio":"Unknown","year":1998"#));
}

#[test]
fn rows_that_are_broken_are_refused_where_the_format_allows_to_go_on() {
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    let ndjson = write(
        here,
        "a.ndjson",
        [
            "\u{feff}{\"name\":\"A\",\"studio\":\"S\"}\r\n\n{\"name\":\n[1]\n{\"name\":\"B\",\"studio\":\"S\"} x\n".as_bytes(),
            b"{\"name\":\"\xff\",\"studio\":\"S\"}\n",
            format!("{{\"name\":\"{}\",\"studio\":\"S\"}}\n", "x".repeat(1_100_000)).as_bytes(),
            b"{\"name\":\"C\",\"studio\":\"S\"}\n",
            format!("{{\"name\":\"D\",\"studio\":\"S\",\"genres\":{}}}\n", "[".repeat(50_000) + &"]".repeat(50_000)).as_bytes(),
            format!("{{\"name\":\"E\",\"studio\":\"S\",\"genres\":[{}1]}}", "1,".repeat(400_000)).as_bytes(),
        ]
        .concat(),
    );
    let skip = ["--on-error", "skip", "--report", "report"];
    let told = Told::by_empty(here, &sqlite(here, "a.db"), &[&["import", &ndjson], &skip[..]].concat());
    assert_eq!(told.counts(), [2, 0, 0, 7], "{}{}", told.output, told.errors);
    let rows = report(here);
    assert_eq!(
        (&rows[0]["row"], &rows[0]["line"]),
        (&2.into(), &3.into()),
        "blank lines are lines and no rows"
    );
    for (row, word) in
        rows.iter().zip(["is not JSON", "is not a JSON object", "is not JSON", "is not JSON", "is longer"])
    {
        assert!(row["reason"].as_str().expect("a reason").starts_with(word), "{row}");
    }
    let csv = write(
        here,
        "b.csv",
        b"\xef\xbb\xbfname,studio,year,genres\nA,S,1998,x|y\nB,S\nC,S,1998,z,extra\n\"D\nE\",S,1998,\n\xff,S,1998,\n\"F, \"\"G\"\"\",S,,\n",
    );
    let told = Told::by_empty(here, &sqlite(here, "b.db"), &[&["import", &csv], &skip[..]].concat());
    assert_eq!(told.counts(), [2, 0, 0, 4], "{}{}", told.output, told.errors);
    let rows = report(here);
    assert_eq!(rows[0]["reason"], "fields: 2, where the header has 4");
    assert_eq!((&rows[3]["reason"], &rows[3]["line"]), (&"name is not text in UTF-8".into(), &7.into()));
    let films = export(here, &sqlite(here, "b.db"));
    assert_eq!(
        films,
        "{\"id\":1,\"name\":\"A\",\"studio\":\"S\",\"year\":1998,\"genres\":[\"x\",\"y\"]}\n\
         {\"id\":2,\"name\":\"F, \\\"G\\\"\",\"studio\":\"S\",\"year\":null,\"genres\":[]}\n"
    );
    // A short file, which a quote swallows to its end.
    let quote = write(here, "c.csv", "name,studio\nA,S\n\"B,S\nC,S\nD,S\n");
    let told = Told::by_empty(here, &sqlite(here, "c.db"), &[&["import", &quote], &skip[..]].concat());
    assert_eq!(told.counts(), [1, 0, 0, 1], "{}{}", told.output, told.errors);
    let reason = "fields: 1, where the header has 2; is there a quote that is never closed? Where quotes mean \
                  nothing, say --no-quotes";
    assert_eq!((&report(here)[0]["reason"], &report(here)[0]["line"]), (&reason.into(), &3.into()));
}

#[test]
fn a_file_that_is_broken_stops_with_its_row() {
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    let row = r#"{"name":"A","studio":"S"}"#;
    for (name, text, words, added) in [
        ("cut.json", format!("[{row},{{\"name\":\"B\""), &["row 2", "EOF"][..], 1),
        ("comma.json", format!("[{row} {row}]"), &["row 2"], 1),
        ("after.json", format!("[{row}] {row}"), &["row 2", "trailing"], 1),
        ("text.json", "hello".to_owned(), &["row 1"], 0),
        ("long.json", format!("[{row},{{\"name\":\"{}\"}}]", "x".repeat(1_100_000)), &["row 2", "longer"], 1),
        (
            "quote.csv",
            format!("name,studio\nA,S\n\"{}", "x\n".repeat(600_000)),
            &["row 2", "longer", "quote"],
            1,
        ),
        (
            "other.ndjson",
            format!("{}\n", r#"{"title":"A","studio":"S"}"#),
            &["\"name\"", "\"title\", \"studio\""],
            0,
        ),
        ("garbled.csv", "na\u{fffd}me,studio\n".to_owned(), &["\"name\""], 0),
        ("other.csv", "title,studio\nA,S\n".to_owned(), &["\"name\"", "\"title\", \"studio\""], 0),
    ] {
        let file = write(here, name, text);
        let url = sqlite(here, &format!("{name}.db"));
        let told = Told::by_empty(here, &url, &["import", &file]);
        told.failed(1, words);
        assert_eq!(told.counts(), [added, 0, 0, 0], "{name}: {}", told.output);
    }
    for (name, text, added) in [
        ("stream.json", format!("{row}\n{{\n\"name\":\"B\",\"studio\":\"S\"}}"), 2),
        ("empty.json", "[]".to_owned(), 0),
        ("nothing.json", " \n".to_owned(), 0),
        ("nothing.ndjson", String::new(), 0),
        ("nothing.csv", String::new(), 0),
        ("header.csv", "name,studio\n".to_owned(), 0),
    ] {
        let file = write(here, name, text);
        let told = Told::by_empty(here, &sqlite(here, &format!("{name}.db")), &["import", &file]);
        assert_eq!((told.code, told.counts()), (Some(0), [added, 0, 0, 0]), "{name}: {}", told.errors);
    }
}

#[test]
fn wrong_use_is_told_before_anything_is_made() {
    let folder = TempDir::new().expect("a folder");
    let (here, url) = (folder.path(), sqlite(folder.path(), "x.db"));
    let file = fixture("faults.json");
    for (arguments, words) in [
        (&["import", &file, "--map", "title=Title"][..], &["--map", "\"title\"", "name, studio"][..]),
        (&["import", &file, "--default", "name=X"], &["--default", "\"name\""]),
        (&["import", &file, "--default", "year=soon"], &["--default", "soon"]),
        (&["import", "films.txt"], &["--format"]),
        (&["import", "-"], &["--format"]),
    ] {
        Told::by(here, &url, arguments).failed(2, words);
    }
    Told::by(here, &url, &["import", "missing.csv"]).failed(1, &["missing.csv"]);
    Told::by(here, &url, &["import", ".", "--format", "csv"]).failed(1, &["folder"]);
    Told::by(here, &url, &["import", &file, "--report", "no/where"]).failed(1, &["no/where"]);
    let own = write(here, "own.json", "[]");
    std::fs::hard_link(&own, here.join("linked.json")).expect("a link");
    for report in ["./own.json", "linked.json"] {
        Told::by(here, &url, &["import", &own, "--report", report]).failed(2, &["over the films"]);
    }
    assert_eq!(std::fs::read_to_string(&own).expect("a file"), "[]");
    // A short one, and one that begins like a database.
    for theirs in ["x", "SQLite format 3"] {
        let kept = write(here, "kept", theirs);
        Told::by(here, &url, &["import", &file, "--report", "kept"]).failed(2, &["kept", "no report"]);
        assert_eq!(std::fs::read_to_string(&kept).expect("a file"), theirs);
    }
    // A column that is misspelt: told before a row is written.
    let told =
        Told::by(here, &url, &["import", &file, "--map", "name=Title,studio=Distributor,year=Released"]);
    told.failed(1, &["\"Released\"", "year", "\"Release Date\""]);
    assert_eq!(told.counts(), [0; 4]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn duplicates_are_skipped_updated_or_refused(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, url) = (folder.path(), store.url(folder.path()).await);
    let server =
        Server::start(here, &[("FILMGATE_DATABASE_URL", &url), ("FILMGATE_LIMITS__ENABLED", "false")]);
    let like = format!("{}/v1/films/1/like", server.url);
    reqwest::Client::new().post(like).send().await.expect("an answer").error_for_status().expect("200");
    let file = write(
        here,
        "a.ndjson",
        [
            r#"{"name":"FROZEN","studio":"disney","year":2013,"genres":["Snow"]}"#,
            r#"{"name":"FROZEN","studio":"disney","year":2013}"#,
            r#"{"name":"New","studio":"S","year":2000,"genres":["a"]}"#,
            r#"{"name":"NEW","studio":"S","year":2000}"#,
            r#"{"name":"NEW","studio":"S","year":2000,"genres":[]}"#,
            r#"{"name":"A Trip to the Moon","studio":"Star Film","year":1902}"#,
            r#"{"name":"THE great TRAIN robbery","studio":"EDISON","year":1903}"#,
        ]
        .join("\n"),
    );
    let import = |how: &str, more: &[&str]| {
        Told::by(here, &url, &[&["import", &file, "--on-duplicate", how], more].concat())
    };
    let told = import("error", &["--on-error", "skip", "--dry-run"]);
    assert_eq!(told.counts(), [1, 0, 0, 6], "{}", told.output);
    import("error", &["--dry-run"]).failed(1, &["row 1", "already there"]);
    let before = export(here, &url);
    let dry = import("update", &["--dry-run"]);
    assert_eq!(export(here, &url), before, "a dry run writes nothing");
    let told = import("update", &[]);
    // The second row says nothing of genres, and the one before the last nothing new.
    assert_eq!(told.counts(), [1, 4, 2, 0], "{}", told.output);
    assert_eq!(dry.counts(), told.counts(), "{}", dry.output);
    let show = |id: &str| -> Value {
        serde_json::from_str(&Told::by(here, &url, &["film", "show", id, "--format", "json"]).done())
            .expect("JSON")
    };
    let frozen = show("1");
    assert_eq!((&frozen["name"], &frozen["studio"]), (&"FROZEN".into(), &"disney".into()));
    // Each film of a batch gets its own, and keeps what the file does not say.
    let robbery = show("3");
    assert_eq!((&robbery["name"], &robbery["studio"]), (&"THE great TRAIN robbery".into(), &"EDISON".into()));
    assert_eq!(robbery["genres"], serde_json::json!(["Western", "Crime", "Action"]));
    assert_eq!(frozen["genres"], serde_json::json!(["Snow"]));
    assert_eq!(frozen["likes"], 1, "votes stay");
    assert_eq!(show("621")["name"], "NEW");
    assert_eq!(show("621")["genres"], serde_json::json!([]));
    assert_eq!(import("update", &[]).counts()[0], 0);
    // A running server hears of it.
    for _ in 0..100 {
        if server.film(1).await["name"] == "FROZEN"
            && server.film(621).await["genres"] == serde_json::json!([])
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server did not hear of the update");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ids_are_ignored_or_kept_where_they_are_free(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, url) = (folder.path(), store.url(folder.path()).await);
    let file = write(
        here,
        "a.csv",
        "id,name,studio\n,None,S\n700,Free,S\n1,Taken,S\n700,Twice,S\n1000,Large,S\n0,Zero,S\nx,Text,S\n9223372036854775807,Huge,S\n",
    );
    let import = ["import", &file, "--on-error", "skip", "--keep-ids", "--report", "report"];
    let dry = Told::by(here, &url, &[&import[..], &["--dry-run"]].concat());
    let told = Told::by(here, &url, &import);
    assert_eq!(told.counts(), [5, 0, 0, 3], "{}", told.output);
    assert_eq!(dry.counts(), told.counts());
    let rows = report(here);
    assert!(rows[0]["reason"].as_str().expect("a reason").contains("id 1 is taken"), "{rows:?}");
    assert!(rows[1]["reason"].as_str().expect("a reason").contains("id 700 is taken"), "{rows:?}");
    assert_eq!(rows[2]["reason"], "id is not a whole number from 1 to 4503599627370496");
    let films = export(here, &url);
    for (id, name) in
        [(1, "Frozen"), (700, "Free"), (1000, "Large"), (1001, "None"), (1002, "Taken"), (1003, "Twice")]
    {
        assert!(films.contains(&format!("{{\"id\":{id},\"name\":\"{name}\"")), "{id}: {films}");
    }
    // A dry run knows what an earlier batch would have taken.
    let batches: String = (2_000..2_260).map(|id| format!("{id},Film {id},S\n")).collect();
    let file = write(here, "c.csv", format!("id,name,studio\n{batches}2000,Twice again,S\n"));
    let import = ["import", &file, "--keep-ids", "--dry-run", "--report", "report"];
    Told::by(here, &url, &import).done();
    assert!(report(here)[0]["reason"].as_str().expect("a reason").contains("id 2000 is taken"));
    // An id is not given to another film, not even after a removal.
    Told::by(here, &url, &["film", "remove", "1003", "--yes"]).done();
    let ignored = write(here, "b.csv", "id,name,studio\n5000,Next,S\n");
    Told::by(here, &url, &["import", &ignored]).done();
    assert!(export(here, &url).contains("{\"id\":1004,\"name\":\"Next\""));
}

/// A dry run where there is no database counts what a run would that creates it, and creates nothing.
#[test]
fn a_dry_run_leaves_no_database_behind() {
    let folder = TempDir::new().expect("a folder");
    let (here, url) = (folder.path(), sqlite(folder.path(), "x.db"));
    let file = fixture("faults.json");
    let import = ["import", &file, "--map", MOVIES, "--on-error", "skip"];
    let dry = Told::by(here, &url, &[&import[..], &["--dry-run"]].concat());
    assert!(dry.output.contains("dry run"), "{}", dry.output);
    assert_eq!(std::fs::read_dir(here).expect("a folder").count(), 0, "nothing was made");
    let migrated = sqlite(here, "migrated.db");
    Told::by(here, &migrated, &["migrate", "up"]).done();
    assert_eq!(Told::by(here, &migrated, &[&import[..], &["--dry-run"]].concat()).counts(), dry.counts());
    assert_eq!(export(here, &migrated), "", "it is still empty");
    assert_eq!(dry.counts(), Told::by(here, &url, &import).counts());
    // Tables of an older filmgate are not brought up to date by a look.
    Told::by(here, &url, &["migrate", "down", "--yes"]).done();
    let older = Told::by(here, &url, &[&import[..], &["--dry-run"]].concat());
    older.failed(1, &["migrate up"]);
    assert!(Told::by(here, &url, &["migrate", "status"]).output.contains("pending"));
}

/// So many films that an import takes a while.
fn many(folder: &Path, films: usize) -> String {
    let lines: String = (0..films)
        .map(|film| {
            format!("{{\"name\":\"Film {film}\",\"studio\":\"Studio {}\",\"year\":1999,\"genres\":[\"Drama\",\"G{}\"]}}\n", film % 7, film % 3)
        })
        .collect();
    write(folder, "many.ndjson", lines)
}

fn start(folder: &Path, url: &str, file: &str) -> std::process::Child {
    Server::command(folder)
        .args(["import", file])
        .env("FILMGATE_DATABASE_URL", url)
        .env("FILMGATE_STARTER_CATALOGUE", "false")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

async fn films(url: &str) -> i64 {
    let Ok(database) = sqlx::SqlitePool::connect(url).await else { return 0 };
    let films =
        sqlx::query_scalar("SELECT COUNT(*) FROM film").fetch_one(&database).await.unwrap_or_default();
    database.close().await;
    films
}

async fn until_some_are_there(url: &str) -> i64 {
    for _ in 0..2_000 {
        let films = films(url).await;
        if films > 0 {
            return films;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("nothing was imported");
}

/// Killed again and again, it ends with the very films and ids of one clean run.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_can_be_run_again() {
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    let file = many(here, 20_000);
    let (clean, killed) = (sqlite(here, "clean.db"), sqlite(here, "killed.db"));
    assert_eq!(Told::by_empty(here, &clean, &["import", &file]).counts(), [20_000, 0, 0, 0]);
    for _ in 0..3 {
        let before = films(&killed).await;
        let mut child = start(here, &killed, &file);
        until_some_are_there(&killed).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        child.kill().expect("a process");
        child.wait().expect("an end");
        let after = films(&killed).await;
        assert_eq!(after % 250, 0, "whole batches");
        assert!(after >= before && after < 20_000, "{before} {after}");
    }
    let there = films(&killed).await;
    assert!(there > 0);
    let told = Told::by_empty(here, &killed, &["import", &file]);
    let there = u64::try_from(there).expect("a count");
    assert_eq!(told.counts(), [20_000 - there, 0, there, 0], "{}", told.output);
    assert_eq!(export(here, &killed), export(here, &clean));
    // Each run has left its event, the killed ones too: with all that it had added.
    let told =
        Told::by_empty(here, &killed, &["audit", "list", "--event", "films_imported", "--format", "json"])
            .done();
    let events: Vec<Value> = serde_json::from_str(&told).expect("JSON");
    let added = |event: &Value| -> u64 {
        let detail = event["detail"].as_str().expect("a detail");
        detail.split(' ').next().and_then(|count| count.parse().ok()).expect("a count")
    };
    assert_eq!(events.iter().map(added).sum::<u64>(), 20_000, "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_tells_how_far_it_came() {
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    let file = many(here, 20_000);
    let url = sqlite(here, "x.db");
    let child = start(here, &url, &file);
    until_some_are_there(&url).await;
    let id = child.id().to_string();
    assert!(
        std::process::Command::new("kill").args(["-s", "INT", &id]).status().expect("kill runs").success()
    );
    let told = Told::of(child.wait_with_output().expect("an end"));
    told.failed(1, &["interrupted after row"]);
    assert_eq!(i64::try_from(told.count("added")).expect("a count"), films(&url).await);
    assert!(told.count("added") < 20_000);
}

/// Two people import the same file at the same time: each film is added once, and nobody fails.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_imports_at_once(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, url) = (folder.path(), store.url(folder.path()).await);
    let file = many(here, 3_000);
    let empty = write(here, "empty.ndjson", "");
    Told::by_empty(here, &url, &["import", &empty]).done();
    let both = [start(here, &url, &file), start(here, &url, &file)];
    let told = both.map(|child| Told::of(child.wait_with_output().expect("an end")));
    for told in &told {
        assert_eq!(told.code, Some(0), "{}", told.errors);
        assert_eq!(told.count("added") + told.count("duplicates"), 3_000, "{}", told.output);
    }
    assert_eq!(told[0].count("added") + told[1].count("added"), 3_000);
    assert_eq!(export(here, &url).lines().count(), 3_000);
}

/// While a file is imported into the database of a running server, votes neither fail nor wait long.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_server_goes_on_while_films_are_imported(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let (here, url) = (folder.path(), store.url(folder.path()).await);
    let server =
        Server::start(here, &[("FILMGATE_DATABASE_URL", &url), ("FILMGATE_LIMITS__ENABLED", "false")]);
    let file = many(here, 8_000);
    let mut child = start(here, &url, &file);
    let client = reqwest::Client::new();
    let mut waits = Vec::new();
    while child.try_wait().expect("a process").is_none() {
        #[expect(clippy::disallowed_methods, reason = "the promise is in seconds")]
        let started = std::time::Instant::now();
        let answer = client.post(format!("{}/v1/films/1/like", server.url)).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        waits.push(started.elapsed());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(child.wait().expect("an end").code(), Some(0));
    assert!(waits.len() > 20, "only {} votes: this shows nothing", waits.len());
    waits.sort();
    let (middle, longest) = (waits[waits.len() / 2], waits[waits.len() - 1]);
    assert!(longest < Duration::from_secs(2), "{middle:?} {longest:?}");
    // Shown with --nocapture.
    #[expect(clippy::print_stderr, reason = "a figure to look at")]
    {
        eprintln!(
            "{store:?}: {} votes, half waited for {middle:?}, the longest for {longest:?}",
            waits.len()
        );
    }
    for _ in 0..100 {
        if server.film(8_620).await["name"] == "Film 7999" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server did not see the last film");
}

/// 3,201 real rows.
fn movies() -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/movies.json");
    if file.exists() {
        return Some(file);
    }
    // The file is not part of the repository, and the fixture has all of its faults: so this is never a failure.
    if std::env::var_os("TEST_REQUIRE_SERVICES").is_none() {
        skip("the 3,201 real rows are not there");
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_file() {
    let Some(movies) = movies() else { return };
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    let file = movies.display().to_string();
    let mut exports = Vec::new();
    for store in [Store::Sqlite, Store::Postgres] {
        if store.is_missing() {
            continue;
        }
        let url = store.url(here).await;
        let import = ["import", &file, "--map", MOVIES, "--on-error", "skip", "--report", "report"];
        let dry = Told::by(here, &url, &[&import[..], &["--dry-run"]].concat());
        let told = Told::by(here, &url, &import);
        let counts = told.counts();
        assert_eq!(dry.counts(), counts, "{store:?}");
        assert_eq!(counts.iter().sum::<u64>(), 3_201, "{}", told.output);
        assert_eq!(counts[3], 233, "no name once, no studio 232 times: {}", told.output);
        assert!(told.output.contains("1 name is required"), "{}", told.output);
        let reasons = told.output.lines().filter(|line| line.starts_with(&" ".repeat(14)));
        let by_reason = reasons.map(|line| line.split_whitespace().next().expect("a count").parse::<u64>());
        assert_eq!(by_reason.sum::<Result<u64, _>>().expect("numbers"), counts[3], "{}", told.output);
        let rows = report(here);
        let corrected = rows.iter().filter(|row| row.to_string().contains("lies in the future")).count();
        assert_eq!(corrected, 15, "all that lie further ahead than a film is announced: {}", told.output);
        let again = Told::by(here, &url, &import);
        assert_eq!(again.counts(), [0, 0, counts[0] + counts[2], counts[3]]);
        let with = Told::by(here, &url, &[&import[..], &["--default", "studio=Unknown"]].concat());
        assert_eq!(with.count("refused"), 1, "{}", with.output);
        for format in ["json", "ndjson", "csv"] {
            exports.push((format, Told::by(here, &url, &["export", "--format", format]).done()));
        }
        #[expect(clippy::print_stderr, reason = "figures to look at")]
        {
            eprintln!("{store:?}:\n{}", told.output);
        }
    }
    let (sqlite, others) = exports.split_at(3);
    if !others.is_empty() {
        assert!(sqlite == others, "the same export from both databases, byte for byte");
    }
}
