//! What a key has of its own in place of its account's limits.

use sea_orm::DbBackend;

pub(crate) fn up(_: DbBackend) -> Vec<String> {
    vec!["ALTER TABLE api_key ADD COLUMN limits TEXT".to_owned()]
}

pub(crate) fn down(_: DbBackend) -> Vec<String> {
    vec!["ALTER TABLE api_key DROP COLUMN limits".to_owned()]
}
