//! The rows of a table, of source and target side by side.

use std::cmp::Ordering;

use crate::service::copy::error::CopyError;
use crate::service::copy::row::Row;
use crate::service::copy::table::Table;
use crate::service::copy::walk::{End, Walk};

/// Two walks in step.
pub(super) struct Pairs<'a> {
    table: &'a Table,
    source: Walk<'a>,
    target: Walk<'a>,
    /// The next row of each.
    ahead: (Option<Row>, Option<Row>),
}

/// The rows of one key: that of the source, and that of the target.
pub(super) type Pair = (Option<Row>, Option<Row>);

impl<'a> Pairs<'a> {
    pub(super) fn new(source: End<'a>, target: End<'a>, table: &'a Table) -> Self {
        let (source, target) = (Walk::new(source, table), Walk::new(target, table));
        Self { table, source, target, ahead: (None, None) }
    }

    /// Those of the next key; `None` behind the last one of both.
    pub(super) async fn next(&mut self) -> Result<Option<Pair>, CopyError> {
        // Side by side: each waits for a database of its own.
        tokio::try_join!(self.source.read_on(), self.target.read_on())?;
        let (source, target) = &mut self.ahead;
        *source = source.take().or_else(|| self.source.next());
        *target = target.take().or_else(|| self.target.next());
        let order = match (&source, &target) {
            (None, None) => return Ok(None),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => self.table.in_order(one, other),
        };
        Ok(Some(match order {
            Ordering::Less => (source.take(), None),
            Ordering::Greater => (None, target.take()),
            Ordering::Equal => (source.take(), target.take()),
        }))
    }

    /// Whether only the source has more.
    pub(super) fn target_is_over(&self) -> bool {
        self.ahead.1.is_none() && self.target.is_over()
    }
}
