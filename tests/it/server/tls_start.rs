//! What a start says of a certificate, and the one that filmgate makes itself.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rcgen::{CertificateParams, date_time_ymd};
use rustls::pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::{Issued, Server, Told, Wire, client_config, issuer, shown, variables};

/// Runs a command with these two files.
fn run(folder: &Path, arguments: &[&str], cert: &str, key: &str, more: &[(&str, &str)]) -> Told {
    let files = Issued::new().write(folder);
    std::fs::write(&files.cert, cert).expect("a file");
    std::fs::write(&files.key, key).expect("a file");
    std::fs::set_permissions(&files.key, PermissionsExt::from_mode(0o640)).expect("rights");
    let owned = variables(&files);
    let settings = owned.iter().map(|(name, value)| (*name, value.as_str()));
    let all: Vec<(&str, &str)> =
        settings.chain([("FILMGATE_LISTEN", "127.0.0.1:0")]).chain(more.iter().copied()).collect();
    Told::of(Server::output(folder, arguments, &all))
}

#[test]
fn a_pair_that_cannot_be_used_stops_the_start() {
    let folder = TempDir::new().expect("a folder");
    let (good, other) = (Issued::new(), Issued::new());
    let valid_from = |from: i32, to: i32| {
        Issued::with(&["localhost"], |params: &mut CertificateParams| {
            params.not_before = date_time_ymd(from, 1, 2);
            params.not_after = date_time_ymd(to, 1, 2);
        })
    };
    let (past, future) = (valid_from(2019, 2020), valid_from(2100, 2101));
    let passphrase = good.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let half = &good.cert[..good.cert.len() / 2];
    let issuer_first = issuer() + &good.cert;
    let no_certificate = "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n";
    for (cert, key, words) in [
        (&*good.cert, &*other.key, &["tls.key", "key.pem", "does not belong", "cert.pem"][..]),
        (&issuer_first, &good.key, &["tls.key", "does not belong", "another one comes first"]),
        (&past.cert, &past.key, &["tls.cert", "has expired, on 2020-01-02T00:00:00Z"]),
        (&future.cert, &future.key, &["tls.cert", "not valid before 2100-01-02T00:00:00Z", "clock"]),
        ("", &good.key, &["tls.cert", "no certificate in PEM"]),
        ("hello", &good.key, &["tls.cert", "no certificate in PEM"]),
        (half, &good.key, &["tls.cert", "is not whole"]),
        (no_certificate, &good.key, &["tls.cert", "cannot be read, number 1"]),
        (&good.key, &good.cert, &["tls.cert", "no certificate in PEM"]),
        (&good.cert, "", &["tls.key", "no private key in PEM"]),
        (&good.cert, &passphrase, &["tls.key", "passphrase"]),
    ] {
        for command in [&["serve"][..], &["config", "check"]] {
            run(folder.path(), command, cert, key, &[]).failed(2, words);
        }
    }
    for name in ["FILMGATE_TLS__CERT", "FILMGATE_TLS__KEY"] {
        let missing = [(name, "missing.pem")];
        run(folder.path(), &["serve"], &good.cert, &good.key, &missing).failed(2, &["tls.", "missing.pem"]);
        let device = [(name, "/dev/zero")];
        run(folder.path(), &["serve"], &good.cert, &good.key, &device).failed(2, &["tls.", "regular file"]);
    }
    // To open a pipe would be to wait for ever.
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    let pipe = [("FILMGATE_TLS__KEY", pipe.to_str().expect("a path"))];
    run(folder.path(), &["serve"], &good.cert, &good.key, &pipe).failed(2, &["tls.key", "regular file"]);
    assert!(!folder.path().join("filmgate.db").exists());
}

