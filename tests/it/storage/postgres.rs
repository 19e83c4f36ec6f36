//! PostgreSQL goes away and comes back.

use std::time::{Duration, Instant};

use axum::http::Method;
use filmgate::service::caller::Role;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

use crate::support::{PASSWORD, Postgres, Server, Store, TestApp, Told, UNLIMITED, skip};

const VARIABLES: [(&str, &str); 2] = [("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_LOG__LEVEL", "warn")];

#[expect(clippy::disallowed_methods, reason = "the promise is in seconds")]
fn now() -> Instant {
    Instant::now()
}

async fn like(server: &Server) -> (u16, Value) {
    let answer = reqwest::Client::new()
        .post(format!("{}/v1/films/1/like", server.url))
        .timeout(Duration::from_secs(10))
        .send()
        .await
        .expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

/// Nothing acknowledged is lost, nobody waits for more than two seconds, and the server comes back by itself within
/// five.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_killed_and_comes_back() {
    let Some(mut postgres) = Postgres::start("on") else { return };
    let folder = TempDir::new().expect("a folder");
    let url = postgres.database().await;
    let variables = [VARIABLES[0], VARIABLES[1], ("FILMGATE_DATABASE_URL", url.as_str())];
    let server = Server::start(folder.path(), &variables);
    let mut acknowledged = 0;
    for round in 0..3 {
        for _ in 0..5 {
            assert_eq!(like(&server).await.0, 200);
            acknowledged += 1;
        }
        postgres.kill();
        for _ in 0..3 {
            let started = now();
            let (status, problem) = like(&server).await;
            let waited = started.elapsed();
            assert_eq!((status, &problem["code"]), (503, &json!("UNAVAILABLE")), "round {round}");
            assert!(waited < Duration::from_secs(2), "{waited:?}");
            assert!(!problem.to_string().contains("127.0.0.1"), "{problem}");
        }
        let film = reqwest::get(&server.url).await.expect("an answer");
        assert_eq!(film.status(), 200, "films are in memory");
        postgres.restart().await;
        let started = now();
        while like(&server).await.0 != 200 {
            assert!(started.elapsed() < Duration::from_secs(5), "not back in time");
        }
        acknowledged += 1;
    }
    let film = server.film(1).await;
    let likes = film["likes"].as_u64().expect("a count");
    assert!(likes >= acknowledged, "{acknowledged} were acknowledged, {likes} are there");
    // What others write is heard again too.
    postgres.execute(&url, "UPDATE film SET studio = 'Changed' WHERE id = 2").await;
    for _ in 0..100 {
        if server.film(2).await["studio"] == "Changed" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the change was not heard");
}

/// Neither dead nor alive: only our own clock tells.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_frozen() {
    let Some(postgres) = Postgres::start("off") else { return };
    let folder = TempDir::new().expect("a folder");
    let url = postgres.database().await;
    let server =
        Server::start(folder.path(), &[VARIABLES[0], VARIABLES[1], ("FILMGATE_DATABASE_URL", url.as_str())]);
    assert_eq!(like(&server).await.0, 200);
    // A connection at rest: one that has just answered is believed, and its vote waits for its statement's time.
    tokio::time::sleep(Duration::from_millis(200)).await;
    postgres.signal("STOP");
    for _ in 0..3 {
        let started = now();
        assert_eq!(like(&server).await.0, 503);
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    }
    postgres.signal("CONT");
    let started = now();
    while like(&server).await.0 != 200 {
        assert!(started.elapsed() < Duration::from_secs(5), "not back in time");
    }
}

