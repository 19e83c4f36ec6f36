//! Every metric: its name, what it counts, and its labels. None has a path, an id or an address for a label, so that their
//! number is bounded.

/// A metric.
#[derive(Debug)]
pub struct Metric {
    pub name: &'static str,
    pub kind: Kind,
    pub labels: &'static [&'static str],
    pub meaning: &'static str,
}

/// What a metric is.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Counter,
    Gauge,
    /// With the upper bounds of its buckets.
    Histogram(&'static [f64]),
}

impl Kind {
    /// Its name in Prometheus.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// From a film in memory to a client that is given up.
const SECONDS: Kind =
    Kind::Histogram(&[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]);
/// From one vote alone to the largest group.
const VOTES: Kind = Kind::Histogram(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0]);
/// Around the time that a call waits for Redis, 50 ms unless it is set.
const ROUND_TRIP: Kind =
    Kind::Histogram(&[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0]);

/// Makes a constant of each metric, and the list of them all.
macro_rules! table {
    ($($constant:ident = $name:literal, $kind:expr, [$($label:literal),*], $meaning:literal;)*) => {
        $(pub const $constant: &Metric = &Metric {
            name: $name,
            kind: $kind,
            labels: &[$($label),*],
            meaning: $meaning,
        };)*

        /// Every metric.
        pub const ALL: &[&Metric] = &[$($constant),*];
    };
}

table! {
    BUILD_INFO = "filmgate_build_info", Kind::Gauge, ["version", "database", "storage"],
        "Always 1; its labels tell the version with its commit, the kind of database, and where limits are kept.";
    REQUESTS = "filmgate_requests_total", Kind::Counter, ["operation", "surface", "status"],
        "Requests, and operations over a WebSocket, that have ended: as many as the log has lines of them. A status of 499 is a client that went away, or broke the protocol; the operation `none`, what was refused before it was known what it asks, and the pages.";
    REQUEST_DURATION = "filmgate_request_duration_seconds", SECONDS, ["operation", "surface"],
        "Time from the head of a request to its answer, or to the first word of an event stream.";
    REQUESTS_IN_WORK = "filmgate_requests_in_work", Kind::Gauge, [],
        "Requests in work now; `http.max_in_flight` bounds them.";
    BODIES = "filmgate_request_body_bytes", Kind::Gauge, [],
        "Bytes of request bodies that are still on their way.";
    CONNECTIONS = "filmgate_connections", Kind::Gauge, [],
        "Connections that are open; `http.max_connections` bounds them.";
    DROPPED = "filmgate_connections_dropped_total", Kind::Counter, ["cause"],
        "Connections that were dropped, and bytes that never became a request, by cause.";
    STREAMS = "filmgate_streams", Kind::Gauge, ["kind"],
        "What stays open: `socket` for WebSockets, `events` for event streams; `live.max_streams` bounds both together.";
    DECISIONS = "filmgate_limiter_decisions_total", Kind::Counter, ["bucket", "outcome"],
        "What the limiter said: `passed` once for each bucket of a price, `over_quota`, `above_burst` and `above_share` for the bucket that refused.";
    LOCAL_DECISIONS = "filmgate_limiter_local_decisions_total", Kind::Counter, [],
        "Decisions by this server's share alone, since Redis did not say.";
    LIMITER_CLIENTS = "filmgate_limiter_clients", Kind::Gauge, [],
        "Clients, names, accounts and keys that the limiter remembers: `limits.max_keys` addresses and names at most, and as many accounts and keys.";
    SERVERS = "filmgate_servers", Kind::Gauge, [],
        "Servers on this database that were seen lately, among which budgets are divided while Redis is away.";
    UNTRUSTED_FORWARDING = "filmgate_untrusted_forwarding_total", Kind::Counter, [],
        "Requests with a forwarding header from a peer that is not in `trusted_proxies`: more than none may mean that a proxy is missing there.";
    REDIS_UP = "filmgate_redis_up", Kind::Gauge, [],
        "Whether Redis counts limits; not there where limits are kept in memory.";
    REDIS_CALLS = "filmgate_redis_call_duration_seconds", ROUND_TRIP, [],
        "Round trips to Redis that were answered.";
    REDIS_FAILURES = "filmgate_redis_failures_total", Kind::Counter, [],
        "Calls of Redis that failed or were not answered in time.";
    VOTE_GROUP_SIZE = "filmgate_vote_group_calls", VOTES, [],
        "Calls whose votes were written together.";
    VOTE_GROUP_COMMIT = "filmgate_vote_group_commit_seconds", SECONDS, [],
        "Time for a group of votes, from its beginning to its commit.";
    VOTES_WAITING = "filmgate_votes_waiting", Kind::Gauge, [],
        "Calls whose votes wait to be written; past 16,384 of them voters are told to come back.";
    FILMS = "filmgate_films", Kind::Gauge, [],
        "Films in the catalogue.";
    READ_MODEL_BYTES = "filmgate_read_model_bytes", Kind::Gauge, [],
        "Bytes of films in memory; `catalogue.max_bytes` bounds them.";
    READ_MODEL_IS_WHOLE = "filmgate_read_model_is_whole", Kind::Gauge, [],
        "1 while every film is in memory; 0 once lists and filtered picks come from the database.";
    POOL = "filmgate_database_connections", Kind::Gauge, ["pool", "state"],
        "Connections to the database: of the pool that reads and the one that writes, those `in_use` and those `idle`.";
    POOL_MOST = "filmgate_database_connections_max", Kind::Gauge, ["pool"],
        "Connections that a pool may have.";
    WRITES_FAIL = "filmgate_database_writes_failing", Kind::Gauge, [],
        "1 after a write that failed, until one succeeds.";
    LOG_LINES_LOST = "filmgate_log_lines_lost_total", Kind::Counter, [],
        "Lines of the log that nobody took in time.";
    LOG_WAITING = "filmgate_log_waiting_bytes", Kind::Gauge, [],
        "Bytes of the log that wait to be written; past 4 MiB lines are lost.";
    RELOADS = "filmgate_reloads_total", Kind::Counter, ["outcome"],
        "Configurations that were read anew while the server ran: `taken_over`, or `refused` for a fault.";
    TASKS = "filmgate_tasks", Kind::Gauge, [],
        "Tasks of the runtime that have not ended: a few for each connection and stream.";
    PROCESS_CPU = "process_cpu_seconds_total", Kind::Counter, [],
        "Seconds of CPU, of user and system together.";
    PROCESS_START = "process_start_time_seconds", Kind::Gauge, [],
        "When the process started, in seconds since the Unix epoch.";
    PROCESS_MEMORY = "process_resident_memory_bytes", Kind::Gauge, [],
        "Bytes of memory that the process holds.";
    PROCESS_VIRTUAL = "process_virtual_memory_bytes", Kind::Gauge, [],
        "Bytes of memory that the process has asked for.";
    PROCESS_VIRTUAL_MOST = "process_virtual_memory_max_bytes", Kind::Gauge, [],
        "Bytes of memory that the process may ask for.";
    PROCESS_FDS = "process_open_fds", Kind::Gauge, [],
        "File descriptors that are open.";
    PROCESS_FDS_MOST = "process_max_fds", Kind::Gauge, [],
        "File descriptors that may be open.";
    PROCESS_THREADS = "process_threads", Kind::Gauge, [],
        "Threads of the process.";
}
