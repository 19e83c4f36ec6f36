//! Headers of answers, each described once.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Response, Type};

/// All of them, by their names.
pub(super) fn headers() -> BTreeMap<String, RefOr<Header>> {
    HEADERS.iter().map(|header| (header.name.to_owned(), header.described().into())).collect()
}

/// Headers that every answer carries; and those that a handler names are the ones that are described here.
pub(super) fn name_headers(response: &mut RefOr<Response>) {
    for name in ["RateLimit", "RateLimit-Policy", "X-Request-Id"] {
        add_header(response, name);
    }
    let RefOr::T(response) = response else { return };
    for (name, header) in &mut response.headers {
        if HEADERS.iter().any(|known| known.name == name) {
            *header = reference(name);
        }
    }
}

pub(super) fn add_header(response: &mut RefOr<Response>, name: &str) {
    if let RefOr::T(response) = response {
        response.headers.insert(name.to_owned(), reference(name));
    }
}

fn reference(name: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{name}")))
}

/// Headers of refusals, by their status. Not every call that can meet one has all of them.
pub(super) fn headers_of_refusal(status: &str) -> BTreeMap<String, RefOr<Header>> {
    let names: &[&str] = match status {
        "401" => &["WWW-Authenticate"],
        "403" | "422" => &["Filmgate-Ignored"],
        "404" => &["Idempotency-Replayed"],
        "409" | "429" | "default" => &["Filmgate-Ignored", "Retry-After"],
        "503" => &["Retry-After"],
        _ => &[],
    };
    names.iter().map(|name| ((*name).to_owned(), reference(name))).collect()
}

struct Described {
    name: &'static str,
    kind: Type,
    description: &'static str,
    example: fn() -> Value,
}

impl Described {
    fn described(&self) -> Header {
        HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(self.kind.clone())))
            .description(Some(self.description))
            .example(Some((self.example)()))
            .build()
    }
}

const HEADERS: &[Described] = &[
    Described {
        name: "Accept-Query",
        kind: Type::String,
        description: "In which forms QUERY takes what is asked for (RFC 10008)",
        example: || json!("application/x-www-form-urlencoded, application/json"),
    },
    Described {
        name: "ETag",
        kind: Type::String,
        description: "The tag of the answer, for `If-None-Match`",
        example: || json!("W/\"5d41402abc4b2a76\""),
    },
    Described {
        name: "Filmgate-Ignored",
        kind: Type::String,
        description: "Names of members that `/add_film` has ignored: a list of strings, as RFC 9651 writes it; missing when there are none",
        example: || json!("\"id\", \"likes\""),
    },
    Described {
        name: "Idempotency-Replayed",
        kind: Type::Boolean,
        description: "Whether the same request was made before under its key, and nothing was done again; missing when not",
        example: || json!(true),
    },
    Described {
        name: "Location",
        kind: Type::String,
        description: "Where what was made is found from now on",
        example: || json!("/v1/films/621"),
    },
    Described {
        name: "RateLimit",
        kind: Type::String,
        description: "What is left of each quota that applied: r calls, or t seconds until there are more. Missing when limits are off",
        example: || json!("\"film-1s\";r=0;t=1, \"film-1h\";r=49;t=72"),
    },
    Described {
        name: "RateLimit-Policy",
        kind: Type::String,
        description: "The quotas that applied: q calls in w seconds. Missing when limits are off",
        example: || json!("\"film-1s\";q=1;w=1, \"film-1h\";q=50;w=3600"),
    },
    Described {
        name: "Retry-After",
        kind: Type::Integer,
        description: "Seconds after which the same call may pass; missing when waiting does not help",
        example: || json!(1),
    },
    Described {
        name: "WWW-Authenticate",
        kind: Type::String,
        description: "The scheme in which a credential can be sent, with error=\"invalid_token\" where one came and is not valid",
        example: || json!("Bearer realm=\"filmgate\""),
    },
    Described {
        name: "X-Request-Id",
        kind: Type::String,
        description: "By which this request is found in the log: your own, if you sent one of at most 64 letters, digits, dots, underscores and hyphens",
        example: || json!("5f2b0f7b4c1a4f0f9d0e3c6a7b8d9e01"),
    },
];
