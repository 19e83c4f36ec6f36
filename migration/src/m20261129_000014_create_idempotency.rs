//! Changes that were made under a key.

use sea_orm::DbBackend;

pub(crate) fn up(_: DbBackend) -> Vec<String> {
    vec![
        // No film is referred to: that one was removed since is no reason to make a change again.
        "CREATE TABLE idempotency (request varchar(32) NOT NULL, part varchar(32) NOT NULL, owner varchar(32) NOT NULL, \
         payload varchar(32) NOT NULL, film_id bigint, made_at bigint NOT NULL, PRIMARY KEY (request, part))"
            .to_owned(),
        "CREATE INDEX idempotency_by_age ON idempotency (made_at)".to_owned(),
        "CREATE INDEX idempotency_by_owner ON idempotency (owner, made_at)".to_owned(),
    ]
}

pub(crate) fn down(_: DbBackend) -> Vec<String> {
    vec!["DROP TABLE idempotency".to_owned()]
}
