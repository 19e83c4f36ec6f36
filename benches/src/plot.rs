//! The plot: a bar a row, each group to a scale of its own.

use std::fmt::Write as _;

use crate::document;
use crate::load::Row;

const WIDTH: f64 = 880.0;
const LABELS: f64 = 300.0;
const LONGEST: f64 = 420.0;
const LINE: f64 = 24.0;

/// Writes `docs/performance.svg`.
pub(crate) fn write(rows: &[Row]) {
    let mut body = String::new();
    let mut y = LINE;
    for group in rows.chunk_by(|one, other| one.group == other.group) {
        let best = group.iter().map(Row::rate).fold(1.0, f64::max);
        let name = group.first().map_or("", |row| row.group).replace('`', "");
        let _ = writeln!(body, r#"<text x="12" y="{y}" font-weight="bold">{name}</text>"#);
        for row in group {
            y += LINE;
            let (rate, cpu) = (row.rate(), row.cpu());
            let length = rate / best * LONGEST;
            let colour = match row.who.as_str() {
                who if who.starts_with("filmgate before") => "#d0a24c",
                who if who.starts_with("filmgate") => "#2f6fb0",
                _ => "#9a9a9a",
            };
            let (top, after) = (y - 13.0, LABELS + length + 8.0);
            let _ = writeln!(
                body,
                r#"<text x="24" y="{y}">{}</text><rect x="{LABELS}" y="{top:.0}" width="{length:.0}" height="16" fill="{colour}"/><text x="{after:.0}" y="{y}">{rate:.0}/s, {cpu:.1} us</text>"#,
                row.who,
            );
        }
        y += LINE * 1.5;
    }
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <title>Requests a second, and processor time of the server for each</title>\n\
         <rect width=\"{WIDTH}\" height=\"{y}\" fill=\"white\"/>\n{body}</svg>\n"
    );
    std::fs::write(document::path("performance.svg"), svg).expect("a file");
}
