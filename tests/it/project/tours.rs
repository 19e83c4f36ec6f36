//! What README.md and the pages in docs/ show is played, word for word, on a fresh start.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{PASSWORD, Postgres, Server, TestApp, UNLIMITED, skip};

/// Pages with commands, each played by a test: here, and `docs/clients.md` in `clients::docs`. Those of
/// `docs/container.md` need an engine, and `commands::container` compares them with the code; `make ...` is looked up in
/// the Makefile.
const PLAYED: [&str; 11] = [
    "README.md",
    "docs/accounts.md",
    "docs/clients.md",
    "docs/container.md",
    "docs/graphql.md",
    "docs/import.md",
    "docs/limits.md",
    "docs/live.md",
    "docs/operating.md",
    "docs/rest.md",
    "CONTRIBUTING.md",
];

const NO_LIMITS: &[(&str, &str)] = &[("FILMGATE_LIMITS__ENABLED", "false")];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).expect(name)
}

/// Every page that people read.
fn pages() -> Vec<String> {
    let docs = std::fs::read_dir(root().join("docs")).expect("a folder");
    let docs = docs.map(|entry| format!("docs/{}", entry.expect("a file").file_name().display()));
    let pages = docs.filter(|name| name.to_ascii_lowercase().ends_with(".md"));
    pages.chain(["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(str::to_owned)).collect()
}

/// The blocks of a language in a text.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    let block = |rest: &'a str| rest.split_once("```").expect("its end").0;
    text.split(opening.as_str()).skip(1).map(block).collect()
}

/// The commands of the first block of shell under a heading; a backslash joins lines.
fn commands(name: &str, heading: &str) -> Vec<String> {
    let text = page(name);
    let section = text.split_once(&format!("{heading}\n")).expect(heading).1;
    let joined = blocks(section, "sh").first().expect("a block").replace("\\\n", " ");
    let starts = ["awk ", "curl ", "filmgate ", "FILMGATE_", "KEY="];
    let is_command = |line: &&str| starts.iter().any(|start| line.starts_with(start));
    joined.lines().filter(is_command).map(str::to_owned).collect()
}

/// A line of shell where `filmgate` is the program under test, in a folder with its database.
fn shell(folder: &Path, line: &str, variables: &[(&str, &str)]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_filmgate")).parent().expect("a folder").display();
    Command::new("sh")
        .args(["-c", &format!("PATH=\"{program}:$PATH\"; {line}")])
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(variables.iter().copied())
        .output()
        .expect("a shell")
}

/// What a line that is expected to succeed writes.
#[track_caller]
fn told(folder: &Path, line: &str, variables: &[(&str, &str)]) -> String {
    let output = shell(folder, line, variables);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {text}{errors}");
    text
}

/// A fresh start in a folder of its own.
struct Tour {
    folder: TempDir,
    server: Server,
}

impl Tour {
    /// Nothing, with a reason, where there is no curl.
    fn begin(variables: &[(&str, &str)]) -> Option<Self> {
        if Command::new("curl").arg("--version").output().is_err() {
            skip("curl is not installed");
            return None;
        }
        let folder = TempDir::new().expect("a folder");
        let server = Server::start(folder.path(), variables);
        Some(Self { folder, server })
    }

    #[track_caller]
    fn text(&self, command: &str, more: &str, variables: &[(&str, &str)]) -> String {
        let curl = format!("curl --silent --show-error --fail-with-body {more} ");
        let line = command.replace("http://127.0.0.1:3000", &self.server.url).replacen("curl ", &curl, 1);
        told(self.folder.path(), &line, variables)
    }

    /// The JSON of an answer without errors.
    #[track_caller]
    fn play_as(&self, command: &str, variables: &[(&str, &str)]) -> Value {
        let text = self.text(command, "", variables);
        let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{command}: {text}"));
        assert!(answer.get("errors").is_none(), "{command}: {text}");
        answer
    }

    #[track_caller]
    fn play(&self, command: &str) -> Value {
        self.play_as(command, &[])
    }
}

#[test]
fn the_tours_of_the_readme() {
    let Some(tour) = Tour::begin(&[]) else { return };
    let rest = commands("README.md", "## A tour with curl");
    let answers: Vec<Value> = rest.iter().map(|command| tour.play(command)).collect();
    assert_eq!(answers.len(), 5, "all at once, under the default limits");
    assert!(answers[0]["name"].is_string());
    assert_eq!(answers[1]["id"], 621);
    assert_eq!(answers[2]["films"].as_array().map(Vec::len), Some(2));
    assert_eq!(answers[3]["films"][0]["name"], "Toy Story");
    assert!(answers[4]["limits"].is_array());
    // The second tour comes a second later.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let graphql = commands("README.md", "## A tour of GraphQL");
    let answers: Vec<Value> = graphql.iter().map(|command| tour.play(command)).collect();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0]["data"]["like"]["likes"], 2);
    assert_eq!(answers[1]["data"]["films"]["edges"][0]["node"]["id"], "123");
}

