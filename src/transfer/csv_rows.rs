//! Rows of CSV (RFC 4180): a header, then records.

use std::collections::HashMap;
use std::io::Read;

use csv::{ByteRecord, ErrorKind};

use super::cell::Cell;
use super::limited::Limited;
use super::row::Place;
use super::sink::Sink;
use super::source::ReadError;

const UNCLOSED: &str = "; is there a quote that is never closed?";

pub(super) fn read_csv(input: impl Read, sink: &mut Sink) -> Result<(), ReadError> {
    let (input, budget) = Limited::new(input);
    let mut records = csv::ReaderBuilder::new().from_reader(input);
    let header = records.headers().map_err(|error| ReadError::Header(cause(&error)))?.clone();
    if header.is_empty() {
        return Ok(());
    }
    // Of two columns with one name the first counts.
    let mut places = HashMap::new();
    for (place, name) in header.iter().enumerate() {
        places.entry(name.to_owned()).or_insert(place);
    }
    sink.header(header.iter())?;
    let mut record = ByteRecord::new();
    let mut row = 0;
    loop {
        budget.renew();
        row += 1;
        match records.read_byte_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {
                let place = Place { row, line: line(record.position()) };
                let cell = |column: &str| {
                    let bytes = record.get(*places.get(column)?)?;
                    Some(std::str::from_utf8(bytes).map_or_else(
                        |_| Cell::Garbled(String::from_utf8_lossy(bytes).into_owned()),
                        Cell::of_text,
                    ))
                };
                sink.take(place, cell, Vec::new)?;
            }
            Err(error) => match error.kind() {
                ErrorKind::UnequalLengths { pos, expected_len, len } => {
                    let mut fault = format!("has {len} fields where the header has {expected_len}");
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

fn line(position: Option<&csv::Position>) -> Option<u64> {
    position.map(csv::Position::line)
}

fn cause(error: &csv::Error) -> String {
    match error.kind() {
        ErrorKind::Io(error) => format!("{error}{UNCLOSED}"),
        _ => error.to_string(),
    }
}
