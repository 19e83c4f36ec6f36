//! QUERY (RFC 10008): a GET whose parameters are in a body. axum has no route for it, so it comes to the fallback of its
//! address, which refuses every other method itself.

use axum::http::header::ALLOW;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;

use crate::http::problem::Problem;

const ACCEPT_QUERY: HeaderName = HeaderName::from_static("accept-query");

/// An address that takes QUERY.
#[derive(Debug)]
pub struct QueryMethod {
    /// All methods that it takes.
    pub allow: &'static str,
    /// The media types in which its parameters may be.
    pub media_types: &'static str,
}

impl QueryMethod {
    /// Refuses what no route has taken and is no QUERY.
    ///
    /// # Errors
    /// 405.
    pub fn check(&self, method: &Method) -> Result<(), Problem> {
        if *method == Method::QUERY {
            Ok(())
        } else {
            Err(Problem::of_status(StatusCode::METHOD_NOT_ALLOWED))
        }
    }

    /// The header that tells of it.
    #[must_use]
    pub fn header(&self) -> (HeaderName, HeaderValue) {
        (ACCEPT_QUERY, HeaderValue::from_static(self.media_types))
    }

    /// An answer of the fallback, with the methods and media types that there are: axum knows of the routes alone.
    #[must_use]
    pub fn told(&self, mut answer: Response) -> Response {
        let allow = (ALLOW, HeaderValue::from_static(self.allow));
        answer.headers_mut().extend([allow, self.header()]);
        answer
    }
}