#[test]
fn settings_that_do_not_fit_together_are_named() {
    let folder = TempDir::new().expect("a folder");
    for (file, words) in [
        ("listen = '0.0.0.0:3000'", &["tls.mode", "cert", "self-signed", "proxy", "off", "127.0.0.1"][..]),
        ("tls.mode = 'cert'", &["tls.cert"]),
        ("tls.mode = 'cert'\ntls.cert = 'a.pem'", &["tls.key"]),
        ("tls.cert = 'a.pem'", &["tls.cert", "tls.mode = \"cert\""]),
        ("tls.mode = 'off'\ntls.key = 'a.pem'", &["tls.key", "tls.mode = \"cert\""]),
        ("tls.mode = 'self-signed'\ntls.handshake_timeout = 0", &["tls.handshake_timeout"]),
        ("tls.mode = 'self-signed'\ntls.hsts_max_age = 999999999", &["tls.hsts_max_age"]),
        ("tls.redirect_listen = '127.0.0.1:80'", &["tls.redirect_listen", "tls.mode"]),
        (
            "listen = '127.0.0.1:3000'\ntls.mode = 'self-signed'\ntls.redirect_listen = '127.0.0.1:3000'",
            &["tls.redirect_listen", "another port"],
        ),
        (
            "tls.mode = 'self-signed'\ntls.redirect_listen = '0.0.0.0:80'",
            &["tls.redirect_listen", "allowed_hosts"],
        ),
        (
            "listen = '127.0.0.1:0'\ntls.mode = 'self-signed'\ntls.redirect_listen = '127.0.0.1:80'",
            &["tls.redirect_listen", "tls.redirect_port"],
        ),
        ("tls.mode = 'self-signed'\ntls.redirect_listen = ''", &["tls.redirect_listen"]),
    ] {
        std::fs::write(folder.path().join("filmgate.toml"), file).expect("a file");
        Told::of(Server::output(folder.path(), &["serve"], &[])).failed(2, words);
    }
    std::fs::remove_file(folder.path().join("filmgate.toml")).expect("removed");
    Told::of(Server::output(folder.path(), &["--tls", "sometimes"], &[]))
        .failed(2, &["tls.mode", "self-signed"]);
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_announced_beyond_this_machine() {
    let folder = TempDir::new().expect("a folder");
    for (listen, is_told) in [("127.0.0.1:0", false), ("0.0.0.0:0", true)] {
        let arguments = ["config", "check", "--listen", listen, "--tls", "self-signed"];
        let told = Told::of(Server::output(folder.path(), &arguments, &[]));
        assert_eq!(
            (told.code, told.errors.contains("nobody vouches")),
            (Some(0), is_told),
            "{}",
            told.errors
        );
    }
}

/// It serves, but somebody should hear of it.
#[test]
fn what_clients_may_stumble_over_is_a_warning() {
    let folder = TempDir::new().expect("a folder");
    let check = |cert: &str, key: &str, more: &[(&str, &str)]| {
        let told = run(folder.path(), &["config", "check"], cert, key, more);
        assert_eq!(told.code, Some(0), "{}", told.errors);
        told.errors
    };
    let good = Issued::with(&["films.example", "*.films.example", "192.0.2.7"], |_| {});
    let chain = good.cert.clone() + &issuer();
    for hosts in ["", "films.example, www.films.example, 192.0.2.7"] {
        assert_eq!(check(&chain, &good.key, &[("FILMGATE_ALLOWED_HOSTS", hosts)]), "");
    }
    let warned = check(&chain, &good.key, &[("FILMGATE_ALLOWED_HOSTS", "films.example, other.example")]);
    assert!(warned.contains("other.example") && !warned.contains("\"films.example\""), "{warned}");
    let warned = check(&(good.cert.clone() + &Issued::new().cert), &good.key, &[]);
    assert!(warned.contains("certificate 1 is not issued by number 2"), "{warned}");
    let nameless = Issued::with(&[], |_| {});
    let warned = check(&nameless.cert, &nameless.key, &[("FILMGATE_ALLOWED_HOSTS", "films.example")]);
    assert!(warned.contains("names no host") && warned.lines().count() == 1, "{warned}");
    // By the clock of the test: a certificate for a month, in its last days, and one for two days, which is no cause.
    let days = |from, to| Issued::with(&["localhost"], |params| valid(params, from, to));
    for (issued, is_near) in
        [(days(-28, 3), true), (days(-28, 40), false), (days(0, 2), false), (days(-300, 13), true)]
    {
        let warned = check(&issued.cert, &issued.key, &[]);
        assert_eq!(warned.contains("the certificate ends on"), is_near, "{warned}");
    }
    // The rights of the key.
    let files = Issued::new().write(folder.path());
    std::fs::set_permissions(&files.key, PermissionsExt::from_mode(0o644)).expect("rights");
    let owned = variables(&files);
    let settings: Vec<(&str, &str)> = owned.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let told = Told::of(Server::output(folder.path(), &["config", "check"], &settings));
    assert!(told.errors.contains("everybody on this machine may read"), "{}", told.errors);
    // A start tells them in its log.
    let server = Server::start(folder.path(), &settings);
    server.await_log(1, |line| line["level"] == "WARN");
}

/// From a day to a day, counted from today.
fn valid(params: &mut CertificateParams, from: i64, to: i64) {
    let day = |offset: i64| {
        let date = TimeZone::UTC.to_datetime(Timestamp::now()).date().saturating_add(offset.days());
        let part = |part: i8| u8::try_from(part).expect("a month or a day");
        date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
    };
    (params.not_before, params.not_after) = (day(from), day(to));
}

/// Made for this run alone, and said so.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_our_own_making_is_for_this_machine_and_this_run() {
    let mut fingerprints = Vec::new();
    for arguments in [&["serve", "--tls", "self-signed"][..], &["--tls", "self-signed"]] {
        let folder = TempDir::new().expect("a folder");
        let mut server = Server::start_arguments(folder.path(), arguments, &[]);
        assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.greeting);
        assert!(!server.greeting.contains("http://"), "{}", server.greeting);
        assert_eq!(server.greeting.matches("curl -k https://").count(), 2, "{}", server.greeting);
        let certificate = shown(server.address()).await;
        let fingerprint = sha256(&certificate);
        assert!(server.greeting.contains(&fingerprint), "{fingerprint}: {}", server.greeting);
        fingerprints.push(fingerprint);
        // Who trusts it is served under each of its names.
        for name in ["localhost", "127.0.0.1", "::1"] {
            let config = client_config(std::slice::from_ref(&certificate));
            let stream = Wire::tcp("127.0.0.1", server.address()).await;
            let name = rustls::pki_types::ServerName::try_from(name).expect("a name");
            let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
            let stream = connector.connect(name, stream).await.expect("a handshake");
            assert_eq!(Wire::over(stream).get("/v1/films/1").await, Some(200));
        }
        // The one command that is run beside it asks under TLS too.
        let told = Told::of(Server::output(folder.path(), &["healthcheck", "--url", &server.url], &[]));
        assert_eq!(told.done(), "ready\n");
        let address = server.address().to_string();
        let asked = ["healthcheck", "--listen", &address, "--tls", "self-signed"];
        assert_eq!(Told::of(Server::output(folder.path(), &asked, &[])).done(), "ready\n");
        let plain = server.url.replace("https", "http");
        Told::of(Server::output(folder.path(), &["healthcheck", "--url", &plain], &[])).failed(1, &["400"]);
        // Nothing of it is kept.
        let names: Vec<String> = std::fs::read_dir(folder.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
            .collect();
        assert!(names.iter().all(|name| name.starts_with("filmgate.db") || name == "log.jsonl"), "{names:?}");
        server.signal("INT");
        assert_eq!(server.wait(std::time::Duration::from_secs(10)), Some(0));
    }
    assert_ne!(fingerprints[0], fingerprints[1]);
}

