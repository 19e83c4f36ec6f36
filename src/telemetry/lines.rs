//! How a line looks, in either format. Every field of every line passes through here, so nothing from outside can end
//! a line, colour a terminal or turn text around, whoever logs it.

use std::cell::Cell;
use std::fmt;
use std::fmt::{Debug, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_log::NormalizeEvent as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::{EnvFilter, Layer, Registry, reload};

use super::plain::{Form, Plain};
use super::request_id;
use crate::config::{Log, LogFormat};

/// Characters of one field; a longer one is cut. Room for an error with its causes.
const LONGEST: usize = 2_000;

/// Bytes that a thread keeps for its next line.
const KEPT: usize = 16 * 1_024;

/// h2 says a line for each frame of a flood; `log.level` can ask for it all the
/// same, since it comes later, as far as `cap` lets it.
const QUIET: &str = "h2=error";

/// Sets `log.level` while lines are written.
pub(super) type SetLevel = Box<dyn Fn(&str) + Send + Sync>;

/// Hands lines to `write` as the settings say; `colours` for a terminal.
pub(super) fn subscriber<W>(
    settings: &Log,
    colours: bool,
    write: W,
) -> (Box<dyn Subscriber + Send + Sync + 'static>, SetLevel)
where
    W: Fn(&str) + Send + Sync + 'static,
{
    let lines = Lines { format: settings.format, colours, write };
    let (filter, handle) = reload::Layer::new(filter(&settings.level));
    let subscriber = Registry::default().with(lines).with(filter).with(filter_fn(may_say));
    let set_level = move |level: &str| {
        // An error means that nobody writes any more.
        let _ = handle.reload(self::filter(level));
    };
    (Box::new(subscriber), Box::new(set_level))
}

/// The configuration has been checked, so this falls back on nothing.
fn filter(level: &str) -> EnvFilter {
    EnvFilter::try_new(format!("{QUIET},{level}")).unwrap_or_else(|_| EnvFilter::new("info"))
}

/// Makes a line of an event: at once in the memory of its thread, without a text in between.
struct Lines<W> {
    format: LogFormat,
    colours: bool,
    write: W,
}

/// What a thread keeps from one line to the next.
#[derive(Default)]
struct Kept {
    line: String,
    /// The second of the last line, and how it is written.
    second: u64,
    written: String,
}

thread_local! {
    static KEPT_HERE: Cell<Kept> = Cell::default();
}

impl<S: Subscriber, W: Fn(&str) + 'static> Layer<S> for Lines<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        // Taken and not borrowed: a value that logs while it is written has a line of its own.
        let mut kept = KEPT_HERE.try_with(Cell::take).unwrap_or_default();
        kept.line.clear();
        // What came through the crate `log` says where it is from in fields of its own.
        let normal = (event.metadata().target() == "log").then(|| event.normalized_metadata()).flatten();
        let metadata = normal.as_ref().unwrap_or_else(|| event.metadata());
        // Writing to a string cannot fail.
        let _ = match self.format {
            LogFormat::Pretty => kept.pretty(event, *metadata.level(), metadata.target(), self.colours),
            LogFormat::Json => kept.json(event, *metadata.level(), metadata.target()),
        };
        (self.write)(&kept.line);
        if kept.line.capacity() <= KEPT {
            let _ = KEPT_HERE.try_with(|place| place.set(kept));
        }
    }
}

impl Kept {
    fn pretty(&mut self, event: &Event<'_>, level: Level, target: &str, colours: bool) -> fmt::Result {
        let (dim, colour, plain) = match level {
            _ if !colours => ("", "", ""),
            Level::ERROR => (DIM, "\x1b[31m", PLAIN),
            Level::WARN => (DIM, "\x1b[33m", PLAIN),
            Level::INFO => (DIM, "\x1b[32m", PLAIN),
            Level::DEBUG => (DIM, "\x1b[34m", PLAIN),
            Level::TRACE => (DIM, "\x1b[35m", PLAIN),
        };
        self.line.push_str(dim);
        self.push_time();
        let line = &mut self.line;
        write!(line, "{plain} {colour}{:>5}{plain} ", level.as_str())?;
        request_id::here(|id| {
            line.push_str("request{request_id=\"");
            Plain::new(line, Form::Text, LONGEST).write_str(id)?;
            line.write_str("\"}: ")
        })?;
        line.push_str(dim);
        Plain::new(line, Form::Text, LONGEST).write_str(target)?;
        line.push(':');
        line.push_str(plain);
        event.record(&mut PrettyFields(line));
        line.push('\n');
        Ok(())
    }

