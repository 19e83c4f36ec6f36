//! Parameters that several calls have, or that are read one by one to tell all faults.

#![expect(dead_code, reason = "describes what `Query` and `Path` read")]

use utoipa::{IntoParams, ToSchema};

use crate::service::audit::Event;
use crate::service::films::types::FilmSort;
use crate::service::page::MAX_CURSOR;

/// The macro takes no constants.
const _: () = assert!(MAX_CURSOR == 4000);

/// Which film is meant.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(in crate::rest) struct FilmIdParam {
    /// Id of a film
    #[param(minimum = 0, example = 1)]
    id: i64,
}

/// Which account is meant.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(in crate::rest) struct AccountIdParam {
    /// Id of an account
    #[param(minimum = 0, example = 1)]
    id: i64,
}

/// Which key is meant.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
pub(in crate::rest) struct KeyIdParam {
    /// Id of a key
    #[param(minimum = 0, example = 1)]
    id: i64,
}

/// Whose keys are meant.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct OwnerParam {
    /// Id of the account whose keys are meant, for an admin; your own where it is not given
    #[param(minimum = 0, example = 1)]
    account: Option<i64>,
}

/// What is voted for while a film is picked.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct VoteParams {
    /// Id of a film to like
    #[param(minimum = 0, example = 123)]
    like: Option<i64>,
    /// Id of a film to dislike
    #[param(minimum = 0, example = 456)]
    dislike: Option<i64>,
}

/// Under which key a change is made once.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(in crate::rest) struct OnceParams {
    /// The same request under the same key is made once, and paid for once: who asks again is told how it is now, with
    /// `Idempotency-Replayed: true`. Known for 24 hours. It may stand in quotes, as RFC 9651 writes a string.
    #[param(
        rename = "Idempotency-Key",
        nullable = false,
        min_length = 16,
        max_length = 128,
        pattern = "^[!-~]+$",
        example = "8e03978e-40d5-43dd-bc93-6894a57f9324"
    )]
    idempotency_key: Option<String>,
}

/// Which films are meant.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct FilterParams {
    /// Only films that have these words, at most 20, each by its beginning, in name or studio: see docs/rest.md
    #[param(min_length = 1, max_length = 200, example = "third man")]
    q: Option<String>,
    /// Only films of this genre, without regard to case
    #[param(max_length = 40, example = "Western")]
    genre: Option<String>,
    /// Only films of this studio, without regard to case
    #[param(max_length = 200, example = "Disney")]
    studio: Option<String>,
    /// Only films of this year or later
    #[param(rename = "yearFrom", example = 1950)]
    year_from: Option<i32>,
    /// Only films of this year or earlier, and not earlier than `yearFrom`
    #[param(rename = "yearTo", example = 1959)]
    year_to: Option<i32>,
    /// Only films with at least so many likes and dislikes together
    #[param(rename = "minVotes", minimum = 0, example = 1)]
    min_votes: Option<i32>,
}

/// In which order films are listed.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct OrderParams {
    /// When not given, relevance with `q`, otherwise name. Relevance needs `q`
    #[param(inline, example = "name")]
    sort: Option<FilmSort>,
    /// Whether the least or the greatest comes first; when not given, the least by name and year, and the greatest (newest,
    /// most, best) by all others. Not with `sort=shuffled`
    #[param(inline, example = "asc")]
    order: Option<OrderIn>,
    /// What a shuffled list is put in order by: the same list for the same seed and films. A random one when not given; the
    /// cursors keep it
    #[param(min_length = 1, max_length = 64, example = "2026-11-29")]
    seed: Option<String>,
}

/// The direction of a list.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
pub(in crate::rest) enum OrderIn {
    Asc,
    Desc,
}

/// Which page of a list is meant.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct PageParams {
    /// How many entries, from the start of the list: 20 when not given, or the maximum where that is less. The operator may
    /// set another maximum (`graphql.max_page`)
    #[param(minimum = 0, maximum = 100, example = 20)]
    first: Option<i32>,
    /// Only entries after this cursor
    #[param(max_length = 4000, pattern = "^[A-Za-z0-9_-]+$", example = "WyJuIiwiZnJvemVuIiwxXQ")]
    after: Option<String>,
    /// How many entries, from the end of the list, and not together with `first`
    #[param(minimum = 0, maximum = 100, example = 20)]
    last: Option<i32>,
    /// Only entries before this cursor
    #[param(max_length = 4000, pattern = "^[A-Za-z0-9_-]+$", example = "WyJuIiwiZnJvemVuIiwxXQ")]
    before: Option<String>,
}

/// Which page is meant of a list that is read in one direction.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct NextPageParams {
    /// How many entries: 20 when not given, or the maximum where that is less. The operator may set another maximum
    /// (`graphql.max_page`)
    #[param(minimum = 0, maximum = 100, example = 20)]
    first: Option<i32>,
    /// Only entries after this cursor
    #[param(max_length = 4000, pattern = "^[A-Za-z0-9_-]+$", example = "WyJhIiw0Miw0Ml0")]
    after: Option<String>,
}

/// An id.
#[derive(ToSchema)]
#[schema(minimum = 0)]
struct IdIn(i64);

/// Which films a pick leaves out.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct ExcludeParams {
    /// Ids of films to leave out, at most 1,000, separated by commas
    #[param(inline, style = Form, explode = false, min_items = 1, max_items = 1000, example = json!([1, 2]))]
    exclude: Option<Vec<IdIn>>,
    /// Whether films that you have voted for are left out, of who has signed in
    #[param(example = false)]
    unseen: Option<bool>,
}

/// Of which films votes are asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct AskedParams {
    /// Only votes for films with these ids, at most 100, separated by commas
    #[param(inline, style = Form, explode = false, min_items = 1, max_items = 100, example = json!([1, 2]))]
    film: Option<Vec<IdIn>>,
}

/// Of which films votes are heard.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct HeardParams {
    /// Ids of films to hear votes of, at most 20, separated by commas
    #[param(inline, style = Form, explode = false, min_items = 1, max_items = 20, example = json!([1, 2]))]
    id: Option<Vec<IdIn>>,
}

/// Which events are meant.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::rest) struct AuditParams {
    /// Only events of this kind
    #[param(inline, example = "role_changed")]
    event: Option<Event>,
    /// Only what this actor did, exactly as events name it
    #[param(max_length = 2000, example = "account anna")]
    actor: Option<String>,
    /// Only from this moment on (RFC 3339)
    #[param(format = DateTime, example = "2026-11-24T12:00:00Z")]
    since: Option<String>,
    /// Only before this moment (RFC 3339), which does not lie before `since`
    #[param(format = DateTime, example = "2026-11-25T12:00:00Z")]
    until: Option<String>,
}
