//! The OpenAPI document, generated from the handlers.

pub(super) mod cacheable;
mod complete;
mod credentials;
mod headers;
pub(super) mod parameters;
pub(super) mod refusals;
pub(super) mod schemas;

pub(super) use complete::{bound_pages, complete};

use utoipa::OpenApi as _;

use credentials::Credentials;

use crate::rest::problem_dto::ProblemOut;

#[derive(utoipa::OpenApi)]
#[openapi(
    modifiers(&Credentials),
    components(schemas(ProblemOut)),
    info(
        title = "filmgate",
        description = "A film API. GraphQL at `/graphql` offers the same, at the same price.\n\nA refusal is `application/problem+json` \
            (RFC 9457) with a stable `code`; `/problems` has a page about each. What a call draws from its budget is in the headers \
            `RateLimit-Policy` and `RateLimit`, and asking for `/v1/rate_limit` is free. An answer has the members that are described \
            and no others; a later release may add some, and codes, so a client does well to bear those that it does not know.",
        contact(name = "The authors of filmgate")
    ),
    servers(
        (url = "/", description = "The server that this document comes from"),
        (url = "http://127.0.0.1:3000", description = "Your own, as it starts without any settings"),
    ),
    tags(
        (name = "documented", description = "The documented endpoints. They never change shape."),
        (name = "films", description = "Films as resources."),
        (name = "accounts", description = "Sessions, accounts and keys."),
        (name = "limits", description = "Rate limits."),
        (name = "operations", description = "What can be asked for, at which price."),
        (name = "audit", description = "What happened that matters for security."),
        (name = "health", description = "For orchestrators. HEAD is answered likewise."),
    )
)]
struct Frame;

/// What is not in the handlers.
pub(super) fn frame() -> utoipa::openapi::OpenApi {
    Frame::openapi()
}
