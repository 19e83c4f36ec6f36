//! How large the head of a request may be.

use axum::http::{Request, StatusCode};

use crate::http::problem::Problem;

/// Header fields of a request.
const MOST_FIELDS: usize = 100;

/// Refuses what is over the cap, in bytes. The connection's own buffer is the first wall; this one answers in our
/// form, and holds for every transport.
pub(super) fn check<B>(most: usize, request: &Request<B>) -> Result<(), Problem> {
    let uri = request.uri();
    let line = uri.path().len() + uri.query().map_or(0, str::len);
    if line > most / 2 {
        return Err(Problem::new(
            StatusCode::URI_TOO_LONG,
            "URI_TOO_LONG",
            format!("The address is longer than {} bytes.", most / 2),
        ));
    }
    // As HTTP/1.1 writes it: name, colon, space, value, line end.
    let fields: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if line + fields > most || request.headers().len() > MOST_FIELDS {
        return Err(Problem::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "HEADER_TOO_LARGE",
            format!("The header is larger than {most} bytes or {MOST_FIELDS} fields."),
        ));
    }
    Ok(())
}