/// A server that speaks plain HTTP, or nothing at all, is no HTTPS server.
#[tokio::test(flavor = "multi_thread")]
async fn a_health_check_under_tls_says_what_is_wrong() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), &[]);
    let url = server.url.replace("http", "https");
    Told::of(Server::output(folder.path(), &["healthcheck", "--url", &url], &[]))
        .failed(1, &[&url, "cannot be spoken to over TLS"]);
    let shown = Server::output(folder.path(), &["config", "show", "--tls", "self-signed"], &[]);
    let shown = Told::of(shown).done();
    assert!(shown.contains("mode = \"self-signed\" # flag --tls\n"), "{shown}");
}

/// Beyond loopback a certificate from files is greeted by its name.
#[test]
fn the_greeting_names_a_host_that_the_certificate_is_for() {
    let folder = TempDir::new().expect("a folder");
    let files = Issued::with(&["*.films.example", "films.example"], |_| {}).write(folder.path());
    for (hosts, name) in [("", "films.example"), ("www.films.example", "www.films.example")] {
        let settings = [("FILMGATE_LISTEN", "0.0.0.0:0"), ("FILMGATE_ALLOWED_HOSTS", hosts)];
        let server = Server::start_with(folder.path(), &settings, &variables(&files));
        assert!(server.url.starts_with(&format!("https://{name}:")), "{}", server.greeting);
        assert!(server.greeting.contains(&format!("  curl https://{name}:")), "{}", server.greeting);
    }
}

/// As openssl and browsers write it.
fn sha256(certificate: &CertificateDer<'_>) -> String {
    let bytes: Vec<String> = Sha256::digest(certificate).iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(":")
}
