//! How large a subscription may be. Its document is kept in memory for as long as it goes on, at some 150 bytes a token:
//! within the limits of other documents, one client could hold hundreds of megabytes.

use crate::config::GraphQl;
use crate::graphql::guard::check_document;
use crate::graphql::request::{Asked, too_large};
use crate::http::problem::Problem;

/// Tokens of the document of a subscription.
const MOST_TOKENS: usize = 300;
/// Bytes of the document of a subscription and of its variables.
const MOST_BYTES: usize = 8 * 1024;

/// Refuses a subscription that is too large to be kept.
///
/// # Errors
/// 400 with the limit that is exceeded.
pub(super) fn check(asked: &Asked, limits: &GraphQl) -> Result<(), Problem> {
    let variables: usize =
        asked.variables.iter().map(|(name, value)| name.len() + value.to_string().len()).sum();
    if asked.query.len() + variables > MOST_BYTES {
        let detail = format!("A subscription and its variables have at most {MOST_BYTES} bytes.");
        return Err(too_large(detail));
    }
    let most = limits.max_tokens.min(MOST_TOKENS);
    check_document(&asked.query, limits.max_nesting, most)
        .map_err(|_| too_large(format!("The document of a subscription has at most {most} tokens.")))
}
