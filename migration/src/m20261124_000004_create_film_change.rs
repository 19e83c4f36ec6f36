//! Tells running servers what was committed, whoever did it: an import, another server, a person with a shell.
//!
//! SQLite has no way to call another process, so triggers keep a log of the films that changed, which servers read.
//! PostgreSQL notifies.

use sea_orm::DbBackend;

pub(crate) fn up(database: DbBackend) -> Vec<String> {
    match database {
        DbBackend::Postgres => POSTGRES_UP.map(str::to_owned).to_vec(),
        _ => SQLITE_UP.map(str::to_owned).to_vec(),
    }
}

pub(crate) fn down(database: DbBackend) -> Vec<String> {
    match database {
        DbBackend::Postgres => POSTGRES_DOWN.map(str::to_owned).to_vec(),
        _ => SQLITE_DOWN.map(str::to_owned).to_vec(),
    }
}

const SQLITE_UP: [&str; 11] = [
    // Its last row is never removed, so that numbers go up even without AUTOINCREMENT.
    "CREATE TABLE film_change (number INTEGER PRIMARY KEY, film_id INTEGER NOT NULL)",
    "CREATE TRIGGER film_inserted AFTER INSERT ON film BEGIN \
     INSERT INTO film_change (film_id) VALUES (NEW.id); END",
    "CREATE TRIGGER film_updated AFTER UPDATE ON film BEGIN \
     INSERT INTO film_change (film_id) VALUES (NEW.id); END",
    "CREATE TRIGGER film_deleted AFTER DELETE ON film BEGIN \
     INSERT INTO film_change (film_id) VALUES (OLD.id); END",
    "CREATE TRIGGER film_genre_inserted AFTER INSERT ON film_genre BEGIN \
     INSERT INTO film_change (film_id) VALUES (NEW.film_id); END",
    "CREATE TRIGGER film_genre_updated AFTER UPDATE ON film_genre BEGIN \
     INSERT INTO film_change (film_id) VALUES (NEW.film_id); END",
    "CREATE TRIGGER film_genre_deleted AFTER DELETE ON film_genre BEGIN \
     INSERT INTO film_change (film_id) VALUES (OLD.film_id); END",
    // The id that a film had before.
    "CREATE TRIGGER film_renumbered AFTER UPDATE OF id ON film WHEN OLD.id <> NEW.id BEGIN \
     INSERT INTO film_change (film_id) VALUES (OLD.id); END",
    "CREATE TRIGGER film_genre_moved AFTER UPDATE OF film_id ON film_genre WHEN OLD.film_id <> NEW.film_id BEGIN \
     INSERT INTO film_change (film_id) VALUES (OLD.film_id); END",
    // A film that makes room for an equal one, by `INSERT OR REPLACE` and its like, fires no trigger of its own.
    "CREATE TRIGGER film_insert_replaced BEFORE INSERT ON film BEGIN \
     INSERT INTO film_change (film_id) SELECT id FROM film WHERE name_key = NEW.name_key \
     AND studio_key = NEW.studio_key AND COALESCE(year, 10000) = COALESCE(NEW.year, 10000); END",
    "CREATE TRIGGER film_update_replaced BEFORE UPDATE OF name_key, studio_key, year ON film BEGIN \
     INSERT INTO film_change (film_id) SELECT id FROM film WHERE name_key = NEW.name_key \
     AND studio_key = NEW.studio_key AND COALESCE(year, 10000) = COALESCE(NEW.year, 10000); END",
];

const SQLITE_DOWN: [&str; 11] = [
    "DROP TRIGGER film_update_replaced",
    "DROP TRIGGER film_insert_replaced",
    "DROP TRIGGER film_genre_moved",
    "DROP TRIGGER film_renumbered",
    "DROP TRIGGER film_genre_deleted",
    "DROP TRIGGER film_genre_updated",
    "DROP TRIGGER film_genre_inserted",
    "DROP TRIGGER film_deleted",
    "DROP TRIGGER film_updated",
    "DROP TRIGGER film_inserted",
    "DROP TABLE film_change",
];

