//! Refusals as the document describes them: what they are called and mean is in the catalogue of codes.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use utoipa::openapi::{Content, ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use super::headers::headers_of_refusal;
use crate::http::catalogue;
use crate::http::problem::Problem;
use crate::rest::problem_dto::ProblemOut;

/// Declares refusals, each with its status and its codes, and groups of them that calls have in common.
macro_rules! refusals {
    (
        $([$refusal:ident] $status:literal $($code:ident)+;)+
        groups: $($(#[$doc:meta])* $group:ident => $($of:ident)+;)+
    ) => {
        /// Every refusal, by its name among the components.
        pub(super) fn responses() -> BTreeMap<String, RefOr<Response>> {
            [$((
                stringify!($refusal).to_owned(),
                refusal($status, &[$(stringify!($code)),+]).into(),
            )),+]
            .into()
        }

        $(
            pub(in crate::rest) struct $refusal;

            impl IntoResponses for $refusal {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    let name = stringify!($refusal);
                    [($status.to_owned(), Ref::from_response_name(name).into())].into()
                }
            }
        )+

        $(
            $(#[$doc])*
            pub(in crate::rest) struct $group;

            impl IntoResponses for $group {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    [$($of::responses()),+].into_iter().flatten().collect()
                }
            }
        )+
    };
}

refusals! {
    [Unreadable] "400" INVALID_INPUT BAD_REQUEST;
    [Unauthenticated] "401" UNAUTHENTICATED;
    [Forbidden] "403" FORBIDDEN;
    [FilmNotFound] "404" FILM_NOT_FOUND;
    [AccountNotFound] "404" ACCOUNT_NOT_FOUND;
    [KeyNotFound] "404" KEY_NOT_FOUND;
    [NotAcceptable] "406" NOT_ACCEPTABLE;
    [FilmExists] "409" FILM_EXISTS IDEMPOTENCY_KEY_IN_USE;
    [AccountExists] "409" ACCOUNT_EXISTS;
    [KeyInUse] "409" IDEMPOTENCY_KEY_IN_USE;
    [TooLarge] "413" PAYLOAD_TOO_LARGE;
    [NotJson] "415" UNSUPPORTED_MEDIA_TYPE;
    [InvalidInput] "422" INVALID_INPUT;
    [InvalidFilm] "422" INVALID_INPUT IDEMPOTENCY_KEY_REUSED;
    [KeyReused] "422" IDEMPOTENCY_KEY_REUSED;
    [OverQuota] "429" RATE_LIMITED;
    [HeaderTooLarge] "431" HEADER_TOO_LARGE;
    [Unavailable] "503" UNAVAILABLE;
    [AnyOther] "default" UNAVAILABLE INTERNAL METHOD_NOT_ALLOWED;

    groups:
    /// What any call can meet.
    Refusals => Unreadable Unauthenticated OverQuota AnyOther;
    /// What a vote can meet.
    VoteRefusals => Forbidden FilmNotFound KeyInUse KeyReused;
    /// What a body with a film can meet.
    FilmBodyRefusals => Forbidden FilmExists TooLarge NotJson InvalidFilm;
    /// What a call with a JSON object can meet.
    BodyRefusals => Forbidden TooLarge NotJson InvalidInput;
}

/// By the words of the catalogue, with what the first of its codes looks like.
fn refusal(status: &str, codes: &[&'static str]) -> Response {
    let entries: Vec<_> = codes.iter().filter_map(|code| catalogue::entry(code)).collect();
    let meanings: Vec<_> =
        entries.iter().map(|entry| format!("`{}`: {}", entry.code, entry.meaning)).collect();
    let description = match status {
        "default" => format!("Any other refusal, such as {}", meanings.join(" ")),
        _ => meanings.join(" "),
    };
    let content = entries.first().map(|entry| {
        let status = StatusCode::from_bytes(status.as_bytes()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        example(Problem::new(status, entry.code, entry.meaning))
    });
    let mut response = ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content.unwrap_or_default())
        .build();
    response.headers = headers_of_refusal(status);
    response
}

/// Written by what writes those of requests.
fn example(problem: Problem) -> Content {
    let problem = match problem.code {
        "RATE_LIMITED" | "UNAVAILABLE" | "IDEMPOTENCY_KEY_IN_USE" => problem.with_retry_after(1),
        "FILM_EXISTS" => problem.with_member("filmId", 1.into()),
        _ => problem,
    };
    let details = problem.details("5f2b0f7b4c1a4f0f9d0e3c6a7b8d9e01");
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(ProblemOut::name())))
        .example(serde_json::from_str(&details).ok())
        .build()
}