/// A connection that is lost in the middle of a vote, with the database still there.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut() {
    let Some(postgres) = Postgres::shared() else { return };
    let app = TestApp::on(Store::Postgres, UNLIMITED).await;
    let mut acknowledged = 0;
    for _ in 0..20 {
        let cut = postgres.execute(
            &app.database_url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name LIKE 'filmgate-%'",
        );
        let (answer, ()) = tokio::join!(app.get("/?like=1"), cut);
        match answer.status.as_u16() {
            200 => acknowledged += 1,
            503 => assert_eq!(answer.code(), "UNAVAILABLE"),
            other => panic!("{other}: {}", String::from_utf8_lossy(&answer.body)),
        }
    }
    app.get("/?like=1").await;
    let likes = app.count("SELECT likes FROM film WHERE id = 1").await;
    assert!(likes >= acknowledged, "{acknowledged} were acknowledged, {likes} are there");
    assert_eq!(likes, app.count("SELECT COUNT(*) FROM vote").await);
    app.until("/v1/films/1", |answer| answer.json()["likes"] == likes).await;
}

#[tokio::test]
async fn a_database_that_cannot_be_used_is_told_in_one_line_without_the_password() {
    let Some(postgres) = Postgres::shared() else { return };
    let url = postgres.database().await;
    let missing = postgres.url("nowhere").replace("postgres@", "postgres:hunter2@");
    let folder = TempDir::new().expect("a folder");
    for (url, words) in
        [(missing.as_str(), "nowhere"), ("postgres://somebody:hunter2@127.0.0.1:1/films", "127.0.0.1:1")]
    {
        let variables = [("FILMGATE_DATABASE_URL", url), ("FILMGATE_LISTEN", "127.0.0.1:0")];
        let output = Server::output(folder.path(), &[], &variables);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.contains(words) && !errors.contains("hunter2"), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
    // Ordinary rights are enough once the tables are there.
    let greeting = Server::start(folder.path(), &[("FILMGATE_DATABASE_URL", &url)]).greeting.clone();
    assert!(greeting.contains("620 films"), "{greeting}");
    postgres
        .execute(
            &url,
            "CREATE ROLE app LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app;
             GRANT USAGE, UPDATE, SELECT ON ALL SEQUENCES IN SCHEMA public TO app",
        )
        .await;
    let as_app = url.replace("postgres@", "app@");
    let server = Server::start(folder.path(), &[("FILMGATE_DATABASE_URL", &as_app)]);
    assert_eq!(like(&server).await.0, 200);
}

#[tokio::test]
async fn what_postgresql_cannot_store_is_refused() {
    if Postgres::shared().is_none() {
        return skip("PostgreSQL's server is not installed");
    }
    let app = TestApp::on(Store::Postgres, UNLIMITED).await;
    for path in [
        "/v1/films?genre=%00",
        "/v1/films/random?studio=a%00b",
        "/v1/films?q=the%00",
        "/v1/films/random?q=%00the",
        // A cursor of this order whose text holds NUL.
        "/v1/films?after=WyJuIiwiXHUwMDAwIiwxXQ",
    ] {
        app.get(path).await.expect_problem(422, "INVALID_INPUT");
    }
}

/// The commit takes longer than anybody waits, and comes all the same: after the films were read anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_comes_after_it_was_given_up() {
    if Postgres::shared().is_none() {
        return skip("PostgreSQL's server is not installed");
    }
    let app =
        TestApp::on_with(Store::Postgres, UNLIMITED, |config| config.database.statement_timeout = 1).await;
    app.execute(
        "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN PERFORM pg_sleep(4); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON vote DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW WHEN (NEW.film_id = 1) EXECUTE FUNCTION linger()",
    )
    .await;
    let problem = app.get("/?like=1").await.expect_problem(503, "UNAVAILABLE").json();
    assert!(problem["detail"].as_str().expect("a sentence").contains("may have been made"), "{problem}");
    app.until("/v1/films/1", |answer| answer.json()["likes"] == 1).await;
    assert_eq!(app.count("SELECT likes FROM film WHERE id = 1").await, 1);
    app.get("/?like=2").await.expect(200);
    app.execute("UPDATE film SET studio = 'Changed' WHERE id = 3").await;
    app.until("/v1/films/3", |answer| answer.json()["studio"] == "Changed").await;
}