#[test]
fn the_limits_are_lifted_as_the_readme_says() {
    let lines = commands("README.md", "## The limits, in the first minutes");
    assert_eq!(lines.len(), 2);
    for line in &lines {
        let setting = line.strip_suffix(" make run").expect("the command that starts it");
        let (name, value) = setting.split_once('=').expect("a variable");
        let Some(tour) = Tour::begin(&[(name, value.trim_matches('"'))]) else { return };
        for likes in 1..=3 {
            let film = tour.play("curl -X POST http://127.0.0.1:3000/v1/films/1/like");
            assert_eq!(film["likes"], likes, "{line}");
        }
    }
}

#[test]
fn the_lines_about_rest() {
    let Some(tour) = Tour::begin(NO_LIMITS) else { return };
    let documented = commands("docs/rest.md", "## The documented endpoints");
    let [any, like, dislike, add, head] = &documented[..] else { panic!("{documented:?}") };
    for command in [any, like, dislike] {
        assert!(tour.play(command)["name"].is_string(), "{command}");
    }
    for (id, count) in [(123, "likes"), (456, "dislikes")] {
        assert_eq!(tour.play(&format!("curl http://127.0.0.1:3000/v1/films/{id}"))[count], 1);
    }
    assert_eq!(tour.play(add)["id"], 621);
    assert!(tour.text(head, "", &[]).starts_with("HTTP/1.1 200"));
    let resources = commands("docs/rest.md", "## The resource API");
    assert_eq!(resources.len(), 2);
    assert_eq!(tour.play(&resources[0])["films"].as_array().map(Vec::len), Some(2));
    assert!(tour.play(&resources[1])["name"].is_string());
    let orders = commands("docs/rest.md", "### Which films come first");
    assert_eq!(orders.len(), 2);
    assert_eq!(tour.play(&orders[0])["films"][0]["id"], 123, "the one that was liked");
    assert_eq!(tour.play(&orders[1])["films"][0]["id"], 1);
    let shuffled = commands("docs/rest.md", "### Films in a random order");
    assert_eq!(shuffled.len(), 2);
    for command in &shuffled {
        assert_eq!(tour.play(command)["films"].as_array().map(Vec::len), Some(3), "{command}");
    }
    assert_eq!(tour.play(&shuffled[0]), tour.play(&shuffled[0]), "the same seed");
    let searches = commands("docs/rest.md", "### Finding films by a text");
    assert_eq!(searches.len(), 2);
    assert_eq!(tour.play(&searches[0])["films"][0]["name"], "Toy Story");
    assert_eq!(tour.play(&searches[1])["films"][0]["name"], "Frozen");
    let queries = commands("docs/rest.md", "### Parameters in a body");
    let [form, object] = &queries[..] else { panic!("{queries:?}") };
    assert_eq!(tour.play(form)["films"][0]["name"], "Toy Story");
    assert_eq!(tour.play(object), tour.play(&resources[0]));
    let again = commands("docs/rest.md", "## Asking again safely");
    assert_eq!(again.len(), 2);
    for line in again.iter().chain(&again) {
        assert!(tour.play(line)["id"].is_number(), "{line}");
    }
    assert_eq!(tour.play("curl http://127.0.0.1:3000/v1/films/7")["likes"], 2, "one by each key");
    let kept = commands("docs/rest.md", "## Asking whether it has changed");
    let [film, again] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!(tour.play(film)["id"], 1);
    assert_eq!(tour.text(again, "", &[]), "304\n");
}

