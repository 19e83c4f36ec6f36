//! Limits in memory over a restart.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use filmgate::clock::Clock as _;
use filmgate::limits::{Bucket, ClientKey, Limiter, NotKept, Price};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{ManualClock, Server, limits};

const LONG: Duration = Duration::from_secs(20);

fn client(number: u32) -> ClientKey {
    std::net::IpAddr::from(std::net::Ipv4Addr::from_bits(0xC000_0200 + number)).into()
}

fn limiter(policies: &str, clock: &ManualClock) -> Limiter {
    Limiter::new(true, &limits(policies).policies(), 1_000, Arc::new(clock.clone()))
}

/// How many films pass.
fn passing(limiter: &Limiter, number: u32) -> usize {
    (0..100).take_while(|_| limiter.charge(client(number), &Price::of(Bucket::Film, 1)).is_ok()).count()
}

fn film(limiter: &Limiter, number: u32, amount: u32) {
    limiter.charge(client(number), &Price::of(Bucket::Film, amount)).expect("within the burst");
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        names.map(|entry| entry.expect("a file").file_name().into_string().expect("a text")).collect();
    names.sort();
    names
}

#[test]
fn windows_go_on_where_their_policy_is_the_same_and_start_full_where_it_is_another() {
    let (folder, clock) = (TempDir::new().expect("a folder"), ManualClock::new());
    let file = folder.path().join("films.db-limits");
    for (then, now, at_once, after_an_hour) in [
        ("film=20/day", "film=20/day", 5, 5),
        ("film=20/hour", "film=20/hour", 5, 20),
        ("film=20/60 minutes", "film=20/hour", 5, 20),
        ("film=20/day", "film=21/day", 21, 21),
        ("film=20/day", "film=20/2 days", 20, 20),
        ("film=20/day", "add_film=20/day; browse=3/hour; film=20/day", 5, 5),
        ("film=40/hour, 20/day; browse=7/day", "film=18/hour, 20/day", 5, 5),
        ("film=20/day", "film=17/second, 20/day", 5, 5),
        ("browse=20/day; film=30/day", "film=30/day", 15, 16),
    ] {
        let before = limiter(then, &clock);
        film(&before, 1, 15);
        film(&before, 2, 1);
        let kept = before.keep(&file, clock.now()).expect("a file");
        assert_eq!((kept, names(folder.path())), (2, vec!["films.db-limits".to_owned()]), "{then}");
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        let copy = fs::read(&file).expect("a file");
        let after = limiter(now, &clock);
        assert_eq!(after.take_back(&file).expect("a file"), if at_once > 16 { 0 } else { 2 }, "{now}");
        assert_eq!(names(folder.path()), [""; 0], "{now}");
        assert_eq!(passing(&after, 1), at_once, "{then}, then {now}");
        assert_eq!(after.take_back(&file).expect("nothing"), 0);
        // A long pause refills.
        let later = ManualClock::at(clock.now() + Duration::from_hours(1));
        let after = limiter(now, &later);
        fs::write(&file, &copy).expect("a file");
        after.take_back(&file).expect("a file");
        assert_eq!(passing(&after, 1), after_an_hour, "{then}, then {now}, after an hour");
    }
}

/// A clock that was an hour ahead, or one that was set right while the server ran.
#[test]
fn a_clock_that_is_set_locks_nobody_out_for_longer_than_a_window() {
    let (folder, clock) = (TempDir::new().expect("a folder"), ManualClock::new());
    let file = folder.path().join("films.db-limits");
    let before = limiter("film=6/minute", &clock);
    film(&before, 1, 6);
    before.keep(&file, clock.now() + Duration::from_hours(1)).expect("a file");
    let after = limiter("film=6/minute", &clock);
    assert_eq!(after.take_back(&file).expect("a file"), 1);
    assert_eq!(passing(&after, 1), 0);
    clock.advance(Duration::from_secs(10));
    assert_eq!(passing(&after, 1), 1);
    clock.advance(Duration::from_secs(50));
    assert_eq!(passing(&after, 1), 5);
}

