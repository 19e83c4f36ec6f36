//! What a manager of services hears of the program, and the unit for systemd against the code.

use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use filmgate::config::Config;
use tempfile::TempDir;

use crate::support::{Server, Told, skip};

const ADMIN: (&str, &str) = ("FILMGATE_ADMIN__LISTEN", "0");
/// Within it a sign of life is expected.
const WATCHDOG: Duration = Duration::from_secs(1);

/// The manager's end of `NOTIFY_SOCKET`.
struct Manager(UnixDatagram);

impl Manager {
    fn new(folder: &Path) -> (Self, String) {
        let path = folder.join("notify");
        let socket = UnixDatagram::bind(&path).expect("a socket");
        (Self(socket), path.to_str().expect("a path").to_owned())
    }

    /// The next message within so long.
    fn within(&self, most: Duration) -> Option<Vec<String>> {
        self.0.set_read_timeout(Some(most)).expect("a timeout");
        let mut message = [0; 4096];
        match self.0.recv(&mut message) {
            Ok(length) => {
                let text = std::str::from_utf8(&message[..length]).expect("a text");
                Some(text.lines().map(str::to_owned).collect())
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// The next message that is no sign of life.
    #[track_caller]
    fn hears(&self) -> Vec<String> {
        loop {
            let message = self.within(Duration::from_secs(20)).expect("a message in time");
            if message != ["WATCHDOG=1"] {
                return message;
            }
        }
    }

    /// A reload from its beginning to its end; the status then.
    #[track_caller]
    fn hears_a_reload(&self) -> String {
        let begin = self.hears();
        let time = begin[1].strip_prefix("MONOTONIC_USEC=").and_then(|time| time.parse::<u64>().ok());
        assert!(begin[0] == "RELOADING=1" && time > Some(0) && begin.len() == 2, "{begin:?}");
        let end = self.hears();
        assert!(end[0] == "READY=1" && end.len() == 2, "{end:?}");
        end[1].strip_prefix("STATUS=").expect("a status").to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_of_services_hears_of_the_start_of_reloads_and_of_the_stop() {
    let folder = TempDir::new().expect("a folder");
    let (manager, socket) = Manager::new(folder.path());
    let notify = ("NOTIFY_SOCKET", socket.as_str());
    // Who only asks says nothing, nor who is refused a start.
    Told::of(Server::output(folder.path(), &["config", "check"], &[notify])).done();
    let refused = Server::output(folder.path(), &["serve"], &[notify, ("FILMGATE_LIMITS__FILM", "much")]);
    assert_eq!(refused.status.code(), Some(2));
    let file = folder.path().join("filmgate.toml");
    std::fs::write(&file, "[limits]\nfilm = '3/day'\n").expect("a file");
    let mut server = Server::start(folder.path(), &[notify, ADMIN]);
    let begin = manager.hears();
    assert_eq!(begin, ["READY=1".to_owned(), format!("STATUS=serving 620 films on {}", server.address())]);
    assert_eq!(server.film(1).await["name"], "Frozen");

    std::fs::write(&file, "[limits]\nfilm = '4/day'\n").expect("a file");
    server.signal("HUP");
    assert_eq!(manager.hears_a_reload(), "serving; the configuration was read anew");
    let metrics = server.greeting.split_whitespace().find(|word| word.ends_with("/metrics")).expect("a URL");
    let url = metrics.trim_end_matches("/metrics");
    Told::of(Server::output(folder.path(), &["reload", "--url", url], &[])).done();
    assert_eq!(manager.hears_a_reload(), "serving; the configuration was read anew");
    // A fault quotes the file, which says nothing by itself.
    std::fs::write(&file, "[limits]\nfilm = \"\"\"\nWATCHDOG=trigger\nSTOPPING=1\"\"\"\n").expect("a file");
    server.signal("HUP");
    let status = manager.hears_a_reload();
    assert!(status.contains("not taken over") && status.contains("limits.film"), "{status}");

    server.signal("TERM");
    assert_eq!(manager.hears(), ["STOPPING=1", "STATUS=finishing what is in work"]);
    assert_eq!(server.wait(Duration::from_secs(20)), Some(0));
    assert_eq!(manager.within(Duration::from_millis(1)), None, "nobody asked for signs of life");
}

#[test]
fn signs_of_life_come_as_often_as_asked_for_and_from_nobody_who_hangs() {
    let folder = TempDir::new().expect("a folder");
    let (manager, socket) = Manager::new(folder.path());
    let time = WATCHDOG.as_micros().to_string();
    let variables = [("NOTIFY_SOCKET", socket.as_str()), ("WATCHDOG_USEC", &time)];
    let mut server = Server::start(folder.path(), &variables);
    assert_eq!(manager.hears()[0], "READY=1");
    // A busy machine is given four times as long.
    for _ in 0..4 {
        assert_eq!(manager.within(4 * WATCHDOG).expect("a sign of life"), ["WATCHDOG=1"]);
    }
    server.signal("STOP");
    while manager.within(Duration::from_millis(100)).is_some() {}
    assert_eq!(manager.within(2 * WATCHDOG), None);
    server.signal("CONT");
    assert_eq!(manager.within(4 * WATCHDOG).expect("a sign of life"), ["WATCHDOG=1"]);
    server.signal("TERM");
    assert_eq!(manager.hears()[0], "STOPPING=1");
    assert_eq!(server.wait(Duration::from_secs(20)), Some(0));
    // Meant for another process.
    let another = [variables[0], variables[1], ("WATCHDOG_PID", "1")];
    let server = Server::start(folder.path(), &another);
    while manager.hears()[0] != "READY=1" {}
    assert_eq!(manager.within(2 * WATCHDOG), None);
    drop(server);
}

fn unit() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/filmgate.service"))
        .expect("a unit")
}

/// All values of a key, in order.
fn all<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect()
}

#[test]
fn the_unit_agrees_with_the_program() {
    let (unit, config) = (unit(), Config::default());
    // The last one counts of those that a systemd knows.
    assert_eq!(all(&unit, "Type"), ["notify", "notify-reload"]);
    let seconds = |key: &str| all(&unit, key)[0].trim_end_matches('s').parse::<u64>().expect("seconds");
    assert!(seconds("TimeoutStopSec") >= config.http.drain_timeout + 2);
    assert!(unit.contains(&format!("http.drain_timeout ({} s)", config.http.drain_timeout)));
    let descriptors = u64::try_from(config.http.max_connections).expect("a number");
    assert!(seconds("LimitNOFILE") > descriptors);
    let folder = TempDir::new().expect("a folder");
    let command: Vec<&str> = all(&unit, "ExecStart")[0].split(' ').skip(1).chain(["--help"]).collect();
    assert_eq!(Server::output(folder.path(), &command, &[]).status.code(), Some(0));
    let state = format!("sqlite:///var/lib/{}/", all(&unit, "StateDirectory")[0]);
    for variable in all(&unit, "Environment") {
        let (name, value) = variable.split_once('=').expect("a value");
        let key = name.strip_prefix("FILMGATE_").expect("a prefix").to_lowercase().replace("__", ".");
        assert!(Config::setting(&key).is_some(), "{name}");
        assert!(value.starts_with(&state), "{value}");
    }
}

/// One that hangs holds up neither the service nor its stop: of what it does not read, some is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_manager_that_does_not_read_holds_nobody_up() {
    let folder = TempDir::new().expect("a folder");
    let (manager, socket) = Manager::new(folder.path());
    // A sign of life every tenth of a second: the queue of a socket, and what waits to be sent, are full in a few seconds.
    let watchdog = [("NOTIFY_SOCKET", socket.as_str()), ("WATCHDOG_USEC", "200000")];
    let mut server = Server::start(folder.path(), &watchdog);
    manager.hears();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let asked =
        reqwest::Client::new().get(format!("{}/health/live", server.url)).timeout(Duration::from_secs(10));
    assert_eq!(asked.send().await.expect("an answer").status(), 200);
    server.signal("TERM");
    assert_eq!(server.wait(Duration::from_secs(12)), Some(0));
}

/// The words of systemd itself.
#[test]
fn systemd_reads_the_unit_and_finds_it_closed() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("filmgate.service");
    let unit = unit().replace("/usr/local/bin/filmgate", env!("CARGO_BIN_EXE_filmgate"));
    std::fs::write(&file, unit).expect("a file");
    let ask = |arguments: &[&str]| Command::new("systemd-analyze").args(arguments).arg(&file).output();
    let Ok(read) = ask(&["verify"]) else {
        return skip("systemd-analyze is not installed");
    };
    let said = String::from_utf8_lossy(&read.stderr);
    let of_us = said.lines().filter(|line| line.contains("filmgate"));
    // That one is told apart by what comes before it.
    let faults: Vec<&str> = of_us.filter(|line| !line.ends_with("ignoring: notify-reload")).collect();
    assert!(read.status.success() && faults.is_empty(), "{said}");
    // Of 100, which is a service that may do everything.
    let closed = ask(&["security", "--offline=true", "--threshold=15"]).expect("an answer");
    assert!(closed.status.success(), "{}", String::from_utf8_lossy(&closed.stdout));
}