#[test]
fn the_lines_about_graphql_and_limits() {
    let Some(tour) = Tour::begin(&[]) else { return };
    let graphql = commands("docs/graphql.md", "# The GraphQL surface");
    assert_eq!(graphql.len(), 1);
    assert_eq!(tour.play(&graphql[0])["data"]["like"]["likes"], 1);
    let price = commands("docs/graphql.md", "## Price before you pay");
    let told = tour.play(&price[0]);
    // A like a moment ago has used the second up.
    assert_eq!(told["extensions"]["price"]["cost"], json!({"film": 1, "browse": 1}), "{told}");
    let limits = commands("docs/limits.md", "## How to see and change them");
    assert_eq!(limits.len(), 1);
    assert!(tour.play(&limits[0])["limits"].is_array());
}

#[tokio::test]
async fn the_graphql_documents_run_and_none_is_above_the_default_burst() {
    let text = page("docs/graphql.md");
    let documents: Vec<&str> = blocks(&text, "graphql")[0].lines().collect();
    assert_eq!(documents.len(), 8);
    for limit in [UNLIMITED, "film=1/second; add_film=1/second; browse=1/second"] {
        for document in &documents {
            let app = TestApp::new(limit).await;
            let answer = app.graphql(document, json!({})).await.expect(200).json();
            assert!(answer.get("errors").is_none(), "{document}: {answer}");
            let data = answer["data"].as_object().expect("data");
            assert!(data.values().all(|value| !value.is_null()), "{document}: {answer}");
        }
    }
}

#[test]
fn the_lines_about_what_comes_live() {
    let Some(tour) = Tour::begin(NO_LIMITS) else { return };
    let streams = commands("docs/live.md", "# What comes live");
    assert_eq!(streams.len(), 2);
    for command in &streams {
        // The stream goes on until curl ends it, while votes go on too.
        let vote = format!("sleep 0.3; curl --silent -X POST {}/v1/films/1/like >&2", tour.server.url);
        let line = command.replace("http://127.0.0.1:3000", &tour.server.url);
        let line = format!("({vote}; {vote}; {vote}) & {line} --silent --max-time 2 || true; wait");
        let events = told(tour.folder.path(), &line, &[]);
        assert!(
            events.lines().any(|line| line.starts_with("data:") && line.contains("likes")),
            "{line}: {events}"
        );
    }
}

