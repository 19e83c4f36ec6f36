//! PostgreSQL that syncs every commit.

use std::str::FromStr as _;
use std::time::Duration;

use sea_orm::{DatabaseConnection, SqlxPostgresConnector};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::service::database::open::{GRACE, OpenError, Opened, Settings, TRIES, remedy, root_cause};

/// One writes, as a turn allows; the other is there while the first recovers from a write that was broken off. A third
/// connection listens.
const WRITERS: u32 = 2;
/// A connection that has answered within this time is taken for sound: under load, one group of votes follows the other.
const JUST: Duration = Duration::from_millis(10);
/// How long a start waits for the server: it may be starting too.
const FIRST_CONNECT: Duration = Duration::from_secs(10);

/// A pool for reads and one for writes, so that neither waits behind the other.
pub(super) async fn connect(url: &str, settings: &Settings, instance: &str) -> Result<Opened, OpenError> {
    let options = read_url(url)?.application_name(instance);
    check(&options).await.map_err(|error| cannot_connect(&options, &error))?;
    Ok(Opened {
        name: name(&options),
        reader: pool(&options, settings.max_connections, settings, Duration::ZERO),
        writer: pool(&options, WRITERS, settings, settings.statement_timeout / TRIES),
        file: None,
    })
}

/// The name of the database, and how many connections other processes of filmgate have to it.
pub(super) async fn others(url: &str) -> Result<(String, i64), OpenError> {
    const SQL: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
         AND application_name LIKE 'filmgate-%' AND pid <> pg_backend_pid()";
    let options = read_url(url)?;
    let asked = async {
        let mut connection = first_connection(&options).await?;
        let others = sqlx::query_scalar(SQL).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(others)
    };
    let others = asked.await.map_err(|error| cannot_connect(&options, &error))?;
    Ok((name(&options), others))
}

fn read_url(url: &str) -> Result<PgConnectOptions, OpenError> {
    let options = PgConnectOptions::from_str(url).map_err(|_| OpenError::Unreadable)?;
    Ok(options.disable_statement_logging())
}

fn cannot_connect(options: &PgConnectOptions, error: &sqlx::Error) -> OpenError {
    OpenError::CannotConnect {
        database: name(options),
        cause: root_cause(error),
        remedy: remedy(error)
            .unwrap_or("check that the server runs, and that the database and the user exist"),
    }
}

/// Settings without which what was acknowledged can be lost when its machine fails.
pub(in crate::service) const DURABLE: [&str; 2] = ["fsync", "full_page_writes"];

/// Where it is, without who we are there.
fn name(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    format!("{database:?} on {}:{}", options.get_host(), options.get_port())
}

/// Asks once what will hold for every connection. Not by the pool, which would hide why it failed.
async fn check(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection = first_connection(options).await?;
    let encoding: String = sqlx::query_scalar("SHOW server_encoding").fetch_one(&mut connection).await?;
    if encoding != "UTF8" {
        return Err(sqlx::Error::Configuration(
            format!("it stores text as {encoding}; create it with ENCODING 'UTF8'").into(),
        ));
    }
    for setting in DURABLE {
        let value: String =
            sqlx::query_scalar(AssertSqlSafe(format!("SHOW {setting}"))).fetch_one(&mut connection).await?;
        if value == "off" {
            tracing::warn!(
                "PostgreSQL runs with {setting} = off: what was acknowledged can be lost when its machine fails"
            );
        }
    }
    // One that may not be set is named here; a pool would only say that nobody answered in time.
    prepare(&mut connection, Duration::ZERO, Duration::ZERO).await.map_err(|error| match error {
        sqlx::Error::Database(answer) => sqlx::Error::Configuration(
            format!(
                "filmgate rests on a setting that its user may not change: {}; as a superuser, say ALTER ROLE name RESET \
                 it, or ALTER DATABASE name RESET it",
                answer.message()
            )
            .into(),
        ),
        other => other,
    })?;
    connection.close().await
}

