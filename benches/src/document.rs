//! Tables for `docs/performance.md`.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::heaviest::Heavy;
use crate::instructions::Rows;
use crate::load::{Row, Standing};

/// A file in the folder of the docs.
pub(crate) fn path(file: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs")).join(file)
}

/// Puts a text between the marks of its name.
pub(crate) fn write(name: &str, text: &str) {
    let path = path("performance.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    let (begin, end) = (format!("<!-- {name}: measured -->\n"), format!("<!-- {name}: end -->"));
    let (head, rest) = page.split_once(&begin).expect("a mark where it begins");
    let (_, tail) = rest.split_once(&end).expect("a mark where it ends");
    std::fs::write(path, format!("{head}{begin}{text}{end}{tail}")).expect("the page");
}

/// Thousands of instructions a request.
pub(crate) fn instructions(before: &Rows, now: &Rows) -> String {
    let mut text = "| | before | now | now of before |\n|---|---|---|---|\n".to_owned();
    for (name, now) in now {
        let thousands = |count: &Value| count.as_f64().map(|count| count / 1e3);
        let now = thousands(now).unwrap_or_default();
        let (then, share) = before.get(name).and_then(thousands).map_or_else(Default::default, |before| {
            (format!("{before:.1} k"), format!("{:.2}", now / before))
        });
        let _ = writeln!(text, "| {name} | {then} | {now:.1} k | {share} |");
    }
    text
}

/// What the heaviest documents take.
pub(crate) fn heaviest(all: &[Heavy]) -> String {
    let mut text = "| | status | instructions | memory |\n|---|---|---|---|\n".to_owned();
    for Heavy { shape, status, instructions, memory } in all {
        let _ = writeln!(text, "| {shape} | {status} | {} k | {memory} KiB |", instructions / 1_000);
    }
    text
}

/// Rates and times, each row of a group against its first one.
pub(crate) fn load(rows: &[Row], standings: &[Standing]) -> String {
    let mut text = "| | | requests/s | of the first | CPU a request | of the first | p50 | p99 |\n|---|---|---|---|---|---|---|---|\n".to_owned();
    let mut first: Option<&Row> = None;
    for row in rows {
        let first = match first {
            Some(known) if known.group == row.group => known,
            _ => first.insert(row),
        };
        let (rate, cpu) = (row.rate(), row.cpu());
        let _ = writeln!(
            text,
            "| {} | {} | {rate:.0} | {:.2} | {cpu:.1} us | {:.2} | {:.2} ms | {:.2} ms |",
            row.group,
            row.who,
            rate / first.rate(),
            cpu / first.cpu(),
            row.time(),
            row.p99(),
        );
    }
    text.push_str(
        "\n| | memory at most | start to first answer | and with a new database |\n|---|---|---|---|\n",
    );
    for Standing { who, memory, start, first_start } in standings {
        let _ = writeln!(text, "| {who} | {memory:.1} MiB | {start:.0} ms | {first_start:.0} ms |");
    }
    text
}