#[test]
fn the_lines_about_accounts_and_the_audit() {
    let Some(tour) = Tour::begin(NO_LIMITS) else { return };
    let folder = tour.folder.path();
    std::fs::write(folder.join("password.txt"), format!("{PASSWORD}\n")).expect("a file");
    told(folder, "filmgate account create ada --role admin --password-stdin < password.txt", &[]);

    let lines = commands("docs/accounts.md", "## Signing in");
    let [sign_in, me, key, me_by_key, sign_out] = &lines[..] else { panic!("{lines:?}") };
    let session = tour.play(&sign_in.replace("SECRET", PASSWORD));
    let token = [("TOKEN", session["token"].as_str().expect("a token"))];
    assert_eq!(tour.play_as(me, &token)["name"], "ada");
    let made = tour.play_as(key, &token);
    assert_eq!(tour.play_as(me_by_key, &[("KEY", made["key"].as_str().expect("a key"))])["role"], "editor");

    let lines = commands("docs/accounts.md", "## Your votes");
    let [votes, of_films, unseen] = &lines[..] else { panic!("{lines:?}") };
    let like = "curl -X POST http://127.0.0.1:3000/v1/films/2/like -H \"Authorization: Bearer $TOKEN\"";
    tour.play_as(like, &token);
    for command in [votes, of_films] {
        let told = tour.play_as(command, &token);
        assert_eq!(
            (&told["votes"][0]["film"]["id"], &told["totalCount"]),
            (&json!(2), &json!(1)),
            "{command}"
        );
    }
    assert_ne!(tour.play_as(unseen, &token)["id"], 2);
    let text = page("docs/accounts.md");
    for document in blocks(&text, "graphql")[0].lines() {
        let body = json!({ "query": document }).to_string();
        let command = format!(
            "curl http://127.0.0.1:3000/graphql -H 'Content-Type: application/json' \
             -H \"Authorization: Bearer $TOKEN\" -d '{body}'"
        );
        let told = tour.play_as(&command, &token);
        assert!(told["data"].as_object().expect("data").values().all(|value| !value.is_null()), "{document}");
    }

    let lines = commands("docs/accounts.md", "## On the command line");
    let [with_a_terminal, from_a_file, make_key, make_limited, list] = &lines[..] else {
        panic!("{lines:?}")
    };
    let refused = shell(folder, with_a_terminal, &[]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--password-stdin"), "no terminal is there");
    told(folder, from_a_file, &[]);
    let key = told(folder, &format!("{make_key}; echo \"$KEY\""), &[]);
    assert_eq!(tour.play_as(me_by_key, &[("KEY", key.trim())])["role"], "viewer");
    let limited = told(folder, make_limited, &[]);
    assert_eq!(tour.play_as(me_by_key, &[("KEY", limited.trim())])["role"], "editor");
    let listed = told(folder, list, &[]);
    assert!(
        listed.contains("backup") && listed.contains("film=20/second, 1000/hour, browse=50/second"),
        "{listed}"
    );

    let lines = commands("docs/operating.md", "## Who did what");
    let [by_rest, by_command] = &lines[..] else { panic!("{lines:?}") };
    let key = told(folder, "filmgate key create ada --name audit --role admin", &[]);
    told(folder, "filmgate account role bert voter", &[]);
    let events = tour.play_as(by_rest, &[("KEY", key.trim())]);
    assert_eq!(events["auditEvents"].as_array().map(Vec::len), Some(1), "{events}");
    let wrong = shell(folder, &me.replace("http://127.0.0.1:3000", &tour.server.url), &[("TOKEN", "wrong")]);
    assert!(wrong.status.success(), "curl had an answer");
    // It is kept a moment after the answer.
    let is_kept = |_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        told(folder, by_command, &[]).lines().count() == 2
    };
    assert!((0..100).any(is_kept), "the heading and one refusal");

    assert_eq!(tour.text(sign_out, "", &token), "");
    assert!(
        !shell(
            folder,
            &me.replace("curl ", "curl --fail ").replace("http://127.0.0.1:3000", &tour.server.url),
            &token
        )
        .status
        .success()
    );
}

