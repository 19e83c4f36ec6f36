//! How large a subscription may be. Its tree is kept in memory for as long as it goes on, and a client may have many: within
//! the limits of other documents, one client could hold hundreds of megabytes.

use serde_json::{Map, Value};

use crate::config::GraphQl;
use crate::graphql::document::Prepared;
use crate::graphql::request::too_large;
use crate::http::problem::Problem;

/// Tokens of the document of a subscription.
const MOST_TOKENS: usize = 300;
/// Bytes of the document of a subscription and of its variables.
const MOST_BYTES: usize = 8 * 1024;

/// Refuses a subscription that is too large to be kept.
///
/// # Errors
/// 400 with the limit that is exceeded.
pub(super) fn check(
    query: &str,
    variables: &Map<String, Value>,
    prepared: &Prepared,
    limits: &GraphQl,
) -> Result<(), Problem> {
    let variables: usize = variables.iter().map(|(name, value)| name.len() + value.to_string().len()).sum();
    if query.len() + variables > MOST_BYTES {
        let detail = format!("A subscription and its variables have at most {MOST_BYTES} bytes.");
        return Err(too_large(detail));
    }
    let most = limits.max_tokens.min(MOST_TOKENS);
    // Fragments that are spread again and again make a large tree of few tokens.
    if prepared.tokens > most || prepared.selections() > most {
        return Err(too_large(format!("The document of a subscription has at most {most} tokens.")));
    }
    Ok(())
}
