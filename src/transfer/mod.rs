//! Films in files: read row by row, written film by film.
//!
//! A third surface, for the operator: it turns rows into drafts as the other two turn requests into them, and the service
//! judges all three by the same rules. Nothing here knows the database. Memory stays bounded however large a file is:
//! a thread parses and waits where the service is behind.

mod cell;
mod columns;
mod csv_rows;
mod json_rows;
mod limited;
mod line_starts;
mod mapping;
mod python;
mod read;
mod report;
mod row;
mod sink;
mod source;
mod summary;
mod writer;
mod year;

pub use columns::Ignored;
pub use mapping::{Defaults, Field, Mapping, MappingError};
pub use read::{Today, check_text, read};
pub use report::{Entry, REPORT_BEGINS};
pub use row::{FileRow, Kept};
pub use source::{Format, ReadError, Source};
pub use summary::{Summary, Tally};
pub use writer::Writer;
