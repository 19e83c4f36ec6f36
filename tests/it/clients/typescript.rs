//! Apollo Client 4 with types of graphql-codegen.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{SLOW, assert_all_once, id, refusals, root};
use crate::support::{Server, skip};

const FOLDER: &str = "tests/clients/typescript";

/// A copy of the client beside a copy of the schema, so that nothing is generated into the sources. None where it cannot
/// be built.
struct Project {
    folder: TempDir,
}

impl Project {
    fn copy() -> Option<Self> {
        let source = root().join(FOLDER);
        if !source.join("node_modules/@apollo/client").is_dir() {
            skip(&format!("{FOLDER} is not installed; make test does it, where npm is there"));
            return None;
        }
        let version = Command::new("node").arg("--version").output().expect("node runs").stdout;
        let version = String::from_utf8(version).expect("UTF-8");
        let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
        if major.is_none_or(|major: u32| major < 20) {
            skip(&format!("the TypeScript client needs Node 20 or later, not {version}"));
            return None;
        }
        let project = Self { folder: TempDir::new().expect("a folder") };
        let copy = project.path();
        std::fs::create_dir_all(copy.join("src")).expect("a folder");
        symlink(source.join("node_modules"), copy.join("node_modules")).expect("a link");
        for file in ["package.json", "codegen.ts", "tsconfig.json"] {
            std::fs::copy(source.join(file), copy.join(file)).expect(file);
        }
        for file in std::fs::read_dir(source.join("src")).expect("sources") {
            let file = file.expect("a file");
            if file.file_type().expect("a type").is_file() {
                std::fs::copy(file.path(), copy.join("src").join(file.file_name())).expect("a copy");
            }
        }
        std::fs::copy(root().join("schema.graphql"), project.schema()).expect("a schema");
        Some(project)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(FOLDER)
    }

    fn schema(&self) -> PathBuf {
        self.folder.path().join("schema.graphql")
    }

    fn change_schema(&self, from: &str, to: &str) {
        let schema = std::fs::read_to_string(self.schema()).expect("a schema");
        assert!(schema.contains(from), "no {from}");
        std::fs::write(self.schema(), schema.replace(from, to)).expect("a schema");
    }

    /// Generates the types and compiles.
    fn build(&self) -> Output {
        let build = Command::new("npm").args(["run", "build"]).current_dir(self.path()).output();
        build.expect("npm runs")
    }

    #[track_caller]
    fn run(&self, script: &str, argument: &str) -> String {
        let script = Path::new("dist").join(script);
        let output = Command::new("node")
            .arg(script)
            .arg(argument)
            .current_dir(self.path())
            .output()
            .expect("node runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }
}

fn told(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

#[tokio::test]
async fn the_client_does_all_that_there_is_under_the_default_limits() {
    let Some(project) = Project::copy() else { return };
    let built = project.build();
    assert!(built.status.success(), "{}", told(&built));
    let data = TempDir::new().expect("a folder");
    let server = Server::start(data.path(), &[]);
    let saw: Value = serde_json::from_str(&project.run("tour.js", &server.url)).expect("JSON");

    assert!(saw["random"]["name"].is_string());
    let western = &saw["western"];
    assert!(western["genres"].as_array().expect("genres").contains(&json!("Western")), "{western}");
    assert_eq!((&saw["liked"]["id"], &saw["liked"]["likes"]), (&json!("1"), &json!(1)));
    assert_eq!((&saw["disliked"]["id"], &saw["disliked"]["dislikes"]), (&json!("2"), &json!(1)));
    assert_eq!(saw["added"]["name"], "Night Train");

    assert_eq!(saw["again"]["code"], "FILM_EXISTS");
    assert_eq!(saw["unknown"]["code"], "FILM_NOT_FOUND");
    assert_eq!(saw["nobody"]["code"], "FILM_NOT_FOUND");
    assert_eq!(saw["invalid"]["code"], "INVALID_INPUT");
    let pointers: Vec<&Value> =
        saw["invalid"]["fields"].as_array().expect("fields").iter().map(|fault| &fault["pointer"]).collect();
    assert_eq!(pointers, ["/name", "/studio", "/year"]);
    assert_eq!(
        (&saw["tooEarly"]["code"], &saw["tooEarly"]["retryAfter"]),
        (&json!("RATE_LIMITED"), &json!(1))
    );
    assert_eq!(saw["patient"]["likes"], 2, "once, though it was refused first");

    assert_all_once(saw["walked"].as_array().expect("films").iter().map(id).collect());
    assert_eq!(saw["voted"]["id"], "3");
    assert_eq!(saw["announced"]["studio"], "Kadr");

    assert_eq!(server.film(1).await["likes"], 2);
    assert_eq!(server.film(2).await["dislikes"], 1);
    assert!(saw["voted"]["likes"].as_u64() <= server.film(3).await["likes"].as_u64());
    assert!(refusals(&server) > 1, "by votes and by pages");
}

#[tokio::test]
async fn the_sample_votes_and_sees_the_vote() {
    let Some(project) = Project::copy() else { return };
    assert!(project.build().status.success());
    let data = TempDir::new().expect("a folder");
    let server = Server::start(data.path(), &[SLOW]);
    let told = project.run("sample.js", &format!("{}/graphql", server.url));
    assert_eq!(told.lines().nth(1), Some("1 likes"), "{told}");
    assert!(refusals(&server) > 0, "it waited");
}

/// What graphql-codegen writes beside the types (`persistedDocuments`) is the server's list of trusted documents.
#[tokio::test]
async fn apollo_asks_by_the_hashes_of_the_code_generator_where_nothing_else_is_trusted() {
    let Some(project) = Project::copy() else { return };
    let built = project.build();
    assert!(built.status.success(), "{}", told(&built));
    let data = TempDir::new().expect("a folder");
    let manifest = project.path().join("src/gql/persisted-documents.json");
    let variables = [("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_GRAPHQL__TRUSTED_MODE", "only")];
    let more = [("FILMGATE_GRAPHQL__TRUSTED_DOCUMENTS", manifest.to_string_lossy().into_owned())];
    let server = Server::start_with(data.path(), &variables, &more);
    let saw = project.run("trusted.js", &format!("{}/graphql", server.url));
    let saw: Value = serde_json::from_str(&saw).expect("JSON");
    assert_eq!((&saw["film"], &saw["byHash"]), (&json!("620"), &json!(true)));
    assert_eq!((&saw["liked"]["id"], &saw["liked"]["likes"]), (&json!("620"), &json!(1)));
    assert_eq!(saw["again"], 2);
    assert_eq!(saw["other"], "DOCUMENT_NOT_TRUSTED");
}

#[test]
fn a_schema_that_changed_under_the_client_does_not_build() {
    let Some(project) = Project::copy() else { return };
    // A field that an operation asks for: the code generator sees it.
    project.change_schema("\tlikes: Int!", "\tvotesFor: Int!");
    let output = project.build();
    assert!(!output.status.success());
    assert!(told(&output).contains("Cannot query field \"likes\" on type \"Film\""), "{}", told(&output));
    // A field that only the code names: the compiler sees it.
    project.change_schema("\tvotesFor: Int!", "\tlikes: Int!");
    project.change_schema(
        "\tstudio: String!\n\t\"\"\"\n\tFrom 1888",
        "\tcompany: String!\n\t\"\"\"\n\tFrom 1888",
    );
    let output = project.build();
    assert!(!output.status.success());
    assert!(told(&output).contains("'studio' does not exist in type 'AddFilmInput'"), "{}", told(&output));
}
