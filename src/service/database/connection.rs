//! The connections, and what bounds their use.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, TransactionOptions,
    TransactionTrait as _,
};
use tokio::sync::{Mutex, Notify};

use crate::service::database::open::{GRACE, Missing, OpenError, Opened, Settings};
use crate::service::database::{postgres, sqlite};
use crate::service::error::{Error, Result};

/// The database, opened and migrated.
#[derive(Clone)]
pub struct Database {
    pub(super) reader: DatabaseConnection,
    pub(super) writer: DatabaseConnection,
    pub(super) turns: Arc<Mutex<()>>,
    /// For people: the file, or the database and its host.
    pub(super) name: Arc<str>,
    /// Told to PostgreSQL by each connection, so that notifications of our own commits can be told from others'.
    pub(super) instance: Arc<RwLock<Arc<str>>>,
    /// How often SQLite's connection that writes was made.
    pub(super) openings: Arc<AtomicU64>,
    pub(super) statement_timeout: Duration,
    pub(super) doubts: Arc<Notify>,
}

impl Database {
    /// Opens the database and leaves its tables as they are.
    ///
    /// # Errors
    /// With a sentence that names cause and remedy.
    pub async fn connect(url: &str, settings: &Settings, missing: Missing) -> Result<Self, OpenError> {
        let instance = instance();
        let openings = Arc::default();
        let Opened { name, reader, writer } =
            if url.starts_with("postgres://") || url.starts_with("postgresql://") {
                postgres::connect(url, settings, &instance).await?
            } else {
                sqlite::connect(url, settings, missing, &openings).await?
            };
        Ok(Self {
            reader,
            writer,
            turns: Arc::default(),
            name: name.into(),
            instance: Arc::new(RwLock::new(instance.into())),
            openings,
            statement_timeout: settings.statement_timeout,
            doubts: Arc::default(),
        })
    }

    /// Which of the two it is.
    pub(in crate::service) fn backend(&self) -> DbBackend {
        self.reader.get_database_backend()
    }

    /// For single reads.
    pub(in crate::service) fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// The connection that writes; whoever uses it for more than a look holds the turn.
    pub(in crate::service) fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// How often the connection that writes to SQLite was made: another one counts versions anew.
    pub(in crate::service) fn openings(&self) -> u64 {
        self.openings.load(Ordering::SeqCst)
    }

    /// For people: the file, or the database and its host, without user and password.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How this process is called in the database.
    pub(in crate::service) fn instance(&self) -> Arc<str> {
        Arc::clone(&self.instance.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A pool for a connection that listens to PostgreSQL.
    pub(in crate::service) fn listening(&self) -> sqlx::PgPool {
        let pool = self.writer.get_postgres_connection_pool();
        postgres::listening(pool, pool.options().get_acquire_timeout())
    }

    /// For reads that must see one state.
    pub(in crate::service) async fn begin_read(&self) -> Result<DatabaseTransaction, DbErr> {
        let isolation_level = match self.backend() {
            DbBackend::Postgres => Some(IsolationLevel::RepeatableRead),
            // Every transaction of SQLite sees one state.
            _ => None,
        };
        self.reader
            .begin_with_options(TransactionOptions { isolation_level, ..TransactionOptions::default() })
            .await
    }

    /// Bounds a read by the time for a statement. PostgreSQL keeps that time itself, unless it is frozen or behind a
    /// network that has gone: then nobody else would notice.
    pub(in crate::service) async fn bounded<T>(&self, read: impl Future<Output = Result<T>>) -> Result<T> {
        if self.backend() == DbBackend::Sqlite {
            return read.await;
        }
        tokio::time::timeout(self.statement_timeout + GRACE, read).await.unwrap_or_else(|_| {
            tracing::warn!("the database did not answer in time");
            Err(Error::Unavailable)
        })
    }

    /// Bounds a write that has begun, likewise. Whether it was committed is unknown then.
    pub(in crate::service) async fn bounded_write<T>(
        &self,
        write: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let result = match self.bounded(async { Ok(write.await) }).await {
            Ok(result) => result,
            Err(_) => Err(Error::Unconfirmed),
        };
        if matches!(result, Err(Error::Unconfirmed)) {
            self.rename();
            self.doubts.notify_one();
        }
        result
    }

    /// From now on, what was written under the old name is heard like what others write: a commit in doubt may yet come,
    /// long after the read model was made anew.
    fn rename(&self) {
        if self.backend() != DbBackend::Postgres {
            return;
        }
        let name = instance();
        let pool = self.writer.get_postgres_connection_pool();
        pool.set_connect_options(pool.connect_options().as_ref().clone().application_name(&name));
        *self.instance.write().unwrap_or_else(PoisonError::into_inner) = name.into();
    }

    /// Returns when a write has ended in doubt, so that the read model may be wrong.
    pub(in crate::service) async fn doubt(&self) {
        self.doubts.notified().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "a name needs to be unique, never to be foreseen in a test")]
fn instance() -> String {
    format!("filmgate-{:016x}", rand::random::<u64>())
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the connections, whose options hold the password.
        f.debug_struct("Database").field("name", &self.name).finish_non_exhaustive()
    }
}
