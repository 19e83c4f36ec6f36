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

/// How files begin that are no text, what they are, and what to do.
const NO_TEXT: [(&[u8], &str, &str); 7] = [
    (b"\x1F\x8B", "packed by gzip", "unpack it: gunzip -c FILE | filmgate import - --format FORMAT"),
    (b"\x28\xB5\x2F\xFD", "packed by zstd", "unpack it: zstd -dc FILE | filmgate import - --format FORMAT"),
    (b"BZh", "packed by bzip2", "unpack it: bunzip2 -c FILE | filmgate import - --format FORMAT"),
    (b"\xFD7zXZ", "packed by xz", "unpack it: xz -dc FILE | filmgate import - --format FORMAT"),
    (b"PK\x03\x04", "a ZIP archive or a workbook", "unpack it, or save the sheet as CSV in UTF-8"),
    (b"\xFF\xFE", "in UTF-16", "make it UTF-8: iconv -f UTF-16 -t UTF-8 FILE"),
    (b"\xFE\xFF", "in UTF-16", "make it UTF-8: iconv -f UTF-16 -t UTF-8 FILE"),
];

/// Refuses what is no text in UTF-8. Some programs put a byte order mark before it.
fn without_mark(mut input: impl BufRead) -> Result<impl BufRead, ReadError> {
    let mut head = Vec::new();
    input.by_ref().take(6).read_to_end(&mut head)?;
    if let Some((_, is, cure)) = NO_TEXT.iter().find(|(begins, ..)| head.starts_with(begins)) {
        return Err(ReadError::NoText { is, cure });
    }
    // One of two bytes of a Latin letter.
    if let [0, _, 0, _, ..] | [_, 0, _, 0, ..] = head[..] {
        let cure = "make it UTF-8: iconv -f UTF-16LE -t UTF-8 FILE, or UTF-16BE";
        return Err(ReadError::NoText { is: "in UTF-16", cure });
    }
    if head.starts_with(BYTE_ORDER_MARK) {
        head.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(Cursor::new(head).chain(input))
}