    fn json(&mut self, event: &Event<'_>, level: Level, target: &str) -> fmt::Result {
        self.line.push_str("{\"timestamp\":\"");
        self.push_time();
        let line = &mut self.line;
        line.push_str("\",\"level\":\"");
        line.push_str(level.as_str());
        line.push('"');
        event.record(&mut JsonFields(line));
        line.push_str(",\"target\":\"");
        Plain::new(line, Form::Json, LONGEST).write_str(target)?;
        line.push('"');
        request_id::here(|id| {
            line.push_str(",\"span\":{\"request_id\":\"");
            Plain::new(line, Form::Json, LONGEST).write_str(id)?;
            line.write_str("\",\"name\":\"request\"}")
        })?;
        line.push_str("}\n");
        Ok(())
    }

    /// `2026-11-28T12:00:00.123456Z`. Most lines fall into the second of the one before.
    #[expect(clippy::disallowed_methods, reason = "the time of a line; nothing is decided by it")]
    fn push_time(&mut self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        if now.as_secs() != self.second || self.written.is_empty() {
            self.second = now.as_secs();
            let second = Timestamp::from_second(i64::try_from(self.second).unwrap_or_default());
            self.written = second.unwrap_or_default().to_string();
            self.written.truncate("2026-11-28T12:00:00".len());
        }
        self.line.push_str(&self.written);
        self.line.push('.');
        // With the zeros before it.
        self.line.push_str(&itoa::Buffer::new().format(1_000_000 + now.subsec_micros())[1..]);
        self.line.push('Z');
    }
}

const DIM: &str = "\x1b[2m";
const PLAIN: &str = "\x1b[0m";

/// `hello count=3 name="É"`, after the place that it is from.
struct PrettyFields<'line>(&'line mut String);

impl PrettyFields<'_> {
    fn name(&mut self, field: &Field) {
        self.0.push(' ');
        if field.name() != MESSAGE {
            self.0.push_str(name_of(field));
            self.0.push('=');
        }
    }

    fn number(&mut self, field: &Field, text: &str) {
        self.name(field);
        self.0.push_str(text);
    }
}

