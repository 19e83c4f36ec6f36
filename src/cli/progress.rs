//! A bar on the terminal; nothing where standard error is none.

use std::io::Read;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::service::text::counted;
use crate::transfer::Tally;

/// What is known of the whole; the rest shows what was done.
const BYTES: &str = "{bar:30} {bytes}/{total_bytes} {msg}";
const FILMS: &str = "{bar:30} {pos}/{len} films";
const ROWS: &str = "{bar:30} {pos}/{len} rows, {msg}";
const UNKNOWN: &str = "{spinner} {msg}";

pub(super) struct Progress(ProgressBar);

impl Progress {
    /// For a file of a size; `None` where it is unknown.
    pub(super) fn reading<R: Read>(input: R, size: Option<u64>) -> (Self, impl Read + use<R>) {
        let bar = bar(size, if size.is_some() { BYTES } else { UNKNOWN });
        let input = bar.wrap_read(input);
        (Self(bar), input)
    }

    /// For so many films.
    pub(super) fn writing(films: u64) -> Self {
        Self(bar(Some(films), FILMS))
    }

    pub(super) fn show(&self, tally: &Tally) {
        let (rows, added, refused) = (tally.rows(), tally.added, tally.refused);
        self.0.set_message(format!("{}, {added} added, {refused} refused", counted(rows, "row")));
    }

    pub(super) fn advance(&self, films: usize) {
        self.0.inc(films as u64);
    }

    /// For so many rows, each step from its beginning.
    pub(super) fn copying() -> Self {
        Self(bar(Some(0), ROWS))
    }

    pub(super) fn reach(&self, rows: u64, of: u64, what: String) {
        self.0.set_length(of);
        self.0.set_position(rows);
        self.0.set_message(what);
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}

fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
