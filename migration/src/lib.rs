//! The migrations of filmgate, in order. One that has been released is frozen: a change is a new file.
//!
//! They name their tables themselves and never import `entity`, which moves on while they stay. They run here and not by
//! sea-orm-migration, which takes all of SeaORM's default features into the binary and cannot be told otherwise. The table
//! in which applied ones are noted is that crate's.

use sea_orm::sea_query::Table;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use keys::Rekey;
use statement::{big_integer, string};

mod keys;
mod m20261123_000001_create_film;
mod m20261123_000002_create_vote;
mod m20261123_000003_create_meta;
mod m20261124_000004_create_film_change;
mod m20261124_000005_create_account;
mod m20261124_000006_add_voter;
mod m20261124_000007_create_instance;
mod m20261124_000008_create_audit_event;
mod m20261128_000009_rename_door_to_surface;
mod m20261128_000010_compare_what_is_seen;
mod m20261129_000011_create_film_word;
mod m20261129_000012_add_key_limits;
mod m20261129_000013_list_own_votes;
mod m20261129_000014_create_idempotency;
mod statement;

/// A change of the tables, and the way back: the statements for a database, and then what becomes of the rows.
#[derive(Debug)]
pub struct Migration {
    pub name: &'static str,
    up: fn(DbBackend) -> Vec<String>,
    down: fn(DbBackend) -> Vec<String>,
    rows: Rows,
}

/// What becomes of the rows that are there.
#[derive(Debug)]
enum Rows {
    Stay,
    /// Names become otherwise what is compared.
    Rekey(Rekey),
    /// The words of films are written down.
    Words,
}

macro_rules! migrations {
    ($($name:ident, $rows:expr;)*) => {
        &[$(Migration { name: stringify!($name), up: $name::up, down: $name::down, rows: $rows }),*]
    };
}

/// All migrations that this binary knows.
pub const MIGRATIONS: &[Migration] = migrations![
    m20261123_000001_create_film, Rows::Stay;
    m20261123_000002_create_vote, Rows::Stay;
    m20261123_000003_create_meta, Rows::Stay;
    m20261124_000004_create_film_change, Rows::Stay;
    m20261124_000005_create_account, Rows::Stay;
    m20261124_000006_add_voter, Rows::Stay;
    m20261124_000007_create_instance, Rows::Stay;
    m20261124_000008_create_audit_event, Rows::Stay;
    m20261128_000009_rename_door_to_surface, Rows::Stay;
    m20261128_000010_compare_what_is_seen, Rows::Rekey(m20261128_000010_compare_what_is_seen::KEYS);
    m20261129_000011_create_film_word, Rows::Words;
    m20261129_000012_add_key_limits, Rows::Stay;
    m20261129_000013_list_own_votes, Rows::Stay;
    m20261129_000014_create_idempotency, Rows::Stay;
];

/// The names of the migrations that were applied, known to this binary or not. Only reads, so that it needs no right to
/// change tables.
///
/// # Errors
/// When the database fails.
pub async fn applied(database: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let is_there = match database.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT 1 FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_name = 'seaql_migrations'"
        }
        _ => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
    };
    if rows(database, is_there).await?.is_empty() {
        return Ok(Vec::new());
    }
    let rows = rows(database, "SELECT version FROM seaql_migrations").await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}

impl Migration {
    /// Applies it and notes that; a sentence on each row that the operator should look at. To be called in a transaction:
    /// a process that dies half-way must be able to start again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn apply(&self, transaction: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
        let backend = transaction.get_database_backend();
        let now = match backend {
            DbBackend::Postgres => "extract(epoch FROM now())::bigint",
            _ => "unixepoch()",
        };
        let note =
            format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{}', {now})", self.name);
        let table = Table::create()
            .table("seaql_migrations")
            .if_not_exists()
            .col(string("version").primary_key())
            .col(big_integer("applied_at"))
            .take();
        transaction.execute(&table).await?;
        for statement in (self.up)(backend).into_iter().chain([note]) {
            transaction.execute_unprepared(&statement).await?;
        }
        match self.rows {
            Rows::Stay => Ok(Vec::new()),
            Rows::Rekey(keys) => keys::remake(transaction, keys.up).await,
            Rows::Words => m20261129_000011_create_film_word::fill(transaction).await.map(|()| Vec::new()),
        }
    }

    /// Takes it back, with the tables that it made and all that is in them. To be called in a transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_back(&self, transaction: &impl ConnectionTrait) -> Result<(), DbErr> {
        let note = format!("DELETE FROM seaql_migrations WHERE version = '{}'", self.name);
        for statement in (self.down)(transaction.get_database_backend()).into_iter().chain([note]) {
            transaction.execute_unprepared(&statement).await?;
        }
        if let Rows::Rekey(keys) = self.rows {
            keys::remake(transaction, keys.down).await?;
        }
        Ok(())
    }
}

async fn rows(database: &impl ConnectionTrait, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
    database.query_all_raw(Statement::from_string(database.get_database_backend(), sql)).await
}
