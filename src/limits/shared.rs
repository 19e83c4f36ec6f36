//! Arrival times in Redis, for all servers that count together.
//!
//! A charge is one script over one key: one round trip, by the time of Redis. Nobody waits for a Redis that is slow or
//! gone: as soon as one call was in vain, each server counts by itself, until a call of the same script has come through.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use metrics::{Counter, Histogram};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, Script, ScriptInvocation};
use tokio::time::{Instant, sleep, timeout};

use super::key::Key;
use super::window::{Moment, Window, moment};
use crate::clock::Clock;

/// For a new connection: a name that is looked up, handshakes, and the password.
const CONNECT: Duration = Duration::from_secs(1);
/// Before the first attempt to find Redis again; each further pause is twice as long.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A Redis that is lost again before is not trusted more than the last time: pauses go on growing.
const TRUSTED_AFTER: Duration = Duration::from_secs(10);
/// Calls that wait to be written; those that find no room wait for it.
const WAITING: usize = 1_024;

/// Arrival times in Redis. Clones share the connection.
#[derive(Clone)]
pub struct SharedStore(Arc<Inner>);

struct Inner {
    client: Client,
    script: Script,
    patience: Duration,
    /// By which a test counts, in place of the time of Redis.
    clock: Option<Arc<dyn Clock>>,
    link: Mutex<Link>,
    measures: OnceLock<Measures>,
}

/// What is measured of calls, where somebody does.
pub struct Measures {
    /// Seconds of those that were answered.
    pub answered: Histogram,
    pub failed: Counter,
}

struct Link {
    /// Not there while Redis is lost.
    connection: Option<MultiplexedConnection>,
    /// How often Redis was found: who finds a connection broken may be late.
    number: u64,
    since: Instant,
    pause: Duration,
    /// Why it was lost the last time.
    why: String,
}

/// What is asked about a window.
pub(super) struct Asked {
    /// Its place among the windows.
    pub place: usize,
    /// How much is drawn from it.
    pub amount: u32,
    /// Microseconds that are known to be used, at the least.
    pub known: Moment,
    /// Microseconds that were used without Redis, besides.
    pub owed: Moment,
}

/// What the servers that count together know of a client.
#[derive(Debug)]
pub struct Told {
    pub(super) is_drawn: bool,
    /// That of the connection.
    pub(super) number: u64,
    /// Arrival times by the place of their window, before what was drawn, by our clock.
    pub(super) arrivals: Vec<(usize, Moment)>,
}

/// One of the connections that there have been.
pub(super) struct Connection {
    connection: MultiplexedConnection,
    pub number: u64,
}

impl SharedStore {
    /// Counts in this Redis; a call may take so long. When it is not there yet, it is waited for in the background. `clock`: of
    /// a test, in place of the time of Redis.
    pub async fn open(client: Client, patience: Duration, clock: Option<Arc<dyn Clock>>) -> Self {
        let link = Link {
            connection: None,
            number: 0,
            since: Instant::now(),
            pause: SHORTEST_PAUSE,
            why: String::new(),
        };
        let script = script();
        let (link, measures) = (Mutex::new(link), OnceLock::new());
        let inner = Arc::new(Inner { client, script, patience, clock, link, measures });
        match inner.connect().await {
            Ok(connection) => inner.found(connection),
            Err(why) => inner.lost(&why),
        }
        Self(inner)
    }

    /// From now on, calls are measured.
    pub fn measure(&self, measures: Measures) {
        let _ = self.0.measures.set(measures);
    }

    /// Whether Redis counts.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.0.link().connection.is_some()
    }

    /// Why Redis does not count, while it is lost.
    pub(super) fn why_lost(&self) -> Option<String> {
        let link = self.0.link();
        link.connection.is_none().then(|| link.why.clone())
    }

    /// Nothing while Redis is lost.
    pub(super) fn connection(&self) -> Option<Connection> {
        let link = self.0.link();
        Some(Connection { connection: link.connection.clone()?, number: link.number })
    }

    /// Forgets a budget.
    ///
    /// # Errors
    /// Why it has not.
    pub(super) async fn forget(&self, key: Key) -> Result<(), String> {
        let Connection { mut connection, .. } = self.connection().ok_or("Redis does not answer")?;
        let mut forget = redis::cmd("DEL");
        match timeout(CONNECT, forget.arg(name(key)).exec_async(&mut connection)).await {
            Ok(forgotten) => forgotten.map_err(|error| error.to_string()),
            Err(_) => Err("Redis does not answer".to_owned()),
        }
    }

    /// How the client stands in these windows; nothing when Redis does not say.
    pub(super) async fn ask(
        &self,
        connection: Connection,
        key: Key,
        windows: &[Window],
        asked: &[Asked],
        is_drawn: bool,
        now: Moment,
    ) -> Option<Box<Told>> {
        let inner = &self.0;
        let Connection { mut connection, number } = connection;
        let mut call = inner.script.prepare_invoke();
        call.key(name(key)).arg(if is_drawn { "draw" } else { "look" });
        match &inner.clock {
            Some(clock) => call.arg(moment(clock.now())),
            None => call.arg(""),
        };
        for Asked { place, amount, known, owed } in asked {
            let Window { policy, rate, .. } = &windows[*place];
            call.arg(&**policy).arg(rate.step).arg(rate.whole).arg(amount).arg(known).arg(owed);
        }
        let answer = match inner.call(&mut connection, &call, asked.len()).await {
            Ok(answer) => answer,
            Err(why) => {
                inner.lose(number, &why);
                return None;
            }
        };
        // By our clock, whatever the time is there.
        let here = |arrival: &Moment| match arrival.saturating_sub(answer[0]) {
            0 => 0,
            used => now + used,
        };
        let places = asked.iter().map(|asked| asked.place);
        Some(Box::new(Told {
            is_drawn: answer[1] == 1,
            number,
            arrivals: places.zip(answer[2..].iter().map(here)).collect(),
        }))
    }
}

