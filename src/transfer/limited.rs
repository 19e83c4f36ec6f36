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
    budget: RowBudget,
}

/// To be renewed with every row.
#[derive(Clone)]
pub(super) struct RowBudget {
    left: Rc<Cell<usize>>,
    lines: Rc<Cell<u64>>,
}

impl RowBudget {
    pub(super) fn renew(&self) {
        self.left.set(MAX_ROW);
    }

    /// Ends of lines that were read.
    pub(super) fn lines(&self) -> u64 {
        self.lines.get()
    }
}

impl<R: Read> Limited<R> {
    pub(super) fn new(inner: R) -> (Self, RowBudget) {
        let budget = RowBudget { left: Rc::new(Cell::new(MAX_ROW)), lines: Rc::default() };
        (Self { inner, budget: budget.clone() }, budget)
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let RowBudget { left, lines } = &self.budget;
        if left.get() == 0 {
            return Err(io::Error::other(format!("it is longer than {MAX_ROW} bytes")));
        }
        let read = self.inner.read(buffer)?;
        left.set(left.get().saturating_sub(read));
        let parts = buffer[..read].split(|byte| *byte == b'\n').count();
        lines.set(lines.get() + parts as u64 - 1);
        Ok(read)
    }
}
