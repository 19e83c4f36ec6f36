//! A thread that parses, and waits where the service is behind.

use std::io::{self, BufReader, Cursor, Read};
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
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let mut head = check_text(&mut input)?;
    // Some programs put a byte order mark before a text.
    if head.starts_with(BYTE_ORDER_MARK) {
        head.drain(..BYTE_ORDER_MARK.len());
    }
    let mut lines = 0;
    if sink.source.format == Format::Csv
        && let Some((delimiter, length)) = separator(&head)
    {
        (sink.source.delimiter, lines) = (delimiter, 1);
        head.drain(..length);
    }
    let input = Cursor::new(head).chain(input);
    match sink.source.format {
        Format::Json => json_rows::read_json(input, sink)?,
        Format::Ndjson => json_rows::read_ndjson(input, sink)?,
        Format::Csv => csv_rows::read_csv(input, lines, sink)?,
    }
    sink.end()
}

/// What the line `sep=;` says, which Excel reads before a header, and how long it is.
fn separator(head: &[u8]) -> Option<(u8, usize)> {
    let end = head.iter().position(|byte| b"\r\n".contains(byte))?;
    let length = end + if head[end..].starts_with(b"\r\n") { 2 } else { 1 };
    let line = &head[..end];
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line.split_first_chunk::<4>()? {
        (word, [delimiter]) if word.eq_ignore_ascii_case(b"sep=") => Some((*delimiter, length)),
        _ => None,
    }
}

/// Bytes by which a file is known: a byte order mark, and a line such as `"sep=;"` behind it.
const HEAD: u64 = 13;

/// How files begin that are no text, what they are, and what to do.
const NO_TEXT: [(&[u8], &str, &str); 12] = [
    (b"\x1F\x8B", "packed by gzip", "unpack it: gunzip -c FILE | filmgate import - --format FORMAT"),
    (b"\x28\xB5\x2F\xFD", "packed by zstd", "unpack it: zstd -dc FILE | filmgate import - --format FORMAT"),
    (b"BZh", "packed by bzip2", "unpack it: bunzip2 -c FILE | filmgate import - --format FORMAT"),
    (b"\xFD7zXZ", "packed by xz", "unpack it: xz -dc FILE | filmgate import - --format FORMAT"),
    (b"PK\x03\x04", "a ZIP archive or a workbook", "unpack it, or save the sheet as CSV in UTF-8"),
    (b"\xD0\xCF\x11\xE0", "a workbook", "save the sheet as CSV in UTF-8"),
    (b"PAR1", "in Parquet", "make it CSV, JSON or NDJSON"),
    (
        b"SQLite format",
        "a database of SQLite",
        "write its rows as CSV: sqlite3 -csv -header FILE 'SELECT ...'",
    ),
    (b"\xFF\xFE\0\0", "in UTF-32", "make it UTF-8: iconv -f UTF-32 -t UTF-8 FILE"),
    (b"\0\0\xFE\xFF", "in UTF-32", "make it UTF-8: iconv -f UTF-32 -t UTF-8 FILE"),
    (b"\xFF\xFE", "in UTF-16", "make it UTF-8: iconv -f UTF-16 -t UTF-8 FILE"),
    (b"\xFE\xFF", "in UTF-16", "make it UTF-8: iconv -f UTF-16 -t UTF-8 FILE"),
];

/// Refuses what is no text in UTF-8, by how it begins.
///
/// # Errors
/// With what it is, and what to do.
pub fn check_text(mut input: impl Read) -> Result<Vec<u8>, ReadError> {
    let mut head = Vec::new();
    input.by_ref().take(HEAD).read_to_end(&mut head)?;
    if let Some((_, is, cure)) = NO_TEXT.iter().find(|(begins, ..)| head.starts_with(begins)) {
        return Err(ReadError::NoText { is, cure });
    }
    // One of four bytes of a Latin letter, or of two.
    let (is, cure) = match head[..] {
        [0, 0, 0, _, ..] | [_, 0, 0, 0, ..] => {
            ("in UTF-32", "make it UTF-8: iconv -f UTF-32LE -t UTF-8 FILE, or UTF-32BE")
        }
        [0, _, 0, _, ..] | [_, 0, _, 0, ..] => {
            ("in UTF-16", "make it UTF-8: iconv -f UTF-16LE -t UTF-8 FILE, or UTF-16BE")
        }
        _ => return Ok(head),
    };
    Err(ReadError::NoText { is, cure })
}
