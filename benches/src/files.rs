//! The files under `src/` with instructions in callgrind's record of one like, from the front on.
//!
//! A file counts when it has, of what the server executes for the likes, one instruction or more for each of them, in
//! each of three records: on its way always, and not now and then. An inlined function counts for the file in which it stands. What comes before
//! the front does not count: `src/server/`, and the `main` that waits. Nor does `lib.rs`, which has no code: the glue that
//! the compiler makes has its name.

use std::collections::BTreeSet;

use serde_json::json;

use crate::callgrind::{self, Record, Recorded};
use crate::requests::{call, graphql_like, like};
use crate::server::{FULL, Program};

const LIKES: usize = 100;
const RECORDS: usize = 3;
const NOT_COUNTED: [&str; 4] = ["server/", "cli/", "main.rs", "lib.rs"];

pub(crate) fn run() -> bool {
    if !callgrind::is_there() {
        return false;
    }
    let mut recorded = Recorded::start(&Program::filmgate(FULL));
    let ways = [("rest", like()), ("documented", call("GET", "/?like=7")), ("graphql", graphql_like())];
    let mut counts = serde_json::Map::new();
    for (way, request) in ways {
        let likes = |recorded: &mut Recorded| {
            for _ in 0..LIKES {
                assert_eq!(recorded.ask(&request), 200, "{way}");
            }
        };
        // What is kept after the first call is in place.
        likes(&mut recorded);
        let files = (0..RECORDS).map(|_| passed(&recorded.record(likes)));
        let files = files.reduce(|some, others| &some & &others).unwrap_or_default();
        println!("{way}: {} files", files.len());
        for file in &files {
            println!("  {file}");
        }
        counts.insert(way.to_owned(), json!({ "count": files.len(), "files": files }));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/files.json");
    let text = serde_json::to_string_pretty(&counts).expect("JSON");
    std::fs::write(path, text + "\n").expect("a file");
    true
}

/// Files of ours with an instruction for each like.
fn passed(record: &Record) -> BTreeSet<String> {
    let passed = record.files.iter().filter(|(_, cost)| **cost >= LIKES as u64);
    passed.filter_map(|(file, _)| counted(file)).map(str::to_owned).collect()
}

/// The name within `src/` of a file that counts.
fn counted(file: &str) -> Option<&str> {
    callgrind::own(file).filter(|file| !NOT_COUNTED.iter().any(|not| file.starts_with(not)))
}
