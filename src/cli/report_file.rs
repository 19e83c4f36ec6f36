//! Where the report of an import goes: never over anything that somebody may still want.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::output::Failure;
use crate::transfer::REPORT_BEGINS;

pub(super) type ReportFile = BufWriter<File>;

/// An earlier report is written over; the films, the database or whatever else a mistyped name may hit are not.
pub(super) fn create(file: &Path, films: &Path) -> Result<ReportFile, Failure> {
    let cannot = |error: io::Error| {
        Failure::failed(&format!("the report {} cannot be written: {error}", file.display()))
    };
    if is_same(file, films) {
        return Err(Failure::wrong_use(&"the report would be written over the films"));
    }
    if is_no_report(file).map_err(cannot)? {
        let told = format!(
            "{} is there and is no report; remove it, or give the report another name",
            file.display()
        );
        return Err(Failure::wrong_use(&told));
    }
    Ok(BufWriter::new(File::create(file).map_err(cannot)?))
}

/// By whatever name or link.
fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

/// A file with something in it that no import has written. A device or a pipe loses nothing.
fn is_no_report(file: &Path) -> io::Result<bool> {
    if !fs::metadata(file).is_ok_and(|about| about.is_file()) {
        return Ok(false);
    }
    let mut head = [0; REPORT_BEGINS.len()];
    let mut opened = File::open(file)?;
    if opened.metadata()?.len() < head.len() as u64 {
        return Ok(opened.metadata()?.len() > 0);
    }
    opened.read_exact(&mut head)?;
    Ok(&head != REPORT_BEGINS)
}
