//! A catalogue of a million films: what a start, a random film, and filtered pages and picks cost.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use sqlx::{Connection as _, SqliteConnection};
use tokio::time::Instant;

use crate::client::Client;
use crate::document;
use crate::machine;
use crate::measure::measure;
use crate::requests::call;
use crate::server::{BARE, Program, Server};

/// How often each request is asked, one after the other.
const TIMES: usize = 500;
const PATHS: [(&str, &str); 21] = [
    ("first page by name", "/v1/films?first=20"),
    ("by likes", "/v1/films?sort=likes&first=20"),
    ("the last by name", "/v1/films?last=20"),
    ("of a genre", "/v1/films?genre=horror&first=20"),
    ("of a genre, by likes", "/v1/films?genre=horror&sort=likes&first=20"),
    ("of a genre and years, by year", "/v1/films?genre=western&yearFrom=1990&yearTo=1999&sort=year&first=20"),
    ("of a studio", "/v1/films?studio=studio%207&first=20"),
    ("of years, the newest first", "/v1/films?yearFrom=1950&yearTo=1950&sort=newest&first=20"),
    ("with a vote", "/v1/films?minVotes=1&first=20"),
    ("with a vote, by likes", "/v1/films?minVotes=1&sort=likes&first=20"),
    ("by rating", "/v1/films?sort=rating&first=20"),
    ("with a vote, by rating, the worst first", "/v1/films?minVotes=1&sort=rating&order=asc&first=20"),
    ("found by a text", "/v1/films?q=studio%207%20500500&first=20"),
    ("by a word that many have", "/v1/films?q=a0&first=20"),
    ("by a word that all have", "/v1/films?q=studio&first=20"),
    ("with a wrong letter", "/v1/films?q=stduio%20500500&first=20"),
    ("of a genre, by a text", "/v1/films?q=5005&genre=horror&first=20"),
    ("a random film of a genre", "/v1/films/random?genre=horror"),
    ("of a studio", "/v1/films/random?studio=studio%207"),
    ("of a genre and a year", "/v1/films/random?genre=drama&yearFrom=1951&yearTo=1951"),
    ("with a vote", "/v1/films/random?minVotes=1"),
];
/// 60 words, 20 genres, 10,000 studios of very different sizes; one film of fifty has votes, one of twenty no year.
const FILMS: &str = "
    PRAGMA synchronous = OFF;
    CREATE TEMP TABLE word (k INTEGER PRIMARY KEY, t TEXT);
    INSERT INTO word WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59)
        SELECT i, char(65 + i % 26) || lower(hex(i * 7919)) FROM n;
    INSERT INTO film (id, name, studio, name_key, studio_key, year, likes, dislikes, added_at)
        WITH RECURSIVE n(i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < 1001000),
        f(i, name, studio) AS (
            SELECT i, a.t || ' ' || b.t || ' ' || i, 'Studio ' || ((i * 31 % 10000) * (i * 17 % 100) / 100)
            FROM n JOIN word a ON a.k = i * 7 % 60 JOIN word b ON b.k = i * 11 / 60 % 60)
        SELECT i, name, studio, lower(name), lower(studio), iif(i % 20 = 0, NULL, 1900 + i * 13 % 120),
            iif(i % 50 = 0, i % 37, 0), iif(i % 100 = 0, 1, 0), 0 FROM f;
    CREATE TEMP TABLE genre (k INTEGER PRIMARY KEY, t TEXT);
    INSERT INTO genre VALUES (0,'Drama'),(1,'Comedy'),(2,'Horror'),(3,'Action'),(4,'Western'),(5,'Thriller'),(6,'Romance'),
        (7,'Crime'),(8,'Fantasy'),(9,'Animation'),(10,'Mystery'),(11,'Family'),(12,'War'),(13,'Music'),(14,'History'),
        (15,'Sport'),(16,'Musical'),(17,'Biography'),(18,'Adventure'),(19,'Documentary');
    INSERT INTO film_genre SELECT id, 0, t, lower(t) FROM film JOIN genre ON k = id * 7 % 20 WHERE id > 1000;
    INSERT INTO film_genre SELECT id, 1, t, lower(t) FROM film JOIN genre ON k = (id * 7 + 1 + id / 20 % 19) % 20
        WHERE id > 1000 AND id % 5 < 4;
    INSERT OR IGNORE INTO film_word SELECT * FROM (
        SELECT lower(t), id FROM film JOIN word ON k = id * 7 % 60 WHERE id > 1000
        UNION ALL SELECT lower(t), id FROM film JOIN word ON k = id * 11 / 60 % 60 WHERE id > 1000
        UNION ALL SELECT CAST(id AS TEXT), id FROM film WHERE id > 1000
        UNION ALL SELECT 'studio', id FROM film WHERE id > 1000
        UNION ALL SELECT substr(studio, 8), id FROM film WHERE id > 1000) ORDER BY 1, 2;
    DELETE FROM film_change;
    PRAGMA wal_checkpoint(TRUNCATE);
";

/// Measures, and writes the table into the docs.
pub(crate) fn run() -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let text = runtime.block_on(table());
    println!("{text}");
    document::write("million", &text);
    true
}

async fn table() -> String {
    let program = Program::filmgate(BARE);
    let request = call("GET", "/").into();
    let few = Server::start(&program, &[]);
    let cpu = measure(&few, &request).await.cpu;
    let folder = few.stop();
    fill(folder.path()).await;
    let begin = Instant::now();
    let server = Server::start_in(folder, &program, &[]);
    let mut client = Client::connect(1, server.address).await.expect("a connection");
    assert_eq!(client.ask(&request).await.expect("an answer").status, 200);
    let start = begin.elapsed();
    let many = measure(&server, &request).await.cpu;
    let memory = machine::ticks(machine::memory(server.process())) / 1024.0;
    let mut text = String::new();
    let _ = write!(
        text,
        "A start takes {:.1} s, the server then holds {memory:.0} MiB. `GET /` takes {many:.1} us of processor time, and {cpu:.1} us \
         with 620 films: {:.2} times as much.\n\n| | p50 | p99 |\n|---|---|---|\n",
        start.as_secs_f64(),
        many / cpu
    );
    for (name, path) in PATHS {
        let request = call("GET", path);
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let asked = Instant::now();
            assert_eq!(client.ask(&request).await.expect("an answer").status, 200, "{path}");
            times.push(asked.elapsed());
        }
        times.sort_unstable();
        let percentile =
            |percent: usize| times.get(TIMES * percent / 100).map_or(0.0, Duration::as_secs_f64) * 1e3;
        let _ = writeln!(text, "| {name}: `{path}` | {:.2} ms | {:.2} ms |", percentile(50), percentile(99));
    }
    text
}

async fn fill(folder: &Path) {
    let url = format!("sqlite://{}", folder.join("filmgate.db").display());
    let mut database = SqliteConnection::connect(&url).await.expect("the database");
    sqlx::raw_sql(FILMS).execute(&mut database).await.expect("films");
    database.close().await.expect("an end");
}
