//! The catalogue of codes: what each refusal of both surfaces is called, and what to do about it. Its pages and the table in
//! `docs/rest.md` are made of it.

/// A code, what it means, and what its client can do.
#[derive(Debug)]
pub struct Entry {
    pub code: &'static str,
    pub meaning: &'static str,
    pub remedy: &'static str,
}

/// Makes a list of each line.
macro_rules! catalogue {
    ($($code:ident: $meaning:literal, $remedy:literal;)*) => {
        /// Every code, in the order of the alphabet.
        pub const ALL: &[Entry] = &[$(Entry { code: stringify!($code), meaning: $meaning, remedy: $remedy }),*];
    };
}

catalogue! {
    ACCOUNT_EXISTS: "There is an account with this name already.", "Choose another name.";
    ACCOUNT_NOT_FOUND: "There is no account with this id.", "Look it up in GET /v1/accounts.";
    BAD_REQUEST: "The request cannot be read.", "Mend what detail names; sending it again unchanged cannot help.";
    DOCUMENT_NOT_TRUSTED: "This server runs documents that its operator trusts, and no others.",
        "Have the operator add it to graphql.trusted_documents.";
    DOCUMENT_TOO_LARGE: "A GraphQL document, or the request that carries it, is over a limit.",
        "Ask in smaller parts; the limits are [graphql] and http.max_body in the configuration.";
    FELL_BEHIND: "A subscription was ended, because its client did not take events as fast as they came.",
        "List the films anew and subscribe again.";
    FILM_EXISTS: "A film with this name, studio and year is there already; filmId names it.",
        "Use that film, or send what tells yours apart.";
    FILM_NOT_FOUND: "There is no such film, or none that matches.",
        "Look the id up in GET /v1/films, or ask for less.";
    FORBIDDEN: "The caller's role or the page that the call came from does not allow this.",
        "Sign in as somebody who may, or have the operator give the right: docs/accounts.md tells who may do what.";
    GRAPHQL_PARSE_FAILED: "A GraphQL document is not well-formed.", "Mend the place that the message names.";
    GRAPHQL_VALIDATION_FAILED: "A GraphQL document does not fit the schema, or its variables do not.",
        "Mend what the message names; the schema is at /schema.graphql, and introspection tells it too.";
    HEADER_TOO_LARGE: "The header of the request is over a limit.", "Send fewer or shorter fields.";
    HTTPS_REQUIRED: "The call came over plain HTTP, beside HTTPS.",
        "Write https:// in the address, and exchange whatever secret was sent in the clear.";
    IDEMPOTENCY_KEY_IN_USE: "The request that came with this idempotency key is still being worked on.",
        "Ask again after Retry-After, with the same key.";
    IDEMPOTENCY_KEY_REUSED: "This idempotency key came with another request before. Nothing was done.",
        "Send the first request again as it was, or a new key with a new one.";
    INTERNAL: "Something went wrong on the server's side.",
        "Report it with the request id, which the header X-Request-Id has. A change may have been made all the same: look before you repeat it.";
    INVALID_INPUT: "A part of the input is wrong; fields has every fault with a JSON pointer.",
        "Mend them all and send it again.";
    KEY_NOT_FOUND: "There is no such key, or it is not yours.", "Look it up in GET /v1/keys.";
    METHOD_NOT_ALLOWED: "This address does not take this method.", "Use one that the header Allow names.";
    NOT_ACCEPTABLE: "The header Accept takes none of the types in which there is an answer.",
        "Accept one of those that detail names.";
    NOT_FOUND: "There is nothing at this address.", "detail names what is near; /openapi.json has every address of REST.";
    PAYLOAD_TOO_LARGE: "The body of the request is over http.max_body, or over 8 KiB where it is a query.", "Send less at once.";
    PERSISTED_QUERY_NOT_FOUND: "A request to GraphQL has a hash or a name in the place of its text, and nobody knows it here.",
        "Send the text with its hash; clients do so by themselves.";
    PRICE_ABOVE_BURST: "The call costs more than its bucket ever holds, so it can never pass; maxPrice can.",
        "Ask in smaller parts: docs/limits.md tells what costs how much.";
    RATE_LIMITED: "Too many calls in too short a time.",
        "Wait for the seconds in retryAfter and in the header Retry-After; GET /v1/rate_limit tells what is left.";
    REQUEST_TIMEOUT: "The body of the request did not come in time. Nothing was done.", "Send it again.";
    UNAUTHENTICATED: "The credential or the password is wrong, or one must sign in first.",
        "Sign in with POST /v1/session, or send a key that is valid.";
    UNAVAILABLE: "The server or its database is too busy, or a change could not be confirmed.",
        "Try again after Retry-After where there is one; without it, look first whether the change was made.";
    UNSUPPORTED_MEDIA_TYPE: "The body is not JSON in UTF-8, or is compressed.",
        "Send Content-Type: application/json, and the body as it is.";
    UPGRADE_REQUIRED: "This version of WebSocket is not spoken here.", "Use version 13.";
    URI_TOO_LONG: "The address of the request is over a limit.", "Send less in it.";
}

/// What the catalogue says of a code.
#[must_use]
pub fn entry(code: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.code == code)
}

/// Where the page of a code is.
#[must_use]
pub fn page(code: &str) -> String {
    format!("/problems/{code}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_there_once_and_in_order() {
        assert!(ALL.is_sorted_by(|one, next| one.code < next.code));
    }
}
