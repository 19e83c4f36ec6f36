//! A bar on the terminal; nothing where standard error is none.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::transfer::Tally;

/// What is known of the whole; the rest shows what was done.
const BYTES: &str = "{bar:30} {bytes}/{total_bytes} {msg}";
const FILMS: &str = "{bar:30} {pos}/{len} films";
const UNKNOWN: &str = "{spinner} {msg}";

pub(super) struct Progress {
    bar: ProgressBar,
    read: Arc<AtomicU64>,
}

impl Progress {
    /// For a file of a size; `None` where it is unknown.
    pub(super) fn reading<R: Read>(input: R, size: Option<u64>) -> (Self, Counted<R>) {
        let read = Arc::<AtomicU64>::default();
        let bar = bar(size, if size.is_some() { BYTES } else { UNKNOWN });
        (Self { bar, read: Arc::clone(&read) }, Counted { input, read })
    }

    /// For so many films.
    pub(super) fn writing(films: u64) -> Self {
        Self { bar: bar(Some(films), FILMS), read: Arc::default() }
    }

    pub(super) fn show(&self, tally: &Tally) {
        self.bar.set_position(self.read.load(Ordering::Relaxed));
        self.bar.set_message(format!(
            "{} rows, {} added, {} refused",
            tally.rows(),
            tally.added,
            tally.refused
        ));
    }

    pub(super) fn advance(&self, films: usize) {
        self.bar.inc(films as u64);
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

/// Counts the bytes that pass.
pub(super) struct Counted<R> {
    input: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