/// Connections that a firewall forgets: nothing comes back on them, and nobody says why. New ones work.
#[tokio::test(flavor = "multi_thread")]
async fn connections_that_go_silent() {
    if Postgres::shared().is_none() {
        return skip("PostgreSQL's server is not installed");
    }
    let firewall = Firewall::start().await;
    let mut direct = String::new();
    let app = TestApp::on_with(Store::Postgres, UNLIMITED, |config| {
        config.database.acquire_timeout = 1;
        config.database.statement_timeout = 1;
        config.database.max_connections = 2;
        // Lists come from the database where memory does not hold every film.
        config.catalogue.max_bytes = 0;
        config.database_url.expose().clone_into(&mut direct);
        config.database_url = firewall.before(&direct).into();
    })
    .await;
    for _ in 0..3 {
        // Both calls are under way when it happens: they wait for a lock.
        let mut holder = PgConnection::connect(&direct).await.expect("a connection");
        sqlx::raw_sql("BEGIN; LOCK TABLE film").execute(&mut holder).await.expect("a lock");
        let forgetting = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            firewall.forget();
        };
        let (vote, list, ()) = tokio::join!(app.get("/?like=1"), app.get("/v1/films?first=1"), forgetting);
        vote.expect_problem(503, "UNAVAILABLE");
        list.expect_problem(503, "UNAVAILABLE");
        holder.close().await.expect("an end");
    }
    let started = now();
    while app.get("/?like=1").await.status != 200 || app.get("/v1/films?first=1").await.status != 200 {
        assert!(started.elapsed() < Duration::from_secs(10), "connections were lost for ever");
    }
    // The listening connection is asked after five seconds of silence.
    for _ in 0..60 {
        app.execute("UPDATE film SET studio = 'Changed' WHERE id = 3").await;
        if app.get("/v1/films/3").await.json()["studio"] == "Changed" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    panic!("the change was not heard");
}

/// Stands before PostgreSQL and lets everything through, until it forgets the connections that there are.
struct Firewall {
    port: u16,
    forgotten: tokio::sync::watch::Sender<()>,
}

impl Firewall {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (forgotten, _) = tokio::sync::watch::channel(());
        let forget = forgotten.clone();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut forget = forget.subscribe();
                tokio::spawn(async move {
                    let address = Postgres::shared().expect("asked before").address();
                    let mut far = tokio::net::TcpStream::connect(address).await.expect("PostgreSQL");
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = forget.changed() => std::future::pending().await,
                    }
                });
            }
        });
        Self { port, forgotten }
    }

    fn before(&self, url: &str) -> String {
        url.replace(&Postgres::shared().expect("asked before").address(), &format!("127.0.0.1:{}", self.port))
    }

    fn forget(&self) {
        self.forgotten.send_replace(());
    }
}

/// A server that may not be written to, as one is that has not taken over yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_only_reads() {
    let Some(postgres) = Postgres::shared() else { return };
    let app = TestApp::on(Store::Postgres, UNLIMITED).await;
    let set = |value: &str| {
        format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {value}', \
             current_database()); END $$;
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name LIKE 'filmgate-%'"
        )
    };
    postgres.execute(&app.database_url, &set("on")).await;
    for _ in 0..3 {
        app.get("/?like=1").await.expect_problem(503, "UNAVAILABLE");
        app.post("/add_film", json!({"name": "N", "studio": "S"})).await.expect_problem(503, "UNAVAILABLE");
    }
    app.get("/v1/films?first=1").await.expect(200);
    // A command tells its operator why.
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("films.csv"), "name,studio\nN,S\n").expect("a file");
    Told::by(folder.path(), &app.database_url, &["import", "films.csv"])
        .failed(1, &["read-only transaction", "name the primary"]);
    let writable = format!("BEGIN READ WRITE; {}; COMMIT", set("off"));
    postgres.execute(&app.database_url, &writable).await;
    while app.get("/?like=1").await.status != 200 {}
}