async fn first_connection(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    const PAUSE: Duration = Duration::from_millis(200);
    let mut tries = FIRST_CONNECT.as_millis() / PAUSE.as_millis();
    loop {
        match tokio::time::timeout(FIRST_CONNECT, options.connect()).await {
            Err(_) => return Err(sqlx::Error::PoolTimedOut),
            Ok(Err(error)) if tries > 0 && is_starting(&error) => tries -= 1,
            Ok(result) => return result,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The server says that it is starting up. A refused connection is more often a wrong address, which is told at once.
fn is_starting(error: &sqlx::Error) -> bool {
    const CANNOT_CONNECT_NOW: &str = "57P03";
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == CANNOT_CONNECT_NOW)
}

fn pool(
    options: &PgConnectOptions,
    most: u32,
    settings: &Settings,
    lock_timeout: Duration,
) -> DatabaseConnection {
    let statement_timeout = settings.statement_timeout;
    let patience = settings.statement_timeout + GRACE;
    let pool = PgPoolOptions::new()
        .max_connections(most)
        // No longer than a write waits for its answer: who has waited in vain for a connection has sent nothing.
        .acquire_timeout(settings.acquire_timeout.min(settings.statement_timeout))
        .after_connect(move |connection, _| Box::pin(prepare(connection, statement_timeout, lock_timeout)))
        // By ourselves, for the same reasons; and not where it has just answered, since a vote would wait for that.
        .test_before_acquire(false)
        .before_acquire(move |connection, known| {
            Box::pin(async move { Ok(known.idle_for < JUST || is_sound(connection, patience).await?) })
        })
        .after_release(move |connection, _| Box::pin(is_sound(connection, patience)))
        .connect_lazy_with(options.clone());
    SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
}

/// What filmgate rests on, whatever is the default of the server, the database or the role. Two writes at once wait for
/// each other instead of being refused, nothing but our own clock ends a statement, a transaction or a connection that
/// rests, triggers tell of changes, and what was acknowledged is on disk. A server that does not know a setting has none
/// of its kind.
const SETTINGS: &str = "SELECT set_config(name, wanted, false) FROM pg_settings JOIN (VALUES \
     ('default_transaction_isolation', 'read committed'), ('default_transaction_deferrable', 'off'), \
     ('transaction_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), \
     ('idle_session_timeout', '0'), ('session_replication_role', 'origin'), \
     ('standard_conforming_strings', 'on'), ('synchronous_commit', 'on')) AS ours (known, wanted) ON name = known \
     WHERE setting <> wanted AND (name <> 'synchronous_commit' OR setting IN ('off', 'local'))";

/// A time of nothing is without end.
async fn prepare(
    connection: &mut PgConnection,
    statement_timeout: Duration,
    lock_timeout: Duration,
) -> Result<(), sqlx::Error> {
    sqlx::query(SETTINGS).execute(&mut *connection).await?;
    for (setting, time) in [("statement_timeout", statement_timeout), ("lock_timeout", lock_timeout)] {
        let ours = format!("SET {setting} = {}", time.as_millis());
        sqlx::query(AssertSqlSafe(ours)).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Whether a connection still answers. The driver asks as well, but without end: connections that a firewall has
/// forgotten would keep their places until the operating system gives them up, a quarter of an hour later.
async fn is_sound(connection: &mut PgConnection, patience: Duration) -> Result<bool, sqlx::Error> {
    match tokio::time::timeout(patience, connection.ping()).await {
        Ok(answer) => answer.map(|()| true),
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}

/// A pool for one connection that listens. Of its own: one that is given up is not waited for.
pub(super) fn listening(pool: &sqlx::PgPool, acquire_timeout: Duration) -> sqlx::PgPool {
    PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(acquire_timeout)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|connection, _| Box::pin(prepare(connection, Duration::ZERO, Duration::ZERO)))
        .connect_lazy_with(pool.connect_options().as_ref().clone())
}
