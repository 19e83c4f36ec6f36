//! Rows of JSON: an array, objects one after the other, or one object a line.

use std::fmt;
use std::io::{BufRead, Read as _};

use serde::Deserializer as _;
use serde::de::{SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::cell::{Cell, RawObject, is_blank};
use super::limited::{Limited, MAX_ROW};
use super::row::Place;
use super::sink::Sink;
use super::source::ReadError;

/// Members that a fault names.
const NAMED: usize = 3;

/// One row that is JSON in itself; what is not an object is a fault of this row alone.
fn take(row: &[u8], place: Place, sink: &mut Sink) -> Result<(), ReadError> {
    match serde_json::from_slice::<RawObject>(row).map(RawObject::members) {
        Ok(Ok(members)) => {
            sink.columns(members.keys().map(String::as_str));
            sink.take(place, |column| members.get_index(column).map(|(_, raw)| Cell::of_json(raw)))
        }
        Ok(Err(twice)) => {
            let names: Vec<String> = twice.iter().take(NAMED).map(|name| format!("{name:?}")).collect();
            sink.refuse(place, format!("gives {} twice", names.join(", ")))
        }
        Err(error) if error.is_data() => sink.refuse(place, "is not a JSON object".to_owned()),
        Err(error) => sink.refuse(place, format!("is not JSON: {error}")),
    }
}

/// An array of objects, or objects one after the other.
pub(super) fn read_json(mut input: impl BufRead, sink: &mut Sink) -> Result<(), ReadError> {
    let mut line = 1;
    let first = loop {
        let Some(first) = input.fill_buf()?.first().copied() else { return Ok(()) };
        if !first.is_ascii_whitespace() {
            break first;
        }
        line += u64::from(first == b'\n');
        input.consume(1);
    };
    let (input, budget) = Limited::new(input);
    let mut row = 0;
    let mut failure = None;
    let mut each = |raw: &RawValue| {
        row += 1;
        budget.renew();
        // The parser has read to the end of the row. Past a number it had to look: that is no film anyway.
        let within = raw.get().bytes().filter(|byte| *byte == b'\n').count() as u64;
        let line = line + budget.lines() - within;
        match take(raw.get().as_bytes(), Place { row, line: Some(line) }, sink) {
            Ok(()) => true,
            Err(error) => {
                failure = Some(error);
                false
            }
        }
    };
    let mut parser = serde_json::Deserializer::from_reader(input);
    let parsed = if first == b'[' {
        parser.deserialize_seq(ArrayVisitor(&mut each)).and_then(|()| parser.end())
    } else {
        let mut rows = parser.into_iter::<Box<RawValue>>();
        loop {
            match rows.next() {
                Some(Ok(raw)) if each(&raw) => {}
                None | Some(Ok(_)) => break Ok(()),
                Some(Err(error)) => break Err(error),
            }
        }
    };
    match (failure, parsed) {
        (Some(failure), _) => Err(failure),
        (None, Ok(())) => Ok(()),
        // Where one row ends and the next begins is unknown from here on.
        (None, Err(error)) => Err(ReadError::Broken { row: row + 1, cause: error.to_string() }),
    }
}

/// Hands over each element; ends early when it is told to.
struct ArrayVisitor<F>(F);

impl<'de, F: FnMut(&RawValue) -> bool> Visitor<'de> for ArrayVisitor<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<Box<RawValue>>()? {
            if !(self.0)(&element) {
                return Err(serde::de::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

/// One object a line. Blank lines are no rows.
pub(super) fn read_ndjson(mut input: impl BufRead, sink: &mut Sink) -> Result<(), ReadError> {
    let most = u64::try_from(MAX_ROW).unwrap_or(u64::MAX);
    let mut place = Place { row: 0, line: Some(0) };
    let mut text = Vec::new();
    loop {
        text.clear();
        if input.by_ref().take(most).read_until(b'\n', &mut text)? == 0 {
            return Ok(());
        }
        place.line = place.line.map(|line| line + 1);
        let is_whole = text.len() < MAX_ROW || text.ends_with(b"\n");
        if is_blank(&text) && is_whole {
            continue;
        }
        place.row += 1;
        if is_whole {
            take(&text, place, sink)?;
        } else {
            input.skip_until(b'\n')?;
            sink.refuse(place, format!("is longer than {MAX_ROW} bytes"))?;
        }
    }
}
