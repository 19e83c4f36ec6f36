//! `filmgate config`, and what nobody may see of the configuration.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use filmgate::config::load::{Flags, load};
use filmgate::config::{Config, SecretUrl};
use tempfile::TempDir;
use toml::{Table, Value};

use crate::support::{Postgres, Server, value};

const CANARY: &str = "CaNaRy-4711";

fn folder() -> TempDir {
    TempDir::new().expect("a folder")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn done(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[track_caller]
fn show(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    done(&Server::output(folder, &[&["config", "show"], arguments].concat(), variables))
}

#[track_caller]
fn table(shown: &str) -> Table {
    shown.parse().unwrap_or_else(|error| panic!("{error}: {shown}"))
}

#[test]
fn check_says_ok_and_what_was_read_and_touches_nothing() {
    let folder = folder();
    let here = folder.path();
    assert_eq!(done(&Server::output(here, &["config", "check"], &[])), "file: none\nvariables: none\nok\n");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    std::fs::write(here.join("filmgate.toml"), "database_url = 'sqlite://missing/films.db'\n")
        .expect("a file");
    let variables = [
        ("FILMGATE_LISTEN", &*address),
        ("FILMGATE_LIMITS__ENABLED", "false"),
        ("FILMGATE_SERVICE_PORT", "80"),
    ];
    let output = Server::output(here, &["config", "check"], &variables);
    assert_eq!(
        done(&output),
        "file: filmgate.toml\nvariables: FILMGATE_LIMITS__ENABLED, FILMGATE_LISTEN\nok\n"
    );
    let warnings = text(&output.stderr);
    assert_eq!(warnings.lines().count(), 2, "{warnings}");
    for word in ["FILMGATE_SERVICE_PORT", "limits.enabled = false"] {
        assert!(warnings.contains(word), "{warnings}");
    }
    assert_eq!(std::fs::read_dir(here).expect("a folder").count(), 1, "the file and nothing else");
}

#[test]
fn a_fault_is_told_as_the_start_tells_it() {
    let folder = folder();
    for (name, value) in [
        ("FILMGATE_LISTEN", "0.0.0.0:3000"),
        ("FILMGATE_LIMITS__FILM", "1/fortnight"),
        ("FILMGATE_DATABASE_URL", "postgres://host/films?passwd=1"),
        ("FILMGATE_DATABASE_URL", "sqlite::memory:"),
        ("FILMGATE_CORS__ALLOWED_ORIGINS", "https://films.example, https://films.example/path"),
        ("FILMGATE_ALLOWED_HOSTS", "films.example:3000"),
        ("FILMGATE_TRUSTED_PROXIES", "10.0.0.5:80"),
    ] {
        let started = Server::output(folder.path(), &[], &[(name, value)]);
        for command in ["check", "show"] {
            let output = Server::output(folder.path(), &["config", command], &[(name, value)]);
            assert_eq!(output.status.code(), Some(2));
            assert_eq!(text(&output.stderr), text(&started.stderr));
            assert!(output.stdout.is_empty());
        }
    }
}

/// Every name is taken in the form in which it is met, so that what passes the check matches.
#[test]
fn names_are_shown_as_they_are_compared() {
    let folder = folder();
    let variables = [
        ("FILMGATE_CORS__ALLOWED_ORIGINS", "https://A.Example, https://b.example:443, App://C"),
        ("FILMGATE_ALLOWED_HOSTS", "Films.Example., 2001:DB8::1"),
        ("FILMGATE_TRUSTED_PROXIES", "::ffff:10.0.0.5"),
    ];
    let shown = table(&show(folder.path(), &[], &variables));
    for (key, expected) in [
        ("cors.allowed_origins", "[\"https://a.example\", \"https://b.example\", \"app://c\"]"),
        ("allowed_hosts", "[\"films.example\", \"[2001:db8::1]\"]"),
        ("trusted_proxies", "[\"10.0.0.5/32\"]"),
    ] {
        assert_eq!(value(&shown, key).expect(key).to_string(), expected);
    }
}

/// The check and the driver read one URL in one way.
#[test]
fn a_scheme_in_capitals_names_the_same_file() {
    let folder = folder();
    let variables = [("FILMGATE_DATABASE_URL", "SQLITE:films.db")];
    done(&Server::output(folder.path(), &["config", "check"], &variables));
    done(&Server::output(folder.path(), &["migrate", "up"], &variables));
    assert!(folder.path().join("films.db").is_file() && !folder.path().join("SQLITE:films.db").exists());
}

#[test]
fn a_file_without_an_end_is_refused() {
    let folder = folder();
    let output = Server::output(folder.path(), &["config", "check", "--config", "/dev/zero"], &[]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    assert!(told.contains("/dev/zero is longer than 1048576 bytes"), "{told}");
}

#[test]
fn show_has_every_key_and_tells_the_defaults() {
    let folder = folder();
    let shown = show(folder.path(), &[], &[]);
    let table = table(&shown);
    assert_eq!(table, Table::try_from(Config::default()).expect("a table"));
    for key in Config::declared().map(|setting| setting.key) {
        let name = key.rsplit('.').next().expect("a name");
        let is_told = value(&table, key).is_some() || shown.contains(&format!("\n# {name} is not set\n"));
        assert!(is_told, "{key}: {shown}");
    }
}

#[test]
fn show_tells_where_each_value_comes_from() {
    let folder = folder();
    std::fs::write(
        folder.path().join("filmgate.toml"),
        "listen = '127.0.0.1:1'\nstarter_catalogue = false\n[http]\nmax_body = 1000\nmax_header = 9000\n",
    )
    .expect("a file");
    let variables = [("FILMGATE_HTTP__MAX_BODY", "2000"), ("FILMGATE_LISTEN", "127.0.0.1:2")];
    let shown = show(folder.path(), &["--listen", "127.0.0.1:3"], &variables);
    for line in [
        "listen = \"127.0.0.1:3\" # flag --listen",
        "database_url = \"sqlite://filmgate.db\" # default",
        "starter_catalogue = false # file \"filmgate.toml\"",
        "max_body = 2000 # variable FILMGATE_HTTP__MAX_BODY",
        "max_header = 9000 # file \"filmgate.toml\"",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in: {shown}");
    }
}

/// Every key, with a value that is not its default; some of them full of what TOML must escape.
const ALL_OTHER: &str = r#"
listen = "[::1]:4000"
database_url = "sqlite:///tmp/a b/\"x\" \\ ü.db"
starter_catalogue = false
trusted_proxies = ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"]
allowed_hosts = ["films.example", "[2001:db8::1]"]
[auth]
anonymous_role = "viewer"
[auth.jwt]
issuer = "https://id.example"
audience = ["films", "a, b", "a\"b", "c\nd # e", "[x]"]
jwks = "https://id.example/keys?p=1"
algorithms = ["ES384"]
leeway = 0
role_claim = "realm_access.roles"
roles = ["film admins=admin", "x=viewer"]
max_role = "admin"
default_role = "viewer"
jwks_refresh = 60
[cors]
allowed_origins = ["https://films.example", "http://localhost:5173"]
[limits]
film = ["5/2 minutes", "1000 per year"]
add_film = []
flood = "7/second"
[log]
format = "json"
level = "info,filmgate=debug"
[tls]
mode = "off"
"#;

#[test]
fn what_is_shown_can_be_read_back() {
    let folder = folder();
    let here = folder.path();
    for (name, given) in
        [("plain.toml", ""), ("a \"b\"\n# c.toml", ALL_OTHER), ("d.toml", "allowed_hosts = []")]
    {
        std::fs::write(here.join(name), given).expect("a file");
        let first = show(here, &["--config", name], &[]);
        std::fs::write(here.join("first.toml"), &first).expect("a file");
        let second = show(here, &["--config", "first.toml"], &[]);
        assert_eq!(table(&first), table(&second));
        std::fs::write(here.join("first.toml"), &second).expect("a file");
        assert_eq!(show(here, &["--config", "first.toml"], &[]), second, "nothing is added or lost");
        let load = |name: &str| {
            let flags = Flags { config: Some(here.join(name)), ..Flags::default() };
            format!("{:?}", load(&flags).expect("a configuration").config)
        };
        assert_eq!(load(name), load("first.toml"));
    }
}

#[test]
fn a_masked_password_is_told_of() {
    let folder = folder();
    let url = format!("postgres://films:{CANARY}@db:5432/films?sslmode=require");
    let shown = show(folder.path(), &["--database-url", &url], &[]);
    assert_eq!(
        value(&table(&shown), "database_url").and_then(Value::as_str),
        Some("postgres://films:***@db:5432/films?sslmode=require")
    );
    assert!(shown.lines().any(|line| line.starts_with("# database_url is masked")), "{shown}");
    let storage = ("FILMGATE_LIMITS__STORAGE", &*format!("rediss://:{CANARY}@redis:6379/1"));
    let shown = show(folder.path(), &[], &[storage]);
    assert_eq!(
        value(&table(&shown), "limits.storage").and_then(Value::as_str),
        Some("rediss://:***@redis:6379/1")
    );
    assert!(shown.lines().any(|line| line.starts_with("# limits.storage is masked")), "{shown}");
    assert!(!show(folder.path(), &[], &[]).contains("masked"));
}

/// The names of all commands.
fn commands(folder: &Path) -> Vec<String> {
    let help = done(&Server::output(folder, &["--help"], &[]));
    let list = help.split_once("Commands:\n").expect("commands").1.split_once("\n\n").expect("an end").0;
    list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[track_caller]
fn assert_silent(output: &Output) {
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(!said.contains(CANARY), "{said}");
}

#[test]
fn a_password_is_in_no_output_of_any_command() {
    let folder = folder();
    let here = folder.path();
    let trace = ("FILMGATE_LOG__LEVEL", "trace");
    let listen = ("FILMGATE_LISTEN", "127.0.0.1:0");
    let urls = [
        format!("postgres://films:{CANARY}@127.0.0.1:1/films"),
        format!("postgres://127.0.0.1:1/films?user=films&password={CANARY}"),
        format!("postgres://127.0.0.1:1/films?passwd={CANARY}"),
        format!("postgres://films:a/{CANARY}@127.0.0.1:1/films"),
        format!("postgres://films:a@b/{CANARY}@127.0.0.1:1/films"),
        format!("mysql://films:{CANARY}@127.0.0.1:1/films"),
        format!("films:{CANARY}@127.0.0.1:1/films"),
        format!("sqlite://films.db?password={CANARY}"),
    ];
    let commands = commands(here);
    assert!(["serve", "config", "healthcheck"].iter().all(|name| commands.iter().any(|known| known == name)));
    for url in &urls {
        let variables = [trace, listen, ("FILMGATE_DATABASE_URL", url)];
        for command in &commands {
            assert_silent(&Server::output(here, &[command], &variables));
        }
        for command in ["check", "show"] {
            assert_silent(&Server::output(here, &["config", command], &variables));
            assert_silent(&Server::output(here, &["config", command, "--database-url", url], &[trace]));
        }
    }
    for url in [
        format!("redis://:{CANARY}@127.0.0.1:1"),
        format!("redis://films:a/{CANARY}@127.0.0.1:1"),
        format!("redis://films:{CANARY}#@127.0.0.1:1"),
        format!("rediss://films:{CANARY}@127.0.0.1:1/0?password={CANARY}"),
        format!("memory://:{CANARY}@"),
    ] {
        for arguments in [&["config", "check"][..], &["config", "show"], &["doctor"]] {
            let variables = [trace, listen, ("FILMGATE_LIMITS__STORAGE", &url)];
            assert_silent(&Server::output(here, arguments, &variables));
        }
    }
    // Files that hold, and files that do not.
    for file in [
        "[limits]\nstorage = ['URL']",
        "[limits]\nstorage = 'URL' x",
        "[limits]\nstorrage = 'URL'",
        "database_url = 'URL'",
        "database_url = 'URL",
        "database_url = \"URL\" x",
        "database_url = ['URL']",
        "database_url = { url = 'URL' }",
        "database-url = 'URL'",
        "[database_url]\nurl = 'URL'",
        "listen = 1\ndatabase_url = 'URL'",
        "database_url = 'URL'\ndatabase_url = 'URL'",
        "database_url = URL",
    ] {
        std::fs::write(here.join("filmgate.toml"), file.replace("URL", &urls[0])).expect("a file");
        for arguments in [&["serve"][..], &["config", "check"], &["config", "show"]] {
            assert_silent(&Server::output(here, arguments, &[trace, listen]));
        }
    }
}

/// A server that runs with a password: its greeting and its log, down to the last detail of the driver.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_works_is_in_no_output_either() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let (folder, url) = (folder(), postgres.database().await);
    for (url, shown) in [
        (url.replace("postgres@", &format!("postgres:{CANARY}@")), "postgres://postgres:***@127.0.0.1:"),
        (format!("{url}?password={CANARY}&sslmode=disable"), "?password=***&sslmode=disable"),
    ] {
        let variables = [("FILMGATE_DATABASE_URL", &*url), ("FILMGATE_LOG__LEVEL", "trace")];
        let mut server = Server::start(folder.path(), &variables);
        assert!(server.greeting.contains(shown), "{}", server.greeting);
        let answer = reqwest::get(format!("{}/?like=1", server.url)).await.expect("an answer");
        assert_eq!(answer.status(), 200);
        server.signal("TERM");
        assert_eq!(server.wait(Duration::from_secs(20)), Some(0));
        let log = server.log();
        assert!(log.iter().any(|line| line["action"] == "like"), "{log:?}");
        let said = format!("{}{log:?}", server.greeting);
        assert!(!said.contains(CANARY), "{said}");
        for arguments in [&["migrate", "status"][..], &["config", "show"]] {
            let output = Server::output(folder.path(), arguments, &variables);
            done(&output);
            assert_silent(&output);
        }
    }
    // Let in, but there is no such database; and no such user.
    let nowhere = postgres.url("nowhere").replace("postgres@", &format!("postgres:{CANARY}@"));
    for url in [nowhere.replace("postgres:C", "nobody:C"), nowhere] {
        let variables = [("FILMGATE_DATABASE_URL", &*url), ("FILMGATE_LOG__LEVEL", "trace")];
        let output = Server::output(folder.path(), &["serve", "--listen", "127.0.0.1:0"], &variables);
        assert_eq!(output.status.code(), Some(1));
        assert_silent(&output);
    }
}

#[test]
fn a_password_is_in_no_debug_output() {
    let folder = folder();
    let url: SecretUrl = format!("postgres://films:{CANARY}@db/films").into();
    let file = folder.path().join("empty.toml");
    std::fs::write(&file, "").expect("a file");
    let flags = Flags { config: Some(file), database_url: Some(url.clone()), ..Flags::default() };
    let loaded = load(&flags).expect("a configuration");
    assert!(loaded.config.database_url.expose().contains(CANARY));
    for said in [format!("{flags:?}"), format!("{loaded:?}"), format!("{url} {url:?} {url:#?}")] {
        assert!(said.contains("films:***@db") && !said.contains(CANARY), "{said}");
    }
}
