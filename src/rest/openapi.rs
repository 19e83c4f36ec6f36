//! The OpenAPI document, generated from the handlers.

use std::collections::BTreeMap;

use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};
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

/// Declares groups of refusals, each by its status and what that means. All of them are problem details.
macro_rules! refusals {
    ($($(#[$doc:meta])* $group:ident { $($status:literal => $meaning:literal,)+ })+) => {$(
        $(#[$doc])*
        pub(super) struct $group;

        impl IntoResponses for $group {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                [$(($status.to_owned(), refusal($meaning))),+].into()
            }
        }
    )+};
}

refusals! {
    /// What any call can meet.
    Refusals {
        "429" => "Over quota",
        "default" => "Any other refusal, such as 401, 405 or 503",
    }
    /// What a call for one film can meet.
    IdRefusals {
        "400" => "An id that is not one",
        "404" => "No such film",
    }
    /// What a vote can meet.
    VoteRefusals {
        "400" => "An id or a key that is not one",
        "403" => "The role does not allow it, or nobody meant it",
        "404" => "No such film; nothing was recorded",
        "409" => "The same request is still being worked on",
        "422" => "The key came with another request",
    }
    /// What a call with parameters can meet.
    ParameterRefusals {
        "400" => "A parameter that is not of its form",
        "422" => "A parameter that makes no sense",
    }
    /// What adding a film can meet.
    AddRefusals {
        "400" => "Not JSON",
        "403" => "The role does not allow it",
        "409" => "The film is already there, or the same request is still being worked on",
        "413" => "Body too large",
        "415" => "Content type is not JSON",
        "422" => "Fields that are wrong, all of them; or the key came with another request",
    }
    /// What a call can meet that only an admin may make.
    ForbiddenRefusals {
        "403" => "The role does not allow it",
    }
    /// What a call can meet whose answer is of who has signed in.
    OwnRefusals {
        "401" => "Without a credential",
    }
    /// What a call can meet that needs a session.
    SessionRefusals {
        "401" => "Without a session",
        "403" => "Somebody else's, or a page of another site",
    }
    /// What a call with a password can meet.
    LoginRefusals {
        "401" => "The name or the password is wrong",
        "403" => "A page of another site",
        "503" => "Too many passwords are tried at once",
    }
    /// What a call for one account or key can meet.
    NamedRefusals {
        "400" => "An id that is not one",
        "404" => "There is none with this id",
    }
    /// What a new name can meet.
    TakenRefusals {
        "409" => "The name is taken",
    }
    /// What a call with a JSON object can meet.
    BodyRefusals {
        "400" => "Not of its form",
        "413" => "Body too large",
        "415" => "Content type is not JSON",
        "422" => "Members that are wrong, all of them",
    }
}

fn refusal(meaning: &str) -> RefOr<Response> {
    let schema = Ref::from_schema_name(ProblemOut::name());
    let response = ResponseBuilder::new().description(meaning);
    response.content("application/problem+json", Content::new(Some(schema))).build().into()
}

/// What a call can meet whose answer may be kept.
pub(super) struct KeptResponses;

impl IntoResponses for KeptResponses {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let known = "The client has it already: `If-None-Match` named its tag";
        [("304".to_owned(), ResponseBuilder::new().description(known).build().into())].into()
    }
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

/// Under which key a change is made once.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes a header, which `Call::change` reads")]
pub(super) struct OnceParams {
    /// The same request under the same key is made once, and paid for once: who asks again is told how it is now, with
    /// `Idempotency-Replayed: true`. Known for 24 hours.
    #[param(rename = "Idempotency-Key", min_length = 16, max_length = 128, pattern = "^[!-~]+$")]
    idempotency_key: Option<String>,
}

/// Which films are meant.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters, which `query` reads one by one to tell all faults")]
pub(super) struct FilterParams {
    /// Only films that have these words, each by its beginning, in name or studio: see docs/rest.md
    #[param(max_length = 200)]
    q: Option<String>,
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
    Rating,
    Relevance,
    Shuffled,
}

/// The direction of a list.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "describes a parameter, which `query` reads to tell all faults")]
pub(super) enum OrderIn {
    Asc,
    Desc,
}
