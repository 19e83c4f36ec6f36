//! Signed-in votes: one per voter and film.

use sea_orm::DbBackend;

pub(crate) fn up(_: DbBackend) -> Vec<String> {
    [
        "ALTER TABLE vote ADD COLUMN voter TEXT",
        // Partial: anonymous votes, which are most, pay nothing for it.
        "CREATE UNIQUE INDEX vote_by_voter ON vote (voter, film_id) WHERE voter IS NOT NULL",
    ]
    .map(str::to_owned)
    .to_vec()
}

pub(crate) fn down(_: DbBackend) -> Vec<String> {
    ["DROP INDEX vote_by_voter", "ALTER TABLE vote DROP COLUMN voter"].map(str::to_owned).to_vec()
}