#[test]
fn the_commands_that_change_the_films() {
    let folder = TempDir::new().expect("a folder");
    std::fs::copy(root().join("tests/data/faults.json"), folder.path().join("movies.json")).expect("a copy");
    let commands = commands("docs/import.md", "# Import and export");
    let said: Vec<String> = commands.iter().map(|command| told(folder.path(), command, &[])).collect();
    assert_eq!(commands.len(), 10);
    assert!(said[0].contains("7 added") && folder.path().join("report.ndjson").is_file(), "{}", said[0]);
    assert!(said[1].contains("dry run"), "{}", said[1]);
    assert!(said[3].contains("627 duplicates"), "{}", said[3]);
    assert!(said[4].starts_with("added film ") && said[4].contains("Dune: Part Two"), "{}", said[4]);
    assert!(said[5].lines().count() == 6, "{}", said[5]);
    assert!(said[6].contains("Toy Story"), "{}", said[6]);
    assert!(said[8].contains("year      1957\ngenres    Western\n"), "{}", said[8]);
    assert!(said[9].starts_with("removed film 123"), "{}", said[9]);
}

/// Small files of the shapes that others publish.
#[test]
fn the_files_of_others_are_imported() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    let imdb = "tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\truntimeMinutes\tgenres\n\
        tt0000009\tmovie\tMiss Jerry\tMiss Jerry\t0\t1894\t\\N\t45\tRomance\n\
        tt0000012\tshort\tThe Arrival of a Train\tL'arrivée d'un train\t0\t1896\t\\N\t1\tDocumentary,Short\n\
        tt0073043\tmovie\t\"Giliap\"\t\"Giliap\"\t0\t1975\t\\N\t137\tCrime,Drama\n\
        tt0076025\tmovie\t\"Unclosed\tUnclosed\t0\t\\N\t\\N\t\\N\t\\N\n";
    let movie_lens = "movieId,title,genres\n1,Toy Story (1995),Adventure|Animation|Children\n\
        11,\"American President, The (1995)\",Comedy|Drama|Romance\n143410,Hyena Road,(no genres listed)\n";
    let tmdb = "budget,genres,homepage,id,keywords,original_language,original_title,overview,popularity,\
        production_companies,production_countries,release_date,revenue,runtime,spoken_languages,status,tagline,title,\
        vote_average,vote_count\n237000000,\"[{\"\"id\"\": 28, \"\"name\"\": \"\"Action\"\"}]\",http://www.avatarmovie.com/,19995,[],en,\
        Avatar,\"In the 22nd century, ...\",150.4,\"[{\"\"name\"\": \"\"Ingenious Film Partners\"\", \"\"id\"\": 289}, \
        {\"\"name\"\": \"\"Twentieth Century Fox\"\", \"\"id\"\": 306}]\",[],2009-12-10,2787965087,162,[],Released,\
        Enter the World of Pandora.,Avatar on Pandora,7.2,11800\n";
    let letterboxd = "Date,Name,Year,Letterboxd URI\n2024-03-02,Dune: Part Two,2024,https://boxd.it/hTha\n";
    for (file, text) in [
        ("title.basics.tsv", imdb),
        ("movies.csv", movie_lens),
        ("tmdb_5000_movies.csv", tmdb),
        ("watched.csv", letterboxd),
    ] {
        std::fs::write(folder.join(file), text).expect("a file");
    }
    let commands = commands("docs/import.md", "## Files of others");
    let said: Vec<String> = commands.iter().map(|command| told(folder, command, &[])).collect();
    let added = ["3 added", "3 added", "1 added", "1 added"];
    assert_eq!(said.len(), added.len());
    for (said, added) in said.iter().zip(added) {
        assert!(said.contains(added) && said.contains("0 refused"), "{said}");
    }
    let films = told(folder, "filmgate export --format csv", &[]);
    for film in [
        "Miss Jerry,Unknown,1894,Romance",
        "\"\"\"Giliap\"\"\",Unknown,1975,Crime|Drama",
        "\"\"\"Unclosed\",Unknown,,",
        "Toy Story,Unknown,1995,Adventure|Animation|Children",
        "\"American President, The\",Unknown,1995,",
        "Hyena Road,Unknown,,",
        "Avatar on Pandora,Ingenious Film Partners,2009,Action",
        "Dune: Part Two,Unknown,2024,",
    ] {
        assert!(films.contains(film), "{film}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_from_sqlite_to_postgresql() {
    let Some(postgres) = Postgres::shared() else { return };
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    told(
        folder,
        "echo '[]' | filmgate import - --format json; filmgate film add 'Before the move' --studio Us",
        &[],
    );
    let lines = commands("docs/operating.md", "### From SQLite to PostgreSQL");
    let target = postgres.database().await;
    let lines =
        lines.iter().map(|line| line.replace("postgres://filmgate:SECRET@db.example/filmgate", &target));
    let lines: Vec<String> = lines.collect();
    let [copy, doctor, serve] = &lines[..] else { panic!("{lines:?}") };
    let copied = told(folder, copy, &[]);
    assert!(copied.lines().any(|line| line.starts_with("film ") && line.contains(" 621 ")), "{copied}");
    let doctor = told(folder, doctor, &[]);
    assert!(doctor.contains("0 errors"), "{doctor}");
    let (name, value) =
        serve.strip_suffix(" filmgate").and_then(|set| set.split_once('=')).expect("a variable");
    let server = Server::start(folder, &[(name, value)]);
    assert_eq!(server.film(621).await["name"], "Before the move");
}

/// Files that are named and not there are the only fault that a sample of settings may have.
#[test]
fn the_settings_that_are_shown_are_read() {
    let folder = TempDir::new().expect("a folder");
    let mut shown = 0;
    for name in ["docs/accounts.md", "docs/container.md", "docs/limits.md", "docs/operating.md"] {
        for block in blocks(&page(name), "toml") {
            std::fs::write(folder.path().join("filmgate.toml"), block).expect("a file");
            let output = shell(folder.path(), "filmgate config check", &[]);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() || errors.contains("No such file"), "{name}: {errors}\n{block}");
            shown += 1;
        }
    }
    assert_eq!(shown, 7);
}

