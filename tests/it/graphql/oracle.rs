//! What graphql-js says of documents, and what it answers, is what the server must say and answer. See `tests/oracle`.

use std::path::Path;
use std::process::Command;

use filmgate::config::Config;
use filmgate::service::caller::Role;
use serde_json::Value;

use crate::support::{Live, UNLIMITED, skip};

/// Differences that may be declared.
const MOST_DIFFERENCES: usize = 8;

/// Does not fire: the schema has a root type for each kind of operation.
const SILENT: &str = "KnownOperationTypes";

/// A script of the oracle, run against a server. `None` where it cannot be run.
async fn run(script: &'static str, live: &Live, arguments: &[String]) -> Option<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    if !folder.join("node_modules/graphql-16").is_dir() {
        skip("tests/oracle is not installed; make test does it, where npm is there");
        return None;
    }
    let mut command = Command::new("node");
    command.arg(script).arg(format!("http://{}", live.address)).args(arguments).current_dir(folder);
    let output =
        tokio::task::spawn_blocking(move || command.output().expect("node runs")).await.expect("an end");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// No document is too large: it is judged by what it says.
fn roomy(config: &mut Config) {
    let limits = &mut config.graphql;
    limits.max_nesting = 200;
    for limit in [
        &mut limits.max_tokens,
        &mut limits.max_depth,
        &mut limits.max_fields,
        &mut limits.max_aliases,
        &mut limits.max_directives,
    ] {
        *limit = 100_000;
    }
}

/// Without films, and with an admin whose session is returned.
async fn empty(anonymous: Role) -> (Live, String) {
    let live = Live::empty_with(UNLIMITED, |config| {
        roomy(config);
        config.auth.anonymous_role = Some(anonymous);
    })
    .await;
    let account = live.app.account("anna", Role::Admin).await;
    let session = live.app.session(account).await;
    (live, session)
}

/// Fails with what differs, an entry a line.
#[track_caller]
fn assert_none(differences: &Value) {
    let differences = differences.as_array().expect("a list");
    let told: String = differences.iter().map(|difference| format!("{difference:#}\n")).collect();
    assert!(differences.is_empty(), "{} differ:\n{told}", differences.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_judged_as_graphql_js_judges_them() {
    // Who may nothing: what is valid does not run, but for what is read.
    let live = Live::with(UNLIMITED, |config| {
        roomy(config);
        config.auth.anonymous_role = Some(Role::Viewer);
    })
    .await;
    let Some(found) = run("validation.mjs", &live, &[]).await else { return };
    assert_none(&found["differences"]);
    assert_none(&found["twice"]);
    assert!(found["documents"].as_u64() >= Some(451), "{}", found["documents"]);
    assert!(found["valid"].as_u64() >= Some(131), "{}", found["valid"]);
    for (rule, count) in found["fires"].as_object().expect("rules") {
        assert_eq!(*count == 0, rule == SILENT, "{rule} fires {count} times");
    }
    for known in [
        "an empty selection",
        "a name for __typename beside another field",
        "an escape of more than eight digits",
    ] {
        assert_known(&found, known);
    }
}

/// Whether this script has met the difference that is declared for it. One that it does not meet is gone.
#[track_caller]
fn assert_known(found: &Value, difference: &str) {
    let known = found["known"].as_object().expect("differences");
    assert!(known.len() <= MOST_DIFFERENCES, "{known:?}");
    assert_ne!(known[difference], 0, "nothing has {difference}, or the server agrees by now");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_those_of_graphql_js_over_the_same_films() {
    let (live, session) = empty(Role::Voter).await;
    let Some(found) = run("execution.mjs", &live, &[session]).await else { return };
    assert_none(&found["differences"]);
    assert_known(&found, "an argument that is null by a variable");
    assert!(found["cases"].as_u64() >= Some(200), "{}", found["cases"]);
    assert!(found["failures"].as_u64() >= Some(30), "{}", found["failures"]);
}

/// A number that whoever runs the tests may choose: `make fuzz-graphql`.
fn chosen(variable: &str, otherwise: &str) -> String {
    let number = std::env::var(variable).unwrap_or_else(|_| otherwise.to_owned());
    assert!(number.parse::<u64>().is_ok(), "{variable} is no number: {number}");
    number
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_nobody_thought_of_are_judged_and_answered_alike() {
    let (live, session) = empty(Role::Viewer).await;
    let (seed, count) = (chosen("GRAPHQL_FUZZ_SEED", "12"), chosen("GRAPHQL_FUZZ_DOCUMENTS", "5000"));
    let Some(found) = run("fuzz.mjs", &live, &[session, seed, count]).await else { return };
    assert_none(&found["smallest"]);
    assert_eq!(found["differences"], 0);
    let tally = &found["tally"];
    for (kind, least) in [("valid", 0.4), ("invalid", 0.2), ("answered", 0.3)] {
        let all = tally["valid"].as_f64().expect("a count") + tally["invalid"].as_f64().expect("a count");
        assert!(tally[kind].as_f64() >= Some(least * all), "too few are {kind}: {tally}");
    }
    #[expect(clippy::print_stdout, reason = "whoever chose the seed wants to see it")]
    {
        println!("seed {}: {tally}", found["seed"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_drawn_is_what_graphql_js_resolves() {
    const PLENTY: &str = "film=100000/day; add_film=100000/day; browse=100000/day";
    let live = Live::empty_with(PLENTY, |config| {
        roomy(config);
        config.auth.anonymous_role = Some(Role::Editor);
    })
    .await;
    let arguments = ["3", "500"].map(str::to_owned);
    let Some(found) = run("cost.mjs", &live, &arguments).await else { return };
    assert_none(&found["differences"]);
    assert!(found["rows"].as_u64() >= Some(30), "{}", found["rows"]);
    assert!(found["tally"]["dear"].as_u64() >= Some(100), "{}", found["tally"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_of_graphql_js_see_the_committed_schema() {
    let live = Live::empty_with(UNLIMITED, |_| {}).await;
    let Some(found) = run("introspection.mjs", &live, &[]).await else { return };
    assert_none(&found["differences"]);
    assert_eq!(found["built"], 2 * 66);
}
