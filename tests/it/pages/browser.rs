//! The pages in a real browser. The cases are in `tests/browser`, one file a page, each against servers of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use filmgate::playground::built;
use tempfile::TempDir;

use crate::support::{Server, skip};

const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// One browser at a time: two that wait for each other's processor prove nothing about the pages.
static TURN: Mutex<()> = Mutex::new(());

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let places = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.into_iter().find(|place| place.is_file())
}

/// Node in the folder of the cases; `None` where something is missing, which was said.
fn node() -> Option<Command> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    if !folder.join("node_modules/playwright-core").is_dir() || on_path(&["node"]).is_none() {
        skip("tests/browser is not installed; make test does it, where npm is there");
        return None;
    }
    let Some(chromium) = on_path(&BROWSERS) else {
        skip("no Chromium on the path");
        return None;
    };
    if !built() {
        skip("playground/dist was not built; make pages does it, where Node is there");
        return None;
    }
    let mut node = Command::new("node");
    node.current_dir(folder)
        .env("CHROMIUM", chromium)
        .env("FILMGATE_BINARY", env!("CARGO_BIN_EXE_filmgate"))
        .env("SCREENSHOTS", Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/screenshots"))
        .stdin(Stdio::null());
    Some(node)
}

#[track_caller]
fn cases(file: &str) {
    let Some(mut node) = node() else { return };
    let turn = TURN.lock();
    let output = node.args(["--test", "--test-reporter=spec", file]).output().expect("node runs");
    drop(turn);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

/// Against a server without limits: both lines that GraphiQL gives for an operation are run in a shell and compared.
#[test]
fn the_parts_of_the_pages_hold() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("playground");
    if !folder.join("node_modules/vitest").is_dir() || on_path(&["npm"]).is_none() {
        return skip("playground is not installed; make pages does it, where npm is there");
    }
    let data = TempDir::new().expect("a folder");
    let server = Server::start(data.path(), &[("FILMGATE_LIMITS__ENABLED", "false")]);
    let output = Command::new("npm")
        .args(["test"])
        .current_dir(folder)
        .env("FILMGATE_URL", &server.url)
        .stdin(Stdio::null())
        .output()
        .expect("npm runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_page_without_a_build_step_does_what_it_says() {
    cases("basic.test.mjs");
}

#[test]
fn graphiql_does_what_it_says() {
    cases("graphiql.test.mjs");
}

#[test]
fn the_rest_tester_does_what_it_says() {
    cases("rest.test.mjs");
}

#[test]
fn the_rest_tester_sends_what_its_form_says() {
    cases("rest-form.test.mjs");
}

#[test]
fn the_films_do_what_they_say() {
    cases("films.test.mjs");
}

#[test]
fn films_are_added_on_the_films_page() {
    cases("films-add.test.mjs");
}

#[test]
fn votes_on_the_films_page_are_sent_once_and_can_be_undone_before() {
    cases("films-votes.test.mjs");
}

#[test]
fn votes_on_the_films_page_are_sent_as_whose_they_are() {
    cases("films-caller.test.mjs");
}

#[test]
fn films_are_found_by_text_genre_and_place_in_the_top() {
    cases("films-lists.test.mjs");
}

#[test]
fn whoever_signs_in_is_who_he_is_on_every_page() {
    cases("sign-in.test.mjs");
}

#[test]
fn the_pages_withstand_what_goes_wrong_around_them() {
    cases("trouble.test.mjs");
}

#[test]
fn a_first_visit_weighs_what_is_documented() {
    cases("weight.test.mjs");
}

/// `make screenshots`
#[test]
#[ignore = "writes to docs/screenshots"]
fn the_screenshots_are_taken() {
    cases("screenshots.mjs");
}
