//! `filmgate doctor`: what an operator got wrong.

use std::sync::Arc;

use serde_json::json;

use super::output::{Failure, Output};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::doctor::{Finding, Level, examine};
use crate::service::text::counted;

pub(super) async fn execute(config: Config, output: Output) -> Result<(), Failure> {
    let findings = examine(&config, Arc::new(SystemClock::new())).await;
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    let told = json!({ "errors": errors, "warnings": warnings, "findings": findings });
    output.tell(&told, || text(&findings, errors, warnings))?;
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
    let counts = format!("{}, {}", counted(errors, "error"), counted(warnings, "warning"));
    format!("{}\n\n{counts}\n", lines.join("\n"))
}
