//! `[cors]`: which web pages may call.

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::list;

/// `[cors]`.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cors {
    /// Trusted origins, exact, or `"*"` alone. Not set: the pages of this machine while listening on loopback,
    /// otherwise none.
    #[serde(deserialize_with = "list::optional_strings")]
    pub allowed_origins: Option<Vec<String>>,
}

impl Cors {
    pub(super) fn check(&self) -> Result<(), Error> {
        const KEY: &str = "cors.allowed_origins";
        let origins = self.allowed_origins.as_deref().unwrap_or_default();
        if origins.iter().any(|origin| origin == "*") && origins.len() > 1 {
            return Err(Error::value(KEY, "\"*\" means every origin and stands alone"));
        }
        for origin in origins.iter().filter(|origin| *origin != "*") {
            if !is_origin(origin) {
                return Err(Error::value(
                    KEY,
                    format!(
                        "{origin:?} is not an origin; write scheme and host without a path, such as \"https://films.example\""
                    ),
                ));
            }
        }
        Ok(())
    }
}

fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    ["http", "https"].contains(&scheme)
        && !authority.contains(['/', '?', '#', '@', '*'])
        && authority.parse::<http::uri::Authority>().is_ok()
}
