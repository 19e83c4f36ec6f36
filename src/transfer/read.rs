//! A thread that parses, and waits where the service is behind.

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::thread;

use tokio::sync::mpsc;

use super::row::FileRow;
use super::sink::Sink;
use super::source::{Format, ReadError, Source};
use super::{csv_rows, json_rows};

pub use super::year::Today;

/// Rows that may wait for the service.
const WAITING: usize = 64;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads row by row in a thread of its own. After an error nothing more comes.
///
/// # Errors
/// When there can be no thread.
pub fn read(
    input: impl Read + Send + 'static,
    source: Source,
) -> io::Result<mpsc::Receiver<Result<FileRow, ReadError>>> {
    let (rows, receiver) = mpsc::channel(WAITING);
    thread::Builder::new().name("import".to_owned()).spawn(move || {
        let mut sink = Sink::new(source, rows.clone());
        if let Err(error) = parse(input, &mut sink) {
            // Whoever hung up knows already.
            let _ = rows.blocking_send(Err(error));
        }
    })?;
    Ok(receiver)
}

fn parse(input: impl Read, sink: &mut Sink) -> Result<(), ReadError> {
    let input = without_mark(BufReader::with_capacity(64 * 1024, input))?;
    match sink.source.format {
        Format::Json => json_rows::read_json(input, sink)?,
        Format::Ndjson => json_rows::read_ndjson(input, sink)?,
        Format::Csv => csv_rows::read_csv(input, sink)?,
    }
    sink.end()
}

/// Some programs put a byte order mark before UTF-8.
fn without_mark(mut input: impl BufRead) -> io::Result<impl BufRead> {
    let mut head = Vec::new();
    input.by_ref().take(3).read_to_end(&mut head)?;
    if head == BYTE_ORDER_MARK {
        head.clear();
    }
    Ok(Cursor::new(head).chain(input))
}
