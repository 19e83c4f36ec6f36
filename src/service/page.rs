//! Which page of a list is meant.

use crate::service::cursor::{Cursor, Order};
use crate::service::error::{Error, FieldFault, Result};

/// Entries of a page when nobody says how many.
pub const DEFAULT_PAGE: u32 = 20;

/// Which page: `first` films after a cursor, or the `last` ones before one.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    pub first: Option<i64>,
    pub after: Option<String>,
    pub last: Option<i64>,
    pub before: Option<String>,
}

/// A page request that makes sense.
pub(super) struct Page<O> {
    pub size: u32,
    pub backward: bool,
    pub after: Option<Cursor<O>>,
    pub before: Option<Cursor<O>>,
}

impl<O: Order> Page<O> {
    pub(super) fn read(request: PageRequest, sort: O, most: u32) -> Result<Self> {
        let mut faults = Vec::new();
        let mut read_cursor = |name: &str, text: Option<String>| {
            let cursor = Cursor::decode(&text?, sort);
            if cursor.is_none() {
                faults.push(FieldFault::new(name, "is not a cursor of a list in this order"));
            }
            cursor
        };
        let after = read_cursor("/after", request.after);
        let before = read_cursor("/before", request.before);
        if request.first.is_some() && request.last.is_some() {
            faults.push(FieldFault::new("/last", "cannot be combined with first"));
        }
        let backward = request.last.is_some();
        let (pointer, wanted) = match request.last {
            Some(last) => ("/last", last),
            None => ("/first", request.first.unwrap_or(i64::from(DEFAULT_PAGE.min(most)))),
        };
        let size = u32::try_from(wanted).ok().filter(|size| *size <= most);
        if size.is_none() {
            let fault = if wanted < 0 {
                "must not be negative".to_owned()
            } else {
                format!("must be at most {most}")
            };
            faults.push(FieldFault::new(pointer, fault));
        }
        match size {
            Some(size) if faults.is_empty() => Ok(Self { size, backward, after, before }),
            _ => Err(Error::InvalidInput(faults)),
        }
    }
}
