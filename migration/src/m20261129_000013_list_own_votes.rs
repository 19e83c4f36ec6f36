//! The votes of one voter, by when they were cast.

use sea_orm::DbBackend;

pub(crate) fn up(_: DbBackend) -> Vec<String> {
    // Partial, as the index by voter and film is: anonymous votes pay nothing for it.
    vec![
        "CREATE INDEX vote_by_voter_and_time ON vote (voter, voted_at, film_id) WHERE voter IS NOT NULL"
            .to_owned(),
    ]
}

pub(crate) fn down(_: DbBackend) -> Vec<String> {
    vec!["DROP INDEX vote_by_voter_and_time".to_owned()]
}
