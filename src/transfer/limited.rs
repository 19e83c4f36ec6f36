//! A reader that lets no row grow without bounds: a quote that is never closed would otherwise read all of a file into
//! memory.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// Bytes of one row. A film has a few hundred.
pub(super) const MAX_ROW: usize = 1024 * 1024;

/// Counts what is read since the last row.
pub(super) struct Limited<R> {
    inner: R,
    left: RowBudget,
}

/// To be renewed with every row.
#[derive(Clone)]
pub(super) struct RowBudget(Rc<Cell<usize>>);

impl RowBudget {
    pub(super) fn renew(&self) {
        self.0.set(MAX_ROW);
    }
}

impl<R: Read> Limited<R> {
    pub(super) fn new(inner: R) -> (Self, RowBudget) {
        let left = RowBudget(Rc::new(Cell::new(MAX_ROW)));
        (Self { inner, left: left.clone() }, left)
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left.0.get() == 0 {
            return Err(io::Error::other(format!("it is longer than {MAX_ROW} bytes")));
        }
        let read = self.inner.read(buffer)?;
        self.left.0.set(self.left.0.get().saturating_sub(read));
        Ok(read)
    }
}