/// Defaults of the database, which reach every connection: votes of two servers for one film at once would be refused
/// under the first, and every call or the listening connection be broken off by the others.
#[tokio::test(flavor = "multi_thread")]
async fn settings_of_the_database_change_nothing() {
    let Some(postgres) = Postgres::shared() else { return };
    let one = TestApp::on(Store::Postgres, UNLIMITED).await;
    for setting in [
        "default_transaction_isolation = 'serializable'",
        "default_transaction_isolation = 'repeatable read'",
        "default_transaction_deferrable = on",
        "lock_timeout = 1",
        "idle_in_transaction_session_timeout = 1",
        "idle_session_timeout = 100",
        "standard_conforming_strings = off",
        "synchronous_commit = off",
        "session_replication_role = replica",
    ] {
        let set = format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET {}', current_database()); END $$",
            setting.replace('\'', "''")
        );
        postgres.execute(&one.database_url, &set).await;
        let name = setting.split(' ').next().expect("a name");
        let (left, right) = (one.beside(UNLIMITED).await, one.beside(UNLIMITED).await);
        let before = left.get("/v1/films/1").await.json()["likes"].as_i64().expect("a count");
        let votes = (0..40).map(|vote| if vote % 2 == 0 { &left } else { &right }.get("/?like=1"));
        for answer in futures_util::future::join_all(votes).await {
            assert_eq!(answer.status, 200, "{setting}: {}", answer.json());
        }
        right.until("/v1/films/1", |answer| answer.json()["likes"] == before + 40).await;
        let reset = format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET {name}', current_database()); END $$"
        );
        postgres.execute(&one.database_url, &reset).await;
    }
}

/// What a deadlock or a serialization failure took back is written again; what goes on failing is told as busy.
#[tokio::test(flavor = "multi_thread")]
async fn votes_that_another_write_was_in_the_way_of_are_written_again() {
    let Some(postgres) = Postgres::shared() else { return };
    let app = TestApp::on(Store::Postgres, UNLIMITED).await;
    // A sequence is not taken back with the rest.
    let in_the_way = |code: &str, times: u32| {
        format!(
            "DROP SEQUENCE IF EXISTS tries; CREATE SEQUENCE tries;
             CREATE OR REPLACE FUNCTION be_in_the_way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '{code}'; END IF;
             RETURN NEW; END $$;
             CREATE OR REPLACE TRIGGER be_in_the_way BEFORE INSERT ON vote
             FOR EACH ROW EXECUTE FUNCTION be_in_the_way()"
        )
    };
    for code in ["40001", "40P01"] {
        postgres.execute(&app.database_url, &in_the_way(code, 4)).await;
        app.get("/?like=1").await.expect(200);
    }
    postgres.execute(&app.database_url, &in_the_way("40001", 1_000)).await;
    app.get("/?like=1").await.expect_problem(503, "UNAVAILABLE");
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 2);
    // The others' writes are no fault of the database.
    assert_eq!(app.get("/health/ready").await.expect(200).json(), json!({"status": "ready"}));
}

