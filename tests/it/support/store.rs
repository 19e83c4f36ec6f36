//! The two databases. A test of what is stored takes one as its argument and runs on both:
//! `#[values(Store::Sqlite, Store::Postgres)] store: Store`.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use filmgate::app::App;
use filmgate::config::Config;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use sea_orm::{ConnectionTrait as _, Database, Statement};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::{ManualClock, Postgres};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    Sqlite,
    Postgres,
}

impl Store {
    /// Whether it cannot be had here; it has been said then, or the test has failed.
    pub(crate) fn is_missing(self) -> bool {
        self == Self::Postgres && Postgres::shared().is_none()
    }

    /// The URL of a new database.
    pub(crate) async fn url(self, folder: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite://{}", folder.join("test.db").display()),
            Self::Postgres => Postgres::shared().expect("asked before").database().await,
        }
    }

    /// The URL of a new database as a first start leaves it. Tables and starter catalogue are made once and copied from
    /// then on, since most tests begin with them.
    pub(crate) async fn filled(self, folder: &Path) -> String {
        static SQLITE: OnceLock<Vec<u8>> = OnceLock::new();
        static FIRST: OnceCell<String> = OnceCell::const_new();
        match self {
            Self::Sqlite => {
                let file = SQLITE.get_or_init(|| {
                    let folder = TempDir::new().expect("a folder");
                    let (first, copy) = (folder.path().join("first.db"), folder.path().join("copy.db"));
                    let statement = format!("VACUUM INTO '{}'", copy.display());
                    first_start(format!("sqlite://{}", first.display()), Some(statement));
                    std::fs::read(copy).expect("a file")
                });
                let copy = folder.join("test.db");
                std::fs::write(&copy, file).expect("a copy");
                std::fs::set_permissions(&copy, Permissions::from_mode(0o600)).expect("rights");
                self.url(folder).await
            }
            Self::Postgres => {
                let postgres = Postgres::shared().expect("asked before");
                let first = FIRST.get_or_init(async || {
                    let url = postgres.database().await;
                    first_start(url.clone(), None);
                    url.rsplit('/').next().expect("a name").to_owned()
                });
                postgres.database_like(first.await).await
            }
        }
    }
}

/// Starts an app on a new database, and ends it with all its connections.
fn first_start(url: String, statement: Option<String>) {
    let start = async move {
        let config = Config { database_url: url.clone().into(), ..Config::default() };
        let seeded = Box::new(StdRng::seed_from_u64(0));
        let _app = App::build(&config, Arc::new(ManualClock::new()), seeded).await.expect("an app");
        if let Some(statement) = statement {
            let database = Database::connect(url).await.expect("the database");
            database.execute_unprepared(&statement).await.expect("a statement");
            database.close().await.expect("an end");
        }
    };
    // What the app does beside ends with a runtime of its own.
    let thread = std::thread::spawn(|| {
        tokio::runtime::Runtime::new().expect("a runtime").block_on(start);
    });
    thread.join().expect("a first start");
}

/// Asks a database for a number, past every server.
pub(crate) async fn count(url: &str, sql: &str) -> i64 {
    let database = Database::connect(url).await.expect("the database");
    let question = Statement::from_string(database.get_database_backend(), sql);
    let row = database.query_one_raw(question).await.expect(sql).expect("a row");
    database.close().await.expect("an end");
    row.try_get_by_index(0).expect("a count")
}