impl Visit for PrettyFields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.number(field, zmij::Buffer::new().format(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, itoa::Buffer::new().format(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, itoa::Buffer::new().format(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // What Rust would write without an escape.
        if Form::Json.needs_no_quotes(value) {
            self.name(field);
            self.0.push('"');
            let _ = Plain::new(self.0, Form::Text, LONGEST).write_str(value);
            self.0.push('"');
        } else {
            self.record_debug(field, &value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.name(field);
        let _ = write!(Plain::new(self.0, Form::Text, LONGEST), "{value:?}");
    }
}

/// `,"message":"hello","count":3,"name":"É"`, after what every line has.
struct JsonFields<'line>(&'line mut String);

impl JsonFields<'_> {
    fn name(&mut self, field: &Field) {
        self.0.push_str(",\"");
        self.0.push_str(name_of(field));
        self.0.push_str("\":");
    }

    fn number(&mut self, field: &Field, text: &str) {
        self.name(field);
        self.0.push_str(text);
    }

    fn text(&mut self, field: &Field, write: impl FnOnce(&mut Plain<'_>) -> fmt::Result) {
        self.name(field);
        self.0.push('"');
        // What fails to show itself is cut.
        let _ = write(&mut Plain::new(self.0, Form::Json, LONGEST));
        self.0.push('"');
    }
}

impl Visit for JsonFields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.number(field, zmij::Buffer::new().format_finite(value));
        } else {
            self.record_debug(field, &value);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, itoa::Buffer::new().format(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, itoa::Buffer::new().format(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, if value { "true" } else { "false" });
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, |plain| plain.write_str(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, |plain| write!(plain, "{value:?}"));
    }
}

/// The field that has the text of a line.
const MESSAGE: &str = "message";

/// A field's name: `r#type` is `type`.
fn name_of(field: &Field) -> &'static str {
    field.name().strip_prefix("r#").unwrap_or(field.name())
}

/// The most talkative level of what is not ours. Below it, libraries write down what passes through them: header fields,
/// frames, messages of a socket, statements; and with them passwords, tokens and keys.
const MOST: Level = Level::INFO;

/// Whether a line may be written. Ours have no secrets at any level, which a test holds.
pub(super) fn may_say(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= MOST || is_ours(metadata.target())
}

fn is_ours(target: &str) -> bool {
    target == "filmgate" || target.starts_with("filmgate::")
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use tracing::subscriber::with_default;

    use super::super::plain::NASTY;
    use super::*;
    use crate::service::text::is_plain;

    fn written(format: LogFormat, log: impl FnOnce()) -> String {
        let lines = Arc::new(Mutex::new(String::new()));
        let writer = Arc::clone(&lines);
        let settings = Log { format, ..Log::default() };
        let write = move |line: &str| writer.lock().expect("no panic").push_str(line);
        with_default(subscriber(&settings, false, write).0, log);
        lines.lock().expect("no panic").clone()
    }

    /// However it is logged: as a text, as an error or as a message.
    #[test]
    fn nothing_from_outside_looks_like_something_else_in_either_format() {
        let long = "\u{202e}".repeat(5_000);
        for nasty in NASTY.map(|(nasty, _)| nasty).into_iter().chain([long.as_str()]) {
            for format in [LogFormat::Pretty, LogFormat::Json] {
                let lines = written(format, || {
                    let error = io::Error::other(nasty);
                    tracing::error!(text = nasty, shown = %nasty, %error, failure = ?error, "message {nasty}");
                });
                let line = lines.strip_suffix('\n').expect("a line");
                assert!(line.chars().all(is_plain), "{format:?}: {line:?}");
                assert!(line.len() < 12 * 6 * LONGEST, "{format:?}: {} bytes", line.len());
                if format == LogFormat::Json && nasty.len() < LONGEST {
                    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
                    assert_eq!(line["text"], nasty);
                    assert_eq!(line["shown"], nasty);
                    assert_eq!(line["message"], format!("message {nasty}"));
                }
            }
        }
    }

    #[test]
    fn the_level_can_be_set_while_lines_are_written() {
        let lines = Arc::new(Mutex::new(String::new()));
        let writer = Arc::clone(&lines);
        let write = move |line: &str| writer.lock().expect("no panic").push_str(line);
        let (subscriber, set_level) = subscriber(&Log::default(), false, write);
        let say = || {
            tracing::info!(target: "filmgate::test", "of the middle");
            tracing::debug!(target: "filmgate::test", "of the depth");
            tracing::debug!(target: "hyper", "of a library");
        };
        with_default(subscriber, || {
            for level in ["info", "warn", "debug", "warn,filmgate::test=info", "off"] {
                lines.lock().expect("no panic").push_str(&format!("{level}:\n"));
                set_level(level);
                say();
            }
        });
        let told = lines.lock().expect("no panic").clone();
        let told: Vec<&str> =
            told.lines().map(|line| line.rsplit_once("of the ").map_or(line, |(_, end)| end)).collect();
        let wanted = [
            "info:",
            "middle",
            "warn:",
            "debug:",
            "middle",
            "depth",
            "warn,filmgate::test=info:",
            "middle",
            "off:",
        ];
        assert_eq!(told, wanted);
    }

    #[test]
    fn a_line_says_what_it_said() {
        let log = || tracing::warn!(target: "filmgate::test", count = 3, share = 0.25, name = "É", "hello");
        let pretty = written(LogFormat::Pretty, log);
        assert!(
            pretty.ends_with("Z  WARN filmgate::test: hello count=3 share=0.25 name=\"É\"\n"),
            "{pretty:?}"
        );
        let json: serde_json::Value = serde_json::from_str(&written(LogFormat::Json, log)).expect("JSON");
        for (name, value) in
            [("level", "WARN"), ("target", "filmgate::test"), ("message", "hello"), ("name", "É")]
        {
            assert_eq!(json[name], value);
        }
        assert_eq!((json["count"].as_u64(), json["share"].as_f64()), (Some(3), Some(0.25)));
        let time = json["timestamp"].as_str().expect("a time");
        assert!(
            time.parse::<Timestamp>().is_ok() && time.len() == "2026-11-28T12:00:00.123456Z".len(),
            "{time}"
        );
    }

    #[test]
    fn a_number_that_json_does_not_have_is_a_text() {
        let log = || tracing::warn!(share = f64::NAN, least = i64::MIN, most = f64::MAX, is_it = true);
        let json: serde_json::Value = serde_json::from_str(&written(LogFormat::Json, log)).expect("JSON");
        assert_eq!((&json["share"], json["least"].as_i64()), (&"NaN".into(), Some(i64::MIN)));
        assert_eq!((json["most"].as_f64(), &json["is_it"]), (Some(f64::MAX), &true.into()));
    }
}
