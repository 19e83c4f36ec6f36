//! Export, and import of what it wrote.

use std::path::Path;
use std::process::{Command, Stdio};

use rstest::rstest;
use tempfile::TempDir;

use crate::support::{Server, Store, Told};

const NASTY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/nasty.ndjson");
const FORMATS: [&str; 3] = ["json", "ndjson", "csv"];

/// What was exported, imported into an empty database, is exported again as the same bytes.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_round_trip_is_identical(#[values(Store::Sqlite, Store::Postgres)] store: Store) {
    if store.is_missing() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    let first = store.url(here).await;
    Told::by_empty(here, &first, &["import", NASTY, "--keep-ids"]).done();
    let told = Told::by_empty(here, &first, &["export", "--format", "ndjson"]).done();
    assert_eq!(told, std::fs::read_to_string(NASTY).expect("a file"), "as it was written");
    for format in FORMATS {
        let exported = Told::by_empty(here, &first, &["export", "--format", format]).done();
        let file = here.join(format!("films.{format}"));
        std::fs::write(&file, &exported).expect("a file");
        let other = format!("sqlite://{}", here.join(format!("{format}.db")).display());
        let file = file.display().to_string();
        let told = Told::by_empty(here, &other, &["import", &file, "--keep-ids"]);
        assert_eq!(told.counts(), [9, 0, 0, 0], "{format}: {}{}", told.output, told.errors);
        for again in FORMATS {
            let one = Told::by_empty(here, &first, &["export", "--format", again]).done();
            let other = Told::by_empty(here, &other, &["export", "--format", again]).done();
            assert_eq!(one, other, "by way of {format}");
        }
    }
}

/// The starter catalogue, by way of a pipe.
#[test]
fn an_export_can_be_piped_into_an_import() {
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    let (one, other) = (url(here, "one.db"), url(here, "other.db"));
    let empty = here.join("empty.ndjson");
    std::fs::write(&empty, "").expect("a file");
    Told::by(here, &one, &["import", &empty.display().to_string()]).done();
    let mut export = Server::command(here)
        .args(["export", "--format", "csv"])
        .env("FILMGATE_DATABASE_URL", &one)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let import = Server::command(here)
        .args(["import", "-", "--format", "csv"])
        .env("FILMGATE_DATABASE_URL", &other)
        .env("FILMGATE_STARTER_CATALOGUE", "false")
        .stdin(export.stdout.take().expect("a pipe"))
        .output()
        .expect("the program runs");
    assert!(export.wait().expect("an end").success());
    let told = String::from_utf8_lossy(&import.stdout).into_owned();
    assert!(told.starts_with("620 rows of standard input"), "{told}");
    let exports = [one, other].map(|url| Told::by(here, &url, &["export"]).done());
    assert_eq!(exports[0], exports[1]);
    assert!(exports[0].starts_with("[\n{\"id\":1,\"name\":\"Frozen\",\"studio\":\"Disney\",\"year\":2013,"));
}

#[test]
fn an_empty_database_gives_what_import_reads() {
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    let database = url(here, "x.db");
    let empty = here.join("empty.json");
    std::fs::write(&empty, "[]").expect("a file");
    Told::by_empty(here, &database, &["import", &empty.display().to_string()]).done();
    for (format, text) in [("json", "[\n]\n"), ("ndjson", ""), ("csv", "id,name,studio,year,genres\n")] {
        assert_eq!(Told::by(here, &database, &["export", "--format", format]).done(), text);
        let file = here.join(format!("none.{format}"));
        std::fs::write(&file, text).expect("a file");
        let told = Told::by(here, &database, &["import", &file.display().to_string()]);
        assert_eq!(told.counts(), [0; 4]);
    }
}

#[test]
fn nothing_is_made_and_nobody_is_blamed_for_leaving() {
    let folder = TempDir::new().expect("a folder");
    let here = folder.path();
    Told::by(here, &url(here, "missing.db"), &["export"]).failed(1, &["missing.db", "does not exist"]);
    assert!(!here.join("missing.db").exists());
    let empty = here.join("empty.json");
    std::fs::write(&empty, "[]").expect("a file");
    let database = url(here, "x.db");
    Told::by(here, &database, &["import", &empty.display().to_string()]).done();
    let script = format!("{} export --format ndjson; echo code $? >&2", env!("CARGO_BIN_EXE_filmgate"));
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {script}; }} | head -n 1")])
        .env("FILMGATE_DATABASE_URL", &database)
        .current_dir(here)
        .output()
        .expect("a shell");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "code 0\n");
}

fn url(folder: &Path, name: &str) -> String {
    format!("sqlite://{}", folder.join(name).display())
}