/// The same of every other write: each is made again as a whole, and has its one event.
#[tokio::test(flavor = "multi_thread")]
async fn every_write_that_another_was_in_the_way_of_is_made_again() {
    let Some(postgres) = Postgres::shared() else { return };
    let app = TestApp::on(Store::Postgres, UNLIMITED).await;
    let admin = app.account("root", Role::Admin).await;
    let (session, (_, key)) = (app.session(admin).await, app.key(admin).await);
    let ada = app.account("ada", Role::Voter).await;
    app.call_as(Some(&session), Method::POST, "/v1/films/1/like", None).await.expect(200);
    let reset = "DROP SEQUENCE IF EXISTS tries; CREATE SEQUENCE tries";
    let in_the_way = format!(
        "{reset};
         CREATE FUNCTION be_in_the_way() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF nextval('tries') <= 4 THEN RAISE EXCEPTION 'in the way' USING ERRCODE = '40001'; END IF;
         RETURN COALESCE(NEW, OLD); END $$;
         CREATE TRIGGER be_in_the_way BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION be_in_the_way();
         CREATE TRIGGER be_in_the_way BEFORE DELETE ON vote FOR EACH ROW EXECUTE FUNCTION be_in_the_way()"
    );
    postgres.execute(&app.database_url, &in_the_way).await;
    let film = json!({"name": "Added", "studio": "S", "genres": ["Drama"]});
    let account = json!({"name": "bob", "role": "voter", "password": PASSWORD});
    let sign_in = json!({"name": "ada", "password": PASSWORD});
    let password = json!({"currentPassword": PASSWORD, "newPassword": "another good password"});
    let of_ada = format!("/v1/accounts/{ada}");
    for (method, path, body, status, event) in [
        (Method::POST, "/v1/films", Some(film), 201, "film_added"),
        (Method::PATCH, "/v1/films/2", Some(json!({"year": 1999})), 200, "film_changed"),
        (Method::DELETE, "/v1/films/3", None, 200, "film_removed"),
        (Method::POST, "/v1/accounts", Some(account), 201, "account_created"),
        (Method::PATCH, &of_ada, Some(json!({"role": "editor"})), 200, "role_changed"),
        (Method::POST, "/v1/keys", Some(json!({"name": "k"})), 201, "key_created"),
        (Method::DELETE, "/v1/keys/1", None, 200, "key_revoked"),
        (Method::POST, "/v1/session", Some(sign_in), 201, "signed_in"),
        (Method::PUT, "/v1/me/password", Some(password), 204, "password_changed"),
        (Method::DELETE, "/v1/films/1/vote", None, 200, ""),
        (Method::DELETE, "/v1/session", None, 204, "signed_out"),
    ] {
        let events = format!("SELECT COUNT(*) FROM audit_event WHERE event = '{event}'");
        let before = app.count(&events).await;
        postgres.execute(&app.database_url, reset).await;
        app.call_as(Some(&session), method, path, body).await.expect(status);
        assert_eq!(app.count("SELECT last_value FROM tries").await, 5, "{path} {event}");
        assert_eq!(app.count(&events).await, before + i64::from(!event.is_empty()), "{path}");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM film WHERE name = 'Added'").await, 1);
    app.get_as(&key, "/v1/me").await.expect_problem(401, "UNAUTHENTICATED");
}

/// Each thing that keeps a start from its tables is told with what the owner has to say.
#[tokio::test]
async fn a_start_without_its_rights_says_which_to_grant() {
    let Some(postgres) = Postgres::shared() else { return };
    let folder = TempDir::new().expect("a folder");
    let told = |url: &str, words: &[&str]| {
        // That PostgreSQL does not sync is a warning.
        let variables = [("FILMGATE_DATABASE_URL", url), ("FILMGATE_LOG__LEVEL", "error")];
        let told = Told::of(Server::output(folder.path(), &["serve", "--listen", "127.0.0.1:0"], &variables));
        told.failed(1, words);
        assert!(!told.errors.contains("backup"), "{}", told.errors);
    };
    let url = postgres.database().await;
    let name = url.rsplit('/').next().expect("a name");
    let role = format!("newcomer_{name}");
    let as_role = url.replace("postgres@", &format!("{role}@"));
    let execute = async |sql: String| postgres.execute(&url, &sql).await;
    execute(format!("CREATE ROLE {role} LOGIN")).await;
    // Nothing may be made.
    told(&as_role, &["permission denied for schema public", "GRANT CREATE, USAGE ON SCHEMA public"]);
    execute(format!("ALTER ROLE {role} SET search_path = nowhere")).await;
    told(&as_role, &["no schema", "CREATE SCHEMA"]);
    execute(format!(
        "ALTER ROLE {role} RESET search_path; ALTER ROLE {role} SET default_transaction_read_only = on"
    ))
    .await;
    told(&as_role, &["read-only transaction", "standby", "RESET default_transaction_read_only"]);
    execute(format!(
        "ALTER ROLE {role} RESET default_transaction_read_only; ALTER ROLE {role} SET session_replication_role = replica"
    ))
    .await;
    told(&as_role, &["\"session_replication_role\"", "ALTER ROLE name RESET"]);
    execute(format!("ALTER ROLE {role} RESET session_replication_role")).await;
    // The tables are there, and nothing may be read.
    Told::by(folder.path(), &url, &["migrate", "up"]).done();
    told(&as_role, &["permission denied", "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES"]);
    // They may be read, but not written.
    execute(format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")).await;
    told(&as_role, &["permission denied", "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES"]);
    execute(format!("ALTER ROLE {role} CONNECTION LIMIT 0")).await;
    told(&as_role, &["too many connections", "max_connections"]);
    execute(format!("ALTER ROLE {role} CONNECTION LIMIT -1 NOLOGIN")).await;
    told(&as_role, &["not permitted to log in", "pg_hba.conf"]);
    told(&postgres.url("nowhere_at_all"), &["does not exist", "CREATE DATABASE"]);
    execute(format!("CREATE DATABASE latin_{name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")).await;
    told(&postgres.url(&format!("latin_{name}")), &["LATIN1", "ENCODING 'UTF8'"]);
}

/// On PostgreSQL, which all servers share, a server whose writes fail goes on reading.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_writes_fail_says_so_and_stays_ready() {
    if Postgres::shared().is_none() {
        return skip("PostgreSQL's server is not installed");
    }
    let app = TestApp::on(Store::Postgres, UNLIMITED).await;
    app.execute("ALTER TABLE vote RENAME TO elsewhere; ALTER TABLE meta RENAME TO elsewhere_too").await;
    assert_eq!(app.get("/?like=1").await.status, 500);
    let ready = app.get("/health/ready").await.expect(200);
    assert_eq!(ready.json(), json!({"status": "ready", "writes": "failing"}));
    app.get("/").await.expect(200);
    // Until it succeeds, not merely once.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(app.get("/health/ready").await.json()["writes"], "failing");
    app.execute("ALTER TABLE elsewhere RENAME TO vote; ALTER TABLE elsewhere_too RENAME TO meta").await;
    app.until("/health/ready", |answer| answer.json() == json!({"status": "ready"})).await;
    app.get("/?like=1").await.expect(200);
}

/// An import that keeps ids moves the counter of ids, and must not set it back behind one that somebody draws meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_keeps_ids_waits_for_those_who_add() {
    if Postgres::shared().is_none() {
        return skip("PostgreSQL's server is not installed");
    }
    let app = TestApp::on(Store::Postgres, UNLIMITED).await;
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("films.ndjson"), r#"{"id": 900, "name": "Kept", "studio": "S"}"#)
        .expect("a file");
    let mut adding = PgConnection::connect(&app.database_url).await.expect("a connection");
    let add = "BEGIN; INSERT INTO film (name, studio, name_key, studio_key, added_at)
               VALUES ('Added', 'S', 'added', 's', 0)";
    sqlx::raw_sql(add).execute(&mut adding).await.expect("a film");
    let url = app.database_url.clone();
    let import = tokio::task::spawn_blocking(move || {
        Told::by(folder.path(), &url, &["import", "films.ndjson", "--keep-ids"]).done()
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!import.is_finished(), "it does not wait");
    sqlx::raw_sql("COMMIT").execute(&mut adding).await.expect("a commit");
    adding.close().await.expect("an end");
    import.await.expect("an import");
    let next = app.post("/add_film", json!({"name": "Next", "studio": "S"})).await.expect(201).json();
    assert_eq!(next["id"], 901);
}
