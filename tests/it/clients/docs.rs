//! docs/clients.md shows what is tested, and what it shows for curl and Python runs.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{SLOW, refusals, root};
use crate::support::{Server, skip};

fn guide() -> String {
    std::fs::read_to_string(root().join("docs/clients.md")).expect("a guide")
}

/// The blocks of a language, each with the text before it that comes after the block before.
fn blocks(guide: &str, language: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = guide.split("```").collect();
    let pairs = parts.chunks_exact(2).filter_map(|pair| Some((pair[0], pair[1].strip_prefix(language)?)));
    pairs
        .filter_map(|(before, block)| Some((before.to_owned(), block.strip_prefix('\n')?.to_owned())))
        .collect()
}

/// The files that a text links to.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](../").skip(1).filter_map(|rest| rest.split_once(')').map(|(path, _)| path))
}

#[test]
fn the_code_that_is_shown_is_the_code_that_is_tested() {
    let guide = guide();
    let mut shown = 0;
    for language in ["ts", "toml", "rust"] {
        for (before, block) in blocks(&guide, language) {
            // A block without a link of its own goes on with what the text before links to.
            let known = &guide[..guide.find(&block).expect("a block")];
            let sources: Vec<&str> =
                links(if links(&before).count() > 0 { &before } else { known }).collect();
            let is_in = |path: &&&str| {
                std::fs::read_to_string(root().join(path)).is_ok_and(|source| source.contains(&block))
            };
            assert!(sources.iter().any(|path| is_in(&path)), "in none of {sources:?}:\n{block}");
            shown += 1;
        }
    }
    assert_eq!(shown, 11);
    for path in links(&guide) {
        assert!(root().join(path).exists(), "{path} is not there");
    }
}

/// A program that does not end by itself, and the lines that it writes.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .env("PYTHONUNBUFFERED", "1")
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let stdout = BufReader::new(child.stdout.take().expect("standard output"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)).ok();
        });
        Self { child, lines }
    }

    #[track_caller]
    fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(20)).expect("a line")
    }

    /// The first line that is wanted, while votes are cast until it comes: nobody says when a stream has begun.
    async fn line_after_votes(&self, server: &Server, id: u64, wanted: &str) -> String {
        for _ in 0..20 {
            reqwest::get(format!("{}/?like={id}", server.url)).await.expect("an answer");
            tokio::time::sleep(Duration::from_millis(1_050)).await;
            if let Some(line) = self.lines.try_iter().find(|line| line.contains(wanted)) {
                return line;
            }
        }
        panic!("no line with {wanted}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn the_curl_lines() {
    if Command::new("curl").arg("--version").output().is_err() {
        return skip("curl is not installed");
    }
    let guide = guide();
    let (_, block) = blocks(&guide, "sh").into_iter().next().expect("a block");
    let data = TempDir::new().expect("a folder");
    let server = Server::start(data.path(), &[SLOW]);
    let block = block.replace("\\\n", " ").replace("http://127.0.0.1:3000", &server.url);
    let commands: Vec<&str> = block.lines().filter(|line| line.starts_with("curl ")).collect();
    let [query, vote, events] = commands[..] else { panic!("{commands:?}") };
    let play = |command: &str| -> Value {
        let output = Command::new("sh").args(["-c", command]).output().expect("a shell");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{command}: {output:?}"))
    };
    assert!(play(query)["data"]["randomFilm"]["name"].is_string());
    // At once after the film, so that it is refused and waits.
    assert_eq!(play(vote)["data"]["like"], json!({ "name": "Frozen", "likes": 1 }));
    assert!(refusals(&server) > 0, "it waited");
    let events = Running::start("sh", &["-c", &format!("exec {events}")]);
    let line = events.line_after_votes(&server, 1, "data:").await;
    let film: Value = serde_json::from_str(line.trim_start_matches("data:")).expect("JSON");
    assert_eq!(film["id"], 1);
}

#[tokio::test]
async fn the_python_lines() {
    if Command::new("python3").arg("--version").output().is_err() {
        return skip("python3 is not installed");
    }
    let guide = guide();
    let [(_, script)] = &blocks(&guide, "python")[..] else { panic!("one block") };
    let data = TempDir::new().expect("a folder");
    let server = Server::start(data.path(), &[SLOW]);
    let script = script.replace("http://127.0.0.1:3000", &server.url);
    let python = Running::start("python3", &["-c", &script]);
    let liked = python.line();
    assert!(liked.contains("'likes': 1"), "{liked}");
    assert!(refusals(&server) > 0, "the vote waited");
    let voted = reqwest::get(format!("{}/v1/films?minVotes=1", server.url)).await.expect("an answer");
    let voted: Value = voted.json().await.expect("JSON");
    let id = voted["films"][0]["id"].as_u64().expect("an id");
    let told = python.line_after_votes(&server, id, "'likes'").await;
    assert!(told.contains(&format!("'id': {id}")), "{told}");
}