/// A notification: who wrote, then the ids of the films that changed, at most 300 of them, since it may have at most
/// 8,000 bytes.
const POSTGRES_UP: [&str; 15] = [
    "CREATE FUNCTION filmgate_film_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     PERFORM pg_notify('filmgate_film', current_setting('application_name') || ' ' || string_agg(id::text, ',')) \
     FROM (SELECT id, (row_number() OVER () - 1) / 300 AS part FROM changed) AS numbered GROUP BY part; \
     RETURN NULL; END $$",
    "CREATE FUNCTION filmgate_film_genre_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     PERFORM pg_notify('filmgate_film', current_setting('application_name') || ' ' || string_agg(id::text, ',')) \
     FROM (SELECT film_id AS id, (row_number() OVER () - 1) / 300 AS part \
     FROM (SELECT DISTINCT film_id FROM changed) AS films) AS numbered GROUP BY part; \
     RETURN NULL; END $$",
    "CREATE FUNCTION filmgate_films_truncated() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     PERFORM pg_notify('filmgate_film', current_setting('application_name') || ' all'); RETURN NULL; END $$",
    "CREATE TRIGGER film_inserted AFTER INSERT ON film REFERENCING NEW TABLE AS changed \
     FOR EACH STATEMENT EXECUTE FUNCTION filmgate_film_changed()",
    "CREATE TRIGGER film_updated AFTER UPDATE ON film REFERENCING NEW TABLE AS changed \
     FOR EACH STATEMENT EXECUTE FUNCTION filmgate_film_changed()",
    "CREATE TRIGGER film_deleted AFTER DELETE ON film REFERENCING OLD TABLE AS changed \
     FOR EACH STATEMENT EXECUTE FUNCTION filmgate_film_changed()",
    "CREATE TRIGGER film_truncated AFTER TRUNCATE ON film \
     FOR EACH STATEMENT EXECUTE FUNCTION filmgate_films_truncated()",
    "CREATE TRIGGER film_genre_inserted AFTER INSERT ON film_genre REFERENCING NEW TABLE AS changed \
     FOR EACH STATEMENT EXECUTE FUNCTION filmgate_film_genre_changed()",
    "CREATE TRIGGER film_genre_updated AFTER UPDATE ON film_genre REFERENCING NEW TABLE AS changed \
     FOR EACH STATEMENT EXECUTE FUNCTION filmgate_film_genre_changed()",
    "CREATE TRIGGER film_genre_deleted AFTER DELETE ON film_genre REFERENCING OLD TABLE AS changed \
     FOR EACH STATEMENT EXECUTE FUNCTION filmgate_film_genre_changed()",
    // The id that a film had before.
    "CREATE FUNCTION filmgate_film_renumbered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     PERFORM pg_notify('filmgate_film', current_setting('application_name') || ' ' || OLD.id); RETURN NULL; END $$",
    "CREATE FUNCTION filmgate_film_genre_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     PERFORM pg_notify('filmgate_film', current_setting('application_name') || ' ' || OLD.film_id); \
     RETURN NULL; END $$",
    "CREATE TRIGGER film_renumbered AFTER UPDATE OF id ON film \
     FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION filmgate_film_renumbered()",
    "CREATE TRIGGER film_genre_moved AFTER UPDATE OF film_id ON film_genre \
     FOR EACH ROW WHEN (OLD.film_id <> NEW.film_id) EXECUTE FUNCTION filmgate_film_genre_moved()",
    "CREATE TRIGGER film_genre_truncated AFTER TRUNCATE ON film_genre \
     FOR EACH STATEMENT EXECUTE FUNCTION filmgate_films_truncated()",
];

const POSTGRES_DOWN: [&str; 15] = [
    "DROP TRIGGER film_genre_truncated ON film_genre",
    "DROP TRIGGER film_genre_moved ON film_genre",
    "DROP TRIGGER film_renumbered ON film",
    "DROP FUNCTION filmgate_film_genre_moved()",
    "DROP FUNCTION filmgate_film_renumbered()",
    "DROP TRIGGER film_genre_deleted ON film_genre",
    "DROP TRIGGER film_genre_updated ON film_genre",
    "DROP TRIGGER film_genre_inserted ON film_genre",
    "DROP TRIGGER film_truncated ON film",
    "DROP TRIGGER film_deleted ON film",
    "DROP TRIGGER film_updated ON film",
    "DROP TRIGGER film_inserted ON film",
    "DROP FUNCTION filmgate_films_truncated()",
    "DROP FUNCTION filmgate_film_genre_changed()",
    "DROP FUNCTION filmgate_film_changed()",
];
