//! Rows of CSV (RFC 4180): a header, then records.

use std::io::Read;

use csv::{ByteRecord, ErrorKind};

use super::cell::{Cell, is_blank};
use super::limited::Limited;
use super::line_starts::LineStarts;
use super::row::Place;
use super::sink::Sink;
use super::source::ReadError;

const UNCLOSED: &str = "; is there a quote that is never closed? Where quotes mean nothing, say --no-quotes";

/// `before`: lines that stand before the header.
pub(super) fn read_csv(input: impl Read, before: u64, sink: &mut Sink) -> Result<(), ReadError> {
    let (input, budget) = Limited::new(input);
    let (input, lines) = LineStarts::new(input, before);
    let line = |position: Option<&csv::Position>| lines.from(position?.byte());
    let mut records = csv::ReaderBuilder::new();
    let mut records =
        records.delimiter(sink.source.delimiter).quoting(sink.source.quoting).from_reader(input);
    let header = records.headers().map_err(|error| ReadError::Header(cause(&error)))?.clone();
    if header.is_empty() {
        return Ok(());
    }
    sink.header(header.iter())?;
    let mut record = ByteRecord::new();
    let mut row = 0;
    loop {
        budget.renew();
        let read = records.read_byte_record(&mut record);
        // What Excel leaves of a row that was emptied.
        let is_read = match &read {
            Ok(is_read) => *is_read,
            Err(error) => matches!(error.kind(), ErrorKind::UnequalLengths { .. }),
        };
        if is_read && record.iter().all(is_blank) {
            continue;
        }
        row += 1;
        match read {
            Ok(false) => return Ok(()),
            Ok(true) => {
                let place = Place { row, line: line(record.position()) };
                let cell = |column: usize| {
                    let bytes = record.get(column)?;
                    Some(std::str::from_utf8(bytes).map_or_else(
                        |_| Cell::Garbled(String::from_utf8_lossy(bytes).into_owned()),
                        Cell::of_text,
                    ))
                };
                sink.take(place, cell)?;
            }
            Err(error) => match error.kind() {
                ErrorKind::UnequalLengths { pos, expected_len, len } => {
                    let mut fault = format!("fields: {len}, where the header has {expected_len}");
                    // It may have swallowed all rows behind it, and is a single one in the counts.
                    if record.iter().any(|field| field.contains(&b'\n')) {
                        fault.push_str(UNCLOSED);
                    }
                    sink.refuse(Place { row, line: line(pos.as_ref()) }, fault)?;
                }
                _ => return Err(ReadError::Broken { row, cause: cause(&error) }),
            },
        }
    }
}

fn cause(error: &csv::Error) -> String {
    match error.kind() {
        ErrorKind::Io(error) => format!("{error}{UNCLOSED}"),
        _ => error.to_string(),
    }
}