#[test]
fn a_page_with_commands_is_played() {
    let with_commands: Vec<String> =
        pages().into_iter().filter(|name| !blocks(&page(name), "sh").is_empty()).collect();
    let unknown: Vec<&String> =
        with_commands.iter().filter(|name| !PLAYED.contains(&name.as_str())).collect();
    assert!(unknown.is_empty(), "no test plays the commands of {unknown:?}");
    assert_eq!(with_commands.len(), PLAYED.len(), "{with_commands:?}");
}

/// The place in a page that a link may name after `#`.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let plain = headings.map(|line| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-"));
    plain
        .map(|heading| heading.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect())
        .collect()
}

#[test]
fn every_link_leads_somewhere_and_every_target_of_make_exists() {
    let makefile = page("Makefile");
    let mut faults = Vec::new();
    for name in pages() {
        let text = page(&name);
        let folder = PathBuf::from(&name).parent().map(|folder| root().join(folder)).expect("a folder");
        let links = text
            .split("](")
            .skip(1)
            .chain(text.split("src=\"").skip(1))
            .chain(text.split("srcset=\"").skip(1));
        let links =
            links.filter_map(|rest| rest.split([')', '"']).next()).filter(|link| !link.contains("://"));
        for link in links {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = if file.is_empty() { root().join(&name) } else { folder.join(file) };
            let is_there = path.exists()
                && (anchor.is_empty()
                    || std::fs::read_to_string(&path)
                        .is_ok_and(|text| anchors(&text).iter().any(|a| a == anchor)));
            if !is_there {
                faults.push(format!("{name}: {link}"));
            }
        }
        let inline = text.split("`make ").skip(1);
        let in_blocks = text.lines().filter_map(|line| line.strip_prefix("make "));
        for part in inline.chain(in_blocks) {
            let mut words = part.split(['`', ' ', '\n']);
            let target = words.find(|word| !word.starts_with('-')).expect("a word");
            if !target.starts_with("security-") && !makefile.contains(&format!("\n{target}:")) {
                faults.push(format!("{name}: make {target}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
