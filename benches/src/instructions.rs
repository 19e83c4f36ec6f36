//! Instructions that the server executes in user space for a request, held against the committed figures.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::callgrind::{self, Recorded};
use crate::requests::{call, first_seen, graphql_like, hot, page, variable};
use crate::server::{BARE, Program, Variables};
use crate::{document, heaviest};

/// Requests that are counted for a figure, and before them those that fill what a server keeps.
const COUNTED: usize = 200;
const WARM: usize = 40;
/// Figures of a row, of which the median is taken: what a server does by itself comes when it likes.
const FIGURES: usize = 3;
/// Percent by which a row may grow over its figure.
const GROWTH: u64 = 5;
/// No window is emptied by a row, and none is much larger than those of the default: what the limiter does may depend
/// on that.
const FULL: &Variables<'static> = &[
    ("LIMITS__FILM", "250/second, 250/hour, 250/day"),
    ("LIMITS__BROWSE", "250/second, 2000/hour"),
    ("LIMITS__FLOOD", "250/second"),
];
const REFUSING: (&str, &str) = ("LIMITS__FILM", "1/minute, 50/hour, 200/day");
const FLOOD: (&str, &str) = ("LIMITS__FLOOD", "250/second");
const METRICS: (&str, &str) = ("ADMIN__LISTEN", "0");
const SILENT: (&str, &str) = ("LOG__LEVEL", "off");

type Request = fn(usize) -> String;
/// What is asked, how, and the status of the answer.
type Call = (&'static str, Request, u16);

const CALLS: [Call; 8] = [
    ("GET /", |_| call("GET", "/"), 200),
    ("GET /v1/films/{id}", |_| call("GET", "/v1/films/7"), 200),
    ("GET /?like=", |_| call("GET", "/?like=7"), 200),
    ("GraphQL hot", |_| hot(), 200),
    ("GraphQL first seen", first_seen, 200),
    ("GraphQL with a variable", |_| variable(), 200),
    ("GraphQL page of films", |_| page(), 200),
    ("GraphQL like", |_| graphql_like(), 200),
];
/// What is asked where metrics are on: memory, a document, and a vote.
const METERED: [Call; 3] = [CALLS[0], CALLS[2], CALLS[3]];
const REFUSED: [Call; 1] = [("429", |_| call("GET", "/"), 429)];
const YARDSTICK: [Call; 5] = [
    ("bare axum", |_| call("GET", "/"), 200),
    ("async-graphql-axum hot", |_| hot(), 200),
    ("async-graphql-axum first seen", first_seen, 200),
    ("async-graphql-axum with a variable", |_| variable(), 200),
    ("async-graphql-axum page of films", |_| page(), 200),
];

/// Instructions by row, in the order of the tables above.
pub(crate) type Rows = Map<String, Value>;

/// Whether no row has grown too much.
pub(crate) fn check() -> bool {
    if !callgrind::is_there() {
        return false;
    }
    let known = committed("instructions.json");
    let mut held = true;
    for (name, now) in measure() {
        let now = now.as_u64().unwrap_or(0);
        let Some(before) = known.get(&name).and_then(Value::as_u64) else {
            println!("NEW    {name}: {now}");
            held = false;
            continue;
        };
        let grown = now * 100 > before * (100 + GROWTH);
        let shrunk = now * (100 + GROWTH) < before * 100;
        let verdict = if grown {
            "GROWN "
        } else if shrunk {
            "shrunk"
        } else {
            "      "
        };
        println!("{verdict} {name}: {now}, was {before}");
        held &= !grown;
    }
    // Each is told, whether one before it fits or not.
    let heaviest = heaviest::measure().iter().filter(|heavy| !heavy.fits()).count();
    if !held {
        println!(
            "\nA row is new, or more than {GROWTH} % above benches/instructions.json. Make it cheaper; or, if it is worth its \
             price, run `make bench-accept` and say in the commit why it may grow."
        );
    }
    held && heaviest == 0
}

/// Takes today's figures for those that are held from now on.
pub(crate) fn accept() -> bool {
    if !callgrind::is_there() {
        return false;
    }
    let rows = measure();
    for (name, now) in &rows {
        println!("{name}: {now}");
    }
    document::write("instructions", &document::instructions(&committed("before.json"), &rows));
    document::write("heaviest", &document::heaviest(&heaviest::measure()));
    let text = serde_json::to_string_pretty(&json!(rows)).expect("JSON");
    std::fs::write(path("instructions.json"), text + "\n").expect("a file");
    true
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn committed(file: &str) -> Rows {
    let text = std::fs::read_to_string(path(file)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn measure() -> Rows {
    let mut rows = Rows::new();
    group(&mut rows, &Program::yardstick(&["reads"]), &YARDSTICK, "");
    group(&mut rows, &Program::filmgate(BARE), &CALLS, ", limits and log off");
    group(&mut rows, &Program::filmgate(FULL), &CALLS, ", limits and log on");
    let metered: Vec<_> = BARE.iter().copied().chain([METRICS]).collect();
    group(&mut rows, &Program::filmgate(&metered), &METERED, ", limits and log off, metrics on");
    group(&mut rows, &Program::filmgate(&[REFUSING, FLOOD, SILENT]), &REFUSED, ", log off");
    group(&mut rows, &Program::filmgate(&[REFUSING, FLOOD]), &REFUSED, ", log on");
    rows
}

fn group(rows: &mut Rows, program: &Program, calls: &[Call], under: &str) {
    let mut recorded = Recorded::start(program);
    for (name, request, status) in calls {
        let mut numbers = 0..;
        let mut figures: Vec<u64> = (0..FIGURES)
            .map(|_| {
                recorded.change_client();
                // The first of those that are refused later is not.
                recorded.ask(&request(numbers.next().unwrap_or_default()));
                let mut ask = |recorded: &mut Recorded, count| {
                    for number in numbers.by_ref().take(count) {
                        assert_eq!(recorded.ask(&request(number)), *status, "{name}");
                    }
                };
                ask(&mut recorded, WARM);
                recorded.record(|recorded| ask(recorded, COUNTED)).total() / COUNTED as u64
            })
            .collect();
        figures.sort_unstable();
        rows.insert(format!("{name}{under}"), json!(figures[FIGURES / 2]));
    }
}
