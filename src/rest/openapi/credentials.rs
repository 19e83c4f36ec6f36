//! By which credentials calls are made.

use utoipa::Modify;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};

use crate::operations;
use crate::service::policy::Authentication;

const BEARER: &str = "bearer";
const KEY: &str = "key";

/// What a credential looks like. None is needed to call, but for what needs a right.
pub(super) struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "The token of a session, a key, or a token of an issuer that the server trusts",
            ))
            .build();
        let key = ApiKeyValue::with_description("X-API-Key", "A key");
        components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
        components.add_security_scheme(KEY, SecurityScheme::ApiKey(ApiKey::Header(key)));
        document.security = Some(vec![SecurityRequirement::default(), by(BEARER), by(KEY)]);
    }
}

/// Says of the calls that need it by which they are made.
pub(super) fn name_credentials(document: &mut OpenApi) {
    for operation in operations::ALL {
        let Some(needed) = operation.action.and_then(|action| needed(action.authentication())) else {
            continue;
        };
        for (method, path) in operation.rest {
            let call = document.paths.paths.get_mut(*path).and_then(|item| call(item, method));
            if let Some(call) = call {
                call.security = Some(needed.clone());
            }
        }
    }
}

/// None where the document's own word holds.
fn needed(authentication: Authentication) -> Option<Vec<SecurityRequirement>> {
    match authentication {
        Authentication::Anybody => None,
        // A key is not a password.
        Authentication::Session => Some(vec![by(BEARER)]),
        Authentication::SignedIn | Authentication::SessionOrAdmin => Some(vec![by(BEARER), by(KEY)]),
    }
}

fn by(scheme: &str) -> SecurityRequirement {
    let scopes: [&str; 0] = [];
    SecurityRequirement::new(scheme, scopes)
}

fn call<'a>(item: &'a mut PathItem, method: &str) -> Option<&'a mut Operation> {
    match method {
        "GET" => item.get.as_mut(),
        "POST" => item.post.as_mut(),
        "PUT" => item.put.as_mut(),
        "PATCH" => item.patch.as_mut(),
        "DELETE" => item.delete.as_mut(),
        _ => None,
    }
}
