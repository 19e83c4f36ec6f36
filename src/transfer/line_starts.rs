//! A reader that knows on which line each row of CSV begins. The parser knows only where it stood before it skipped empty
//! lines and the second half of an end of line.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::rc::Rc;

/// Bytes that begin a line with something on it, each with the number of that line.
type Starts = Rc<RefCell<VecDeque<(u64, u64)>>>;

/// Counts lines, which end with a line feed, a carriage return, or both.
pub(super) struct LineStarts<R> {
    inner: R,
    starts: Starts,
    byte: u64,
    line: u64,
    last: u8,
}

/// To be asked for each row, in their order.
pub(super) struct Lines(Starts);

impl Lines {
    /// The line of the row that is the first from this byte on.
    pub(super) fn from(&self, byte: u64) -> Option<u64> {
        let mut starts = self.0.borrow_mut();
        while starts.front().is_some_and(|(start, _)| *start < byte) {
            starts.pop_front();
        }
        starts.front().map(|(_, line)| *line)
    }
}

impl<R: Read> LineStarts<R> {
    /// `before`: lines that were read already.
    pub(super) fn new(inner: R, before: u64) -> (Self, Lines) {
        let starts = Starts::default();
        (Self { inner, starts: Rc::clone(&starts), byte: 0, line: before + 1, last: b'\n' }, Lines(starts))
    }
}

impl<R: Read> Read for LineStarts<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let mut starts = self.starts.borrow_mut();
        for byte in &buffer[..read] {
            match (self.last, *byte) {
                (b'\r', b'\n') => {}
                (_, b'\r' | b'\n') => self.line += 1,
                (b'\r' | b'\n', _) => starts.push_back((self.byte, self.line)),
                _ => {}
            }
            (self.last, self.byte) = (*byte, self.byte + 1);
        }
        Ok(read)
    }
}
