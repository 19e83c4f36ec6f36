//! Refusals as they are described; `http::problem` writes them.

use std::borrow::Cow;

use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::http::catalogue;
use crate::service::MOST_FAULTS;

/// The macro takes no constants: that of faults, and the one that says how many more there are.
const _: () = assert!(MOST_FAULTS + 1 == 51);

/// A refusal (RFC 9457).
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what `http::problem` writes")]
#[schema(as = Problem)]
pub(super) struct ProblemOut {
    /// What it is about: the page of its code, or a type that others know too.
    #[schema(format = "uri-reference")]
    r#type: String,
    /// The name of its status.
    title: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// A sentence for people.
    detail: String,
    /// The request id.
    instance: String,
    code: Code,
    /// Every fault of the input, with `INVALID_INPUT`.
    #[schema(nullable = false, max_items = 51)]
    fields: Option<Vec<FieldOut>>,
    /// Seconds, as in `Retry-After`.
    #[schema(rename = "retryAfter", nullable = false)]
    retry_after: Option<u64>,
    /// The quotas that would have been overdrawn, as `RateLimit-Policy` names them, with `RATE_LIMITED`.
    #[schema(rename = "violated-policies", nullable = false)]
    violated_policies: Option<Vec<String>>,
    /// The id of the film that is there already, with `FILM_EXISTS`.
    #[schema(rename = "filmId", nullable = false, minimum = 0)]
    film_id: Option<i64>,
    /// What the call costs, with `PRICE_ABOVE_BURST`.
    #[schema(nullable = false)]
    price: Option<u32>,
    /// What a call may cost at most, with `PRICE_ABOVE_BURST`.
    #[schema(rename = "maxPrice", nullable = false)]
    max_price: Option<u32>,
    /// Why the server wants no requests now.
    #[schema(value_type = Failing, required = false)]
    failing: Option<Failing>,
    /// Whether the database takes nothing that is written.
    #[schema(value_type = Writes, required = false)]
    writes: Option<Writes>,
}

/// One fault of an input.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what `http::problem` writes")]
#[schema(as = FieldFault)]
struct FieldOut {
    /// JSON pointer (RFC 6901) within the input; empty when it is about all of it.
    pointer: String,
    /// What is wrong, for people.
    detail: String,
}

/// What a server that is not ready is failing by.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what `health::ready` writes")]
#[schema(rename_all = "lowercase")]
enum Failing {
    Draining,
    Database,
    Writes,
}

/// How writing is going, where it is not well.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what `health::ready` writes")]
#[schema(rename_all = "lowercase")]
pub(super) enum Writes {
    Failing,
}

/// A code of the catalogue.
#[derive(Debug)]
struct Code;

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A stable name for programs; `/problems` has a page about each."))
            .enum_values(Some(catalogue::ALL.iter().map(|entry| entry.code)))
            .into()
    }
}

impl ToSchema for Code {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ProblemCode")
    }
}
