//! How a line looks, in either format. Every field of every line passes through here, so nothing from outside can end
//! a line, colour a terminal or turn text around, whoever logs it.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::format::{Format, Json, JsonFields, Writer, debug_fn};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;

use super::cap;
use super::plain::{plain, plain_json};
use crate::config::{Log, LogFormat};

/// Characters of one field; a longer one is cut. Room for an error with its causes.
const LONGEST: usize = 2_000;

/// h2 says a line for each frame of a flood; `log.level` can ask for it all the
/// same, since it comes later, as far as `cap` lets it.
const QUIET: &str = "h2=error";

/// Writes lines as the settings say; `colours` for a terminal.
pub(super) fn subscriber<W>(
    settings: &Log,
    colours: bool,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync + 'static>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    // The configuration has been checked, so this falls back on nothing.
    let filter =
        EnvFilter::try_new(format!("{QUIET},{}", settings.level)).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).log_internal_errors(false);
    let capped = filter_fn(cap::may_say);
    match settings.format {
        LogFormat::Pretty => {
            let fields = debug_fn(|writer, field, value| {
                let value = format!("{value:?}");
                let value = plain(&value, LONGEST);
                match field.name() {
                    "message" => write!(writer, "{value}"),
                    name => write!(writer, "{name}={value}"),
                }
            });
            Box::new(lines.with_ansi(colours).fmt_fields(fields.delimited(" ")).finish().with(capped))
        }
        LogFormat::Json => {
            let line = JsonLine(Format::default().json().flatten_event(true));
            Box::new(lines.event_format(line).fmt_fields(JsonFields::new()).finish().with(capped))
        }
    }
}

/// The library's line, made harmless as a whole: it has no hook for a field.
struct JsonLine(Format<Json>);

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        let line = plain_json(line.trim_end(), LONGEST);
        writeln!(writer, "{line}")
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use tracing::subscriber::with_default;

    use super::super::plain::NASTY;
    use super::*;
    use crate::service::text::is_plain;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, some: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").write(some)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(format: LogFormat, log: impl FnOnce()) -> String {
        let lines = Written::default();
        let writer = lines.clone();
        let settings = Log { format, ..Log::default() };
        with_default(subscriber(&settings, false, move || writer.clone()), log);
        String::from_utf8(lines.0.lock().expect("no panic").clone()).expect("text")
    }

    /// However it is logged: as a text, as an error, as a message, or around what is logged.
    #[test]
    fn nothing_from_outside_looks_like_something_else_in_either_format() {
        let long = "\u{202e}".repeat(5_000);
        for nasty in NASTY.map(|(nasty, _)| nasty).into_iter().chain([long.as_str()]) {
            for format in [LogFormat::Pretty, LogFormat::Json] {
                let lines = written(format, || {
                    let span = tracing::error_span!("request", request_id = nasty);
                    let _entered = span.enter();
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
                    assert_eq!(line["span"]["request_id"], nasty);
                }
            }
        }
    }

    #[test]
    fn a_line_says_what_it_said() {
        let log = || tracing::warn!(target: "filmgate::test", count = 3, name = "É", "hello");
        let pretty = written(LogFormat::Pretty, log);
        assert!(pretty.ends_with("WARN filmgate::test: hello count=3 name=\"É\"\n"), "{pretty:?}");
        let json: serde_json::Value = serde_json::from_str(&written(LogFormat::Json, log)).expect("JSON");
        for (name, value) in
            [("level", "WARN"), ("target", "filmgate::test"), ("message", "hello"), ("name", "É")]
        {
            assert_eq!(json[name], value);
        }
        assert_eq!(json["count"], 3);
    }
}
