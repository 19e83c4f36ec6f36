//! Where the instructions of a request are spent, by crate.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::callgrind::{self, Record, Recorded};
use crate::document;
use crate::requests::{call, hot};
use crate::server::{BARE, FULL, Program};

const REQUESTS: u64 = 500;
/// Crates that are named; the others are summed up.
const NAMED: usize = 14;

/// Writes the table into the docs.
pub(crate) fn run() -> bool {
    if !callgrind::is_there() {
        return false;
    }
    let columns = [
        ("`GET /`, limits and log off", BARE, call("GET", "/")),
        ("`GET /`, limits and log on", FULL, call("GET", "/")),
        ("GraphQL, a random film, limits and log off", BARE, hot()),
    ];
    let mut head = "|".to_owned();
    let mut rule = "|---|".to_owned();
    let mut shares = Vec::new();
    for (name, variables, request) in columns {
        let mut recorded = Recorded::start(&Program::filmgate(variables));
        let ask = |recorded: &mut Recorded| {
            for _ in 0..REQUESTS {
                assert_eq!(recorded.ask(&request), 200, "{name}");
            }
        };
        ask(&mut recorded);
        shares.push(by_crate(&recorded.record(ask)));
        let _ = write!(head, " | {name}");
        rule.push_str("---|");
    }
    let mut names: Vec<&String> = shares.iter().flat_map(HashMap::keys).collect();
    names.sort_unstable();
    names.dedup();
    names.sort_by_key(|name| {
        u64::MAX - shares.iter().map(|share| share.get(*name).unwrap_or(&0)).sum::<u64>()
    });
    let mut text = format!("{head} |\n{rule}\n");
    let mut row = |name: &str, of: &dyn Fn(&HashMap<String, u64>) -> u64| {
        let _ = write!(text, "| {name}");
        for share in &shares {
            let hundreds = (of(share) + 50) / 100;
            let _ = write!(text, " | {}.{} k", hundreds / 10, hundreds % 10);
        }
        text.push_str(" |\n");
    };
    for name in names.iter().take(NAMED) {
        row(name, &|share| share.get(*name).copied().unwrap_or(0));
    }
    row("all others", &|share| names.iter().skip(NAMED).filter_map(|name| share.get(*name)).sum());
    println!("{text}");
    document::write("cycles", &text);
    true
}

/// Instructions a request.
fn by_crate(record: &Record) -> HashMap<String, u64> {
    let mut shares = HashMap::new();
    for (file, cost) in &record.files {
        *shares.entry(crate_of(file)).or_default() += cost;
    }
    for cost in shares.values_mut() {
        *cost /= REQUESTS;
    }
    shares
}

fn crate_of(file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    // `.../registry/src/INDEX/tokio-1.54.0/src/...`
    if let Some((_, path)) = file.split_once("/registry/src/") {
        let folder = path.split('/').nth(1).unwrap_or(path);
        let end = folder.find(|first: char| first.is_ascii_digit()).unwrap_or(folder.len());
        return folder[..end].trim_end_matches('-').to_owned();
    }
    match name {
        "malloc.c" | "arena.c" => "malloc and free",
        _ if file.contains("sysdeps") && name.starts_with("mem") => "memcpy and its like",
        _ if file.contains("/rustc/") && file.contains("core/src/fmt") => "formatting of `core`",
        _ if file.contains("/rustc/") => "the rest of `core`, `alloc` and `std`",
        _ if callgrind::own(file).is_some() => "filmgate",
        _ => "libc, and what has no name",
    }
    .to_owned()
}