#[test]
fn nobody_who_has_nothing_left_to_remember_is_kept() {
    let (folder, clock) = (TempDir::new().expect("a folder"), ManualClock::new());
    let file = folder.path().join("films.db-limits");
    let before = limiter("film=6/minute", &clock);
    assert_eq!(before.keep(&file, clock.now()).expect("nothing"), 0);
    film(&before, 1, 3);
    clock.advance(Duration::from_secs(20));
    film(&before, 2, 2);
    clock.advance(Duration::from_secs(10));
    assert_eq!(before.keep(&file, clock.now()).expect("a file"), 1);
    clock.advance(Duration::from_secs(10));
    assert_eq!(before.keep(&file, clock.now()).expect("a file"), 0);
    assert_eq!(names(folder.path()), ["films.db-limits"], "what is not written replaces nothing");
    let after = limiter("film=6/minute", &clock);
    assert_eq!(after.take_back(&file).expect("a file"), 0, "and nobody there has anything left");
}

/// Every cut, and every byte that is another one.
#[test]
fn what_is_broken_or_foreign_is_set_aside_and_never_half_taken_over() {
    let (folder, clock) = (TempDir::new().expect("a folder"), ManualClock::new());
    let file = folder.path().join("films.db-limits");
    let before = limiter("film=20/day; browse=3/hour", &clock);
    film(&before, 1, 15);
    before.keep(&file, clock.now()).expect("a file");
    let whole = fs::read(&file).expect("a file");
    let mut broken: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
    broken.extend((0..whole.len()).map(|place| {
        let mut other = whole.clone();
        other[place] ^= 1;
        other
    }));
    broken.push([&*whole, b"x"].concat());
    broken.push(
        b"Dear diary, filmgate limits 1\n and a hundred other things that have nothing to do with it"
            .to_vec(),
    );
    for bytes in broken {
        fs::write(&file, &bytes).expect("a file");
        let after = limiter("film=20/day; browse=3/hour", &clock);
        let error = after.take_back(&file).expect_err("broken");
        let NotKept::SetAside(aside) = error else { panic!("{error}") };
        assert_eq!(fs::read(&aside).expect("a file"), bytes);
        assert!(!file.exists() && after.is_empty());
        fs::remove_file(aside).expect("a file");
    }
    fs::create_dir(&file).expect("a folder");
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, &whole).expect("a file");
    let link: PathBuf = folder.path().join("link");
    symlink(&elsewhere, &link).expect("a link");
    for name in [&file, &link] {
        let error = limiter("film=20/day", &clock).take_back(name).expect_err("no file");
        assert!(matches!(error, NotKept::NoFile), "{error}");
        assert!(before.keep(&file, clock.now()).is_err(), "and nothing is written over it");
    }
    assert_eq!(fs::read(&elsewhere).expect("a file"), whole);
}

async fn call(server: &Server) -> u16 {
    reqwest::get(&server.url).await.expect("an answer").status().as_u16()
}

/// A deploy does not refill the day; a kill does, and says nothing false afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_refills_nothing_and_a_kill_does() {
    let folder = TempDir::new().expect("a folder");
    let start = || Server::start(folder.path(), &[("FILMGATE_LIMITS__FILM", "2/day")]);
    let file = folder.path().join("filmgate.db-limits");
    let is_told = |line: &Value| line.to_string().contains("limits go on where the last stop left them");
    let mut server = start();
    assert_eq!([call(&server).await, call(&server).await, call(&server).await], [200, 200, 429]);
    for signal in ["TERM", "INT"] {
        server.signal(signal);
        assert_eq!(server.wait(LONG), Some(0));
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        server = start();
        server.await_log(1, is_told);
        assert!(!file.exists(), "a kill from here on must not bring back what is old");
        assert_eq!(call(&server).await, 429, "{signal}");
    }
    server.kill();
    server = start();
    assert_eq!(call(&server).await, 200);
    // What somebody else has put there is told and left to them, and the start goes on.
    server.signal("TERM");
    server.wait(LONG);
    fs::write(&file, "something else").expect("a file");
    server = start();
    let is_warning = |line: &Value| line["level"] == "WARN" && line.to_string().contains("limits start full");
    assert!(server.await_log(1, is_warning)[0].to_string().contains("filmgate.db-limits.broken-1"));
    assert_eq!([call(&server).await, call(&server).await, call(&server).await], [200, 200, 429]);
    let aside = folder.path().join("filmgate.db-limits.broken-1");
    assert_eq!(fs::read_to_string(aside).expect("a file"), "something else");
}
