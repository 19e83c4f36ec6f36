//! A random film out of 10 k, 1 M and 5 M, all of them in memory.

#![expect(clippy::expect_used, reason = "in a measurement, a panic is how a fault is told")]

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use filmgate::clock::SystemClock;
use filmgate::service::FilmService;
use filmgate::service::caller::Caller;
use filmgate::service::caller::Role;
use filmgate::service::database::{self, Database};
use filmgate::service::films::filter::FilmFilter;
use filmgate::service::films::service::Settings;
use filmgate::service::votes::Groups;
use rand::SeedableRng as _;
use sqlx::Connection as _;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Without the triggers that tell other processes of each film: there are none.
const FILL: &str = "
    PRAGMA synchronous = OFF;
    DROP TRIGGER film_inserted;
    DROP TRIGGER film_insert_replaced;
    WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < FILMS)
    INSERT INTO film (name, studio, name_key, studio_key, likes, dislikes, added_at)
    SELECT 'film ' || n, 'studio', 'film ' || n, 'studio', 0, 0, 0 FROM number;
";

async fn open(folder: &TempDir, films: usize) -> FilmService {
    let url = format!("sqlite://{}/films.db", folder.path().display());
    let database = Database::open(&url, &database::Settings::default()).await.expect("a database");
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("a connection");
    let fill = sqlx::AssertSqlSafe(FILL.replace("FILMS", &films.to_string()));
    sqlx::raw_sql(fill).execute(&mut connection).await.expect("films");
    connection.close().await.expect("an end");
    let settings = Settings {
        catalogue_bytes: usize::MAX,
        event_rest: Duration::ZERO,
        max_page: 100,
        session_lifetime: Duration::from_mins(1),
        groups: Groups::default(),
    };
    let randomness = Box::new(rand::rngs::StdRng::seed_from_u64(7));
    let clock = Arc::new(SystemClock::new());
    Box::pin(FilmService::open(database, &settings, clock, randomness)).await.expect("the films")
}

fn pick(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let caller = Caller::anonymous(Role::Voter);
    for (name, films) in [("10 k", 10_000), ("1 M", 1_000_000), ("5 M", 5_000_000)] {
        let folder = TempDir::new().expect("a folder");
        let service = runtime.block_on(open(&folder, films));
        assert_eq!(service.count(), films);
        criterion.bench_function(&format!("pick of {name}"), |bencher| {
            bencher.to_async(&runtime).iter(|| async {
                service.random_film(&caller, &FilmFilter::default(), &[], false).await.expect("a film").id
            });
        });
    }
}

criterion_group!(benches, pick);
criterion_main!(benches);
