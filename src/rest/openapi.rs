//! The OpenAPI document, generated from the handlers.

use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::{IntoParams, IntoResponses, Modify, OpenApi as _, ToSchema};

use super::dto::ProblemOut;

#[derive(utoipa::OpenApi)]
#[openapi(
    modifiers(&Credentials),
    info(
        title = "filmgate",
        description = "A film API. GraphQL at /graphql offers the same, at the same price."
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

/// What any call can meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub(super) enum Refusals {
    /// Over quota
    #[response(status = 429, content_type = "application/problem+json")]
    OverQuota(ProblemOut),
    /// Any other refusal, such as 401, 405 or 503
    #[response(status = "default", content_type = "application/problem+json")]
    Other(ProblemOut),
}

/// What a call for one film can meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub(super) enum IdRefusals {
    /// An id that is not one
    #[response(status = 400, content_type = "application/problem+json")]
    NotAnId(ProblemOut),
    /// No such film
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemOut),
}

/// What a vote can meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub(super) enum VoteRefusals {
    /// An id that is not one
    #[response(status = 400, content_type = "application/problem+json")]
    NotAnId(ProblemOut),
    /// The role does not allow it, or nobody meant it
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemOut),
    /// No such film; nothing was recorded
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemOut),
}

/// What a call with parameters can meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub(super) enum ParameterRefusals {
    /// A parameter that is not of its form
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(ProblemOut),
    /// A parameter that makes no sense
    #[response(status = 422, content_type = "application/problem+json")]
    OutOfRange(ProblemOut),
}

/// What an operation for admins can meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub(super) enum AdminRefusals {
    /// The role does not allow it
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemOut),
}

/// What adding a film can meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub(super) enum AddRefusals {
    /// Not JSON
    #[response(status = 400, content_type = "application/problem+json")]
    NotJson(ProblemOut),
    /// The role does not allow it
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemOut),
    /// The film is already there
    #[response(status = 409, content_type = "application/problem+json")]
    Exists(ProblemOut),
    /// Body too large
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemOut),
    /// Content type is not JSON
    #[response(status = 415, content_type = "application/problem+json")]
    ContentType(ProblemOut),
    /// Fields that are wrong, all of them
    #[response(status = 422, content_type = "application/problem+json")]
    Faults(ProblemOut),
}

/// What a call can meet that only an admin may make.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub(super) enum ForbiddenRefusals {
    /// The role does not allow it
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemOut),
}

/// What a call can meet that needs a session.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub(super) enum SessionRefusals {
    /// Without a session
    #[response(status = 401, content_type = "application/problem+json")]
    NotSignedIn(ProblemOut),
    /// Somebody else's, or a page of another site
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemOut),
}

/// What a call with a password can meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub(super) enum LoginRefusals {
    /// The name or the password is wrong
    #[response(status = 401, content_type = "application/problem+json")]
    Wrong(ProblemOut),
    /// A page of another site
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemOut),
    /// Too many passwords are tried at once
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(ProblemOut),
}

/// What a call for one account or key can meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub(super) enum NamedRefusals {
    /// An id that is not one
    #[response(status = 400, content_type = "application/problem+json")]
    NotAnId(ProblemOut),
    /// There is none with this id
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemOut),
}

/// What a new name can meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub(super) enum TakenRefusals {
    /// The name is taken
    #[response(status = 409, content_type = "application/problem+json")]
    Taken(ProblemOut),
}

/// What a call with a JSON object can meet.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "describes answers")]
pub(super) enum BodyRefusals {
    /// Not of its form
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(ProblemOut),
    /// Body too large
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemOut),
    /// Content type is not JSON
    #[response(status = 415, content_type = "application/problem+json")]
    ContentType(ProblemOut),
    /// Members that are wrong, all of them
    #[response(status = 422, content_type = "application/problem+json")]
    Faults(ProblemOut),
}

/// How credentials are shown. None is needed to call, but for what needs a right.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The token of a session, or a key"))
            .build();
        let key = ApiKeyValue::with_description("X-API-Key", "A key");
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        components.add_security_scheme("key", SecurityScheme::ApiKey(ApiKey::Header(key)));
        let scopes: [&str; 0] = [];
        document.security = Some(vec![
            SecurityRequirement::default(),
            SecurityRequirement::new("bearer", scopes),
            SecurityRequirement::new("key", scopes),
        ]);
    }
}

/// Which films are meant.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters, which `query` reads one by one to tell all faults")]
pub(super) struct FilterParams {
    /// Only films of this genre, without regard to case
    genre: Option<String>,
    /// Only films of this studio, without regard to case
    studio: Option<String>,
    /// Only films of this year or later
    #[param(rename = "yearFrom")]
    year_from: Option<i32>,
    /// Only films of this year or earlier
    #[param(rename = "yearTo")]
    year_to: Option<i32>,
    /// Only films with at least so many likes and dislikes together
    #[param(rename = "minVotes", minimum = 0)]
    min_votes: Option<i32>,
}

/// The order of a list.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes a parameter, which `query` reads to tell all faults")]
pub(super) enum SortIn {
    Name,
    Year,
    Newest,
    Likes,
}
