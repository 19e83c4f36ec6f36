//! `filmgate doctor`: what an operator got wrong.

use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::output::{Failure, print};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::doctor::{Finding, Level, examine};

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// For people, or for programs
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) async fn execute(config: Config, options: Doctor) -> Result<(), Failure> {
    let findings = examine(&config, Arc::new(SystemClock::new())).await;
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    print(&match options.format {
        Format::Text => text(&findings, errors, warnings),
        Format::Json => {
            format!("{:#}\n", json!({ "errors": errors, "warnings": warnings, "findings": findings }))
        }
    })?;
    match errors {
        0 => Ok(()),
        1 => Err(Failure::failed(&"an error was found")),
        many => Err(Failure::failed(&format!("{many} errors were found"))),
    }
}

fn text(findings: &[Finding], errors: usize, warnings: usize) -> String {
    let mut lines = Vec::new();
    for finding in findings {
        lines.push(format!("{:<8} {:<16} {}", finding.level, finding.check, finding.what));
        for (word, sentence) in [("why", finding.why), ("do", finding.cure.as_deref())] {
            lines.extend(sentence.map(|sentence| format!("{:<8} {word:>16} {sentence}", "")));
        }
    }
    format!("{}\n\n{errors} errors, {warnings} warnings\n", lines.join("\n"))
}