fn script() -> Script {
    Script::new(include_str!("script.lua"))
}

/// A draw from a window that is over at once.
fn trial(script: &Script) -> ScriptInvocation<'_> {
    let mut trial = script.prepare_invoke();
    trial.key("filmgate:limits:trial").arg("draw").arg("").arg("trial").arg(1).arg(1).arg(1).arg(0).arg(0);
    trial
}

/// Draws from nobody, as a charge draws.
///
/// # Errors
/// Why no charge would come through.
pub async fn try_draw(connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
    trial(&script()).invoke_async::<Vec<Moment>>(connection).await.map(drop)
}

/// Under which a budget is kept.
fn name(key: Key) -> String {
    format!("filmgate:limits:{:032x}", key.bits())
}

impl Inner {
    /// The time, whether was drawn, and so many arrival times.
    async fn call(
        &self,
        connection: &mut MultiplexedConnection,
        call: &ScriptInvocation<'_>,
        windows: usize,
    ) -> Result<Vec<Moment>, String> {
        let began = Instant::now();
        let answer = match timeout(self.patience, call.invoke_async::<Vec<Moment>>(connection)).await {
            Ok(Ok(answer)) if answer.len() == windows + 2 => Ok(answer),
            Ok(Ok(answer)) => Err(format!("it answers with {} numbers", answer.len())),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no answer within {} ms", self.patience.as_millis())),
        };
        if let Some(Measures { answered, failed }) = self.measures.get() {
            match &answer {
                Ok(_) => answered.record(began.elapsed()),
                Err(_) => failed.increment(1),
            }
        }
        answer
    }

    /// A connection over which a draw has come through: one that can be written to, by whoever we are there.
    async fn connect(&self) -> Result<MultiplexedConnection, String> {
        let settings = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(None)
            .set_pipeline_buffer_size(WAITING);
        let connecting = self.client.get_multiplexed_async_connection_with_config(&settings);
        let mut connection = match timeout(CONNECT, connecting).await {
            Ok(connected) => connected.map_err(|error| error.to_string())?,
            Err(_) => return Err(format!("no connection within {} ms", CONNECT.as_millis())),
        };
        self.call(&mut connection, &trial(&self.script), 1).await?;
        Ok(connection)
    }

    fn found(&self, connection: MultiplexedConnection) {
        let mut link = self.link();
        link.connection = Some(connection);
        link.number += 1;
        link.since = Instant::now();
    }

    /// To be called by all who find the connection of this number broken: the first one tells.
    fn lose(self: &Arc<Self>, number: u64, why: &str) {
        let mut link = self.link();
        if link.number == number && link.connection.take().is_some() {
            if link.since.elapsed() > TRUSTED_AFTER {
                link.pause = SHORTEST_PAUSE;
            }
            drop(link);
            self.lost(why);
        }
    }

    fn lost(self: &Arc<Self>, why: &str) {
        why.clone_into(&mut self.link().why);
        tracing::warn!(
            error = why,
            "Redis does not count limits: until it does, each server counts by itself and lets its share pass"
        );
        tokio::spawn(find(Arc::downgrade(self)));
    }

    /// How long to wait for the next attempt to find it.
    fn pause(&self) -> Duration {
        let mut link = self.link();
        let pause = link.pause;
        link.pause = (pause * 2).min(LONGEST_PAUSE);
        pause
    }

    fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends when Redis is found, or nobody counts any more.
async fn find(inner: Weak<Inner>) {
    loop {
        let Some(pause) = inner.upgrade().map(|inner| inner.pause()) else { return };
        sleep(pause).await;
        let Some(inner) = inner.upgrade() else { return };
        match inner.connect().await {
            Ok(connection) => {
                inner.found(connection);
                tracing::info!("Redis counts limits again");
                return;
            }
            Err(error) => tracing::debug!(%error, "Redis does not count limits yet"),
        }
    }
}
