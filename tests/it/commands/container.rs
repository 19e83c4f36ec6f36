//! The container files against the code. No engine runs them here, so everything in them that can be compared is.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use filmgate::config::Config;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Server, skip};

const BINARY: &str = "/usr/local/bin/filmgate";
const USER: u32 = 65_532;
/// Made anew by the build.
const OF_THIS_MACHINE: [&str; 2] = ["playground/dist", "playground/node_modules"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).expect(file)
}

/// Instruction and arguments, in order: no comments, and what is continued is one line.
fn dockerfile() -> Vec<(String, String)> {
    let text = read("Dockerfile");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let lines = joined.lines().filter_map(|line| line.trim().split_once(' '));
    lines.map(|(name, arguments)| (name.to_owned(), arguments.trim().to_owned())).collect()
}

/// The arguments of all instructions of this name.
fn all(name: &str) -> Vec<String> {
    dockerfile().into_iter().filter(|(known, _)| known == name).map(|(_, arguments)| arguments).collect()
}

#[track_caller]
fn only(name: &str) -> String {
    let mut found = all(name);
    assert_eq!(found.len(), 1, "{name}: {found:?}");
    found.remove(0)
}

fn list(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// `NAME=value NAME="value"`, one on each line, as a map.
fn pairs(arguments: &str) -> BTreeMap<String, String> {
    let pairs = arguments.split("  ").filter_map(|pair| pair.trim().split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned())).collect()
}

fn compose() -> Value {
    serde_saphyr::from_str(&read("compose.yaml")).expect("YAML")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}")).iter().map(text).collect()
}

const FILMGATES: [&str; 3] = ["filmgate1", "filmgate2", "filmgate3"];

/// The variables of the image, with those of a filmgate on top.
fn variables_of_the_service() -> BTreeMap<String, String> {
    let mut variables = pairs(&only("ENV"));
    for (name, value) in compose()["services"]["filmgate1"]["environment"].as_object().expect("variables") {
        variables.insert(name.clone(), interpolate(text(value)));
    }
    variables
}

/// `${NAME:?why}`: the one form that is used, because a password has no default.
fn interpolate(value: &str) -> String {
    let Some((before, rest)) = value.split_once("${") else {
        return value.to_owned();
    };
    let (variable, after) = rest.split_once('}').expect("an end");
    assert!(variable.starts_with("POSTGRES_PASSWORD:?"), "{variable}");
    format!("{before}s3cret{}", interpolate(after))
}

#[track_caller]
fn assert_accepted(variables: &BTreeMap<String, String>) {
    for name in variables.keys() {
        let key = name.strip_prefix("FILMGATE_").expect("a prefix").to_ascii_lowercase().replace("__", ".");
        assert!(Config::setting(&key).is_some(), "{name} is not a key");
    }
    let folder = TempDir::new().expect("a folder");
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let output = Server::output(folder.path(), &["config", "check"], &variables);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Whether a path reaches the build. The last rule that names it, or a folder above it, decides.
fn reaches_the_build(path: &str) -> bool {
    let rules = read(".dockerignore");
    let mut reaches = true;
    for rule in rules.lines().map(str::trim).filter(|rule| !rule.is_empty() && !rule.starts_with('#')) {
        let (wanted, pattern) = rule.strip_prefix('!').map_or((false, rule), |pattern| (true, pattern));
        assert!(
            pattern == "*" || !pattern.contains(['*', '?', '[']),
            "a rule that this reader knows: {rule}"
        );
        if pattern == "*" || Path::new(path).starts_with(pattern) {
            reaches = wanted;
        }
    }
    reaches
}

/// What the stages copy from the repository.
fn copied() -> Vec<String> {
    let mut sources = Vec::new();
    for copy in all("COPY").into_iter().filter(|copy| !copy.starts_with("--from")) {
        let words: Vec<&str> = copy.split(' ').collect();
        sources.extend(words[..words.len() - 1].iter().map(|word| (*word).to_owned()));
    }
    sources
}

/// What of it reaches the build.
fn files(path: &Path, found: &mut Vec<PathBuf>) {
    let name = path.strip_prefix(root()).expect("a path of ours").to_str().expect("a name");
    if !reaches_the_build(name) {
        assert!(OF_THIS_MACHINE.contains(&name), "{name} is ignored");
        return;
    }
    if path.is_file() {
        return found.push(path.to_owned());
    }
    for entry in std::fs::read_dir(path).expect("a folder") {
        files(&entry.expect("an entry").path(), found);
    }
}

#[test]
fn everything_that_the_build_needs_is_copied_and_nothing_else_reaches_it() {
    let folder = TempDir::new().expect("a folder");
    let mut found = Vec::new();
    for source in copied() {
        assert!(root().join(&source).exists(), "{source} is copied and does not exist");
        files(&root().join(&source), &mut found);
    }
    for file in &found {
        let name = file.strip_prefix(root()).expect("a file of ours");
        let copy = folder.path().join(name);
        std::fs::create_dir_all(copy.parent().expect("a folder")).expect("a folder");
        std::fs::copy(file, copy).expect("a copy");
    }
    // A member of which only the manifest is copied stays empty.
    for command in all("RUN").iter().flat_map(|run| run.split("&&")) {
        for file in command.trim().strip_prefix("touch ").into_iter().flat_map(str::split_whitespace) {
            let file = folder.path().join(file);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            std::fs::OpenOptions::new().create(true).append(true).open(file).expect("a file");
        }
    }
    // The manifests hold together with what was copied: every member, target and locked version is there.
    let cargo = Command::new(env!("CARGO"))
        .args(["tree", "--workspace", "--edges", "normal,build", "--locked", "--offline"])
        .current_dir(folder.path())
        .output()
        .expect("cargo runs");
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    // So does what the code takes in at compile time.
    let mut taken_in = 0;
    for file in found.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
        let code = std::fs::read_to_string(file).expect("a file");
        for opening in ["include_str!(\"", "include_bytes!(\""] {
            for (place, _) in code.match_indices(opening) {
                let name = code[place + opening.len()..].split('"').next().expect("a name");
                let copy = folder
                    .path()
                    .join(file.strip_prefix(root()).expect("ours"))
                    .with_file_name("")
                    .join(name);
                assert!(copy.is_file(), "{} takes in {name}, which is not copied", file.display());
                taken_in += 1;
            }
        }
    }
    assert!(taken_in >= 1, "{taken_in}");
    for path in
        [".git/config", ".env", "filmgate.db", "filmgate.toml", "target/release/filmgate", "tests/it/main.rs"]
            .into_iter()
            .chain(OF_THIS_MACHINE)
    {
        assert!(!reaches_the_build(path), "{path}");
    }
    // And what the build script takes in, once with what the stage of the pages hands over and once without.
    let script = folder.path().join("build-script");
    let rustc = Command::new("rustc")
        .args(["--edition", "2024", "-o"])
        .arg(&script)
        .arg(folder.path().join("build.rs"))
        .status();
    assert!(rustc.expect("rustc runs").success());
    let dist = folder.path().join("playground/dist");
    for pages in [false, true] {
        if pages {
            std::fs::create_dir(&dist).expect("a folder");
            for page in ["index.html", "rest.html", "films.html"] {
                std::fs::write(dist.join(page), page).expect("a file");
            }
        }
        let output = Command::new(&script)
            .env("CARGO_MANIFEST_DIR", folder.path())
            .env("OUT_DIR", folder.path())
            .output()
            .expect("the script runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let table = std::fs::read_to_string(folder.path().join("pages.rs")).expect("a table");
        assert!(table.contains("basic.html"));
        assert_eq!(table.contains("films.html"), pages, "{table}");
    }
}

#[test]
fn the_builder_is_no_older_than_the_code_and_no_newer_than_the_final_image() {
    let from = all("FROM");
    let (pages, builder, last) = (&from[0], &from[1], &from[2]);
    assert_eq!(from.len(), 3);
    let version = |text: &str| -> Vec<u32> {
        text.split('.').map(|part| part.parse().unwrap_or_else(|_| panic!("{text}"))).collect()
    };
    let rust =
        builder.strip_prefix("rust:").and_then(|tag| tag.split('-').next()).expect("a version of Rust");
    assert!(version(rust) >= version(env!("CARGO_PKG_RUST_VERSION")), "{rust}");
    let node = pages.strip_prefix("node:").and_then(|tag| tag.split('-').next()).expect("a version of Node");
    assert!(version(node) >= vec![22, 12], "what Vite takes: {node}");
    let handed_over = format!("--from=pages {}/dist playground/dist", all("WORKDIR")[0]);
    assert!(all("COPY").contains(&handed_over), "{handed_over}");
    assert!(builder.contains("-trixie ") && last.ends_with("-debian13"), "two names of one Debian: {from:?}");
    assert!(
        all("RUN").iter().all(|run| run.matches("cargo build").count() == run.matches("--locked").count())
    );
    let labels = pairs(&only("LABEL"));
    assert_eq!(labels["org.opencontainers.image.version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(labels["org.opencontainers.image.description"], env!("CARGO_PKG_DESCRIPTION"));
    assert_eq!(labels["org.opencontainers.image.licenses"], env!("CARGO_PKG_LICENSE"));
}

#[test]
fn every_command_and_flag_exists() {
    let folder = TempDir::new().expect("a folder");
    let mut commands = vec![
        [list(&only("ENTRYPOINT")), list(&only("CMD"))].concat(),
        list(only("HEALTHCHECK").split_once("CMD ").expect("a command").1),
    ];
    assert!(commands.iter().all(|command| command[0] == BINARY), "{commands:?}");
    assert!(all("COPY").iter().any(|copy| copy.ends_with(&format!("/dist/filmgate {BINARY}"))));
    assert_eq!(only("STOPSIGNAL"), "SIGTERM");
    // Between backticks, on one line.
    let document = read("docs/container.md");
    for code in document.split('`').skip(1).step_by(2).filter(|code| !code.contains('\n')) {
        if let Some((_, command)) = code.rsplit_once("filmgate ") {
            commands.push(format!("filmgate {command}").split(' ').map(str::to_owned).collect());
        }
    }
    assert!(commands.len() >= 4, "{commands:?}");
    for command in &commands {
        // Whatever is unknown is refused before help is given.
        let arguments: Vec<&str> = command[1..].iter().map(String::as_str).chain(["--help"]).collect();
        let output = Server::output(folder.path(), &arguments, &[]);
        assert_eq!(output.status.code(), Some(0), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(Server::output(folder.path(), &["fly", "--help"], &[]).status.code(), Some(2));
}

#[test]
fn every_variable_is_a_key_and_its_value_is_accepted() {
    // The image alone is refused, as it should be, and says what is missing.
    let image = pairs(&only("ENV"));
    let folder = TempDir::new().expect("a folder");
    let variables: Vec<(&str, &str)> =
        image.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let output = Server::output(folder.path(), &["config", "check"], &variables);
    assert!(String::from_utf8_lossy(&output.stderr).contains("tls.mode"));
    assert_eq!(output.status.code(), Some(2));

    assert_accepted(&variables_of_the_service());
    let document = read("docs/container.md");
    let with = |settings: &[(&str, &str)]| {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        assert_accepted(&image.clone().into_iter().chain(settings).collect());
    };
    let (block, inline): (Vec<&str>, Vec<&str>) = document
        .lines()
        .filter(|line| line.contains("FILMGATE_"))
        .partition(|line| line.starts_with("FILMGATE_"));
    let block: Vec<(&str, &str)> = block.iter().filter_map(|line| line.split_once('=')).collect();
    assert_eq!(block.len(), 3, "{block:?}");
    with(&block);
    let words = inline.iter().flat_map(|line| line.split([' ', '`', '*', ';', ','])).collect::<Vec<_>>();
    let inline: Vec<(&str, &str)> = words
        .iter()
        .filter(|word| word.starts_with("FILMGATE_"))
        .filter_map(|word| word.split_once('='))
        .collect();
    assert!(inline.len() >= 3, "{inline:?}");
    for setting in inline {
        with(&[("FILMGATE_TLS__MODE", "off"), setting]);
    }
}

#[test]
fn files_and_defaults_agree() {
    let (compose, config) = (compose(), Config::default());
    let services = &compose["services"];
    let [proxy, service, postgres, redis] =
        ["proxy", "filmgate1", "postgres", "redis"].map(|name| &services[name]);
    let image = pairs(&only("ENV"));
    let port = config.listen.port().to_string();
    assert_eq!(only("EXPOSE"), port);
    assert_eq!(image["FILMGATE_LISTEN"], format!("0.0.0.0:{port}"));
    let published = format!("127.0.0.1:{port}:{port}");
    assert_eq!(texts(&proxy["ports"]), [published.as_str()], "on loopback only");
    let every = services.as_object().expect("services");
    let is_published = |service: &&Value| service.get("ports").is_some();
    assert_eq!(every.values().filter(is_published).count(), 1, "and nothing else");

    let volume = only("VOLUME");
    assert!(image["FILMGATE_DATABASE_URL"].starts_with(&format!("sqlite://{volume}/")));
    let user = format!("{USER}:{USER}");
    assert_eq!(only("USER"), user);
    assert!(all("COPY").contains(&format!("--from=build --chown={user} {volume} {volume}")));
    // `COPY` and `RUN` of the first stage stand in a folder of their own.
    let workdir = all("WORKDIR").pop().expect("a folder");
    let document = read("docs/container.md");
    assert!(document.contains(&format!("`{workdir}/filmgate.toml`")));
    assert!(!Path::new(&workdir).starts_with(&volume), "what is written and what is read are apart");
    assert!(document.contains(&format!("-v filmgate:{volume} -p {published} -e FILMGATE_TLS__MODE=off")));
    assert!(document.contains("Untested: written and checked against the code, not run."));

    let seconds = |text: &str| text.trim_end_matches('s').parse::<u64>().expect("seconds");
    let least = config.http.drain_timeout + 2;
    assert!(seconds(text(&service["stop_grace_period"])) >= least);
    let documented =
        document.split_once("--stop-timeout ").and_then(|(_, rest)| rest.split([' ', '\n']).next());
    assert!(seconds(documented.expect("a time")) >= least);
    assert_eq!(service["read_only"], true);
    assert!(texts(&service["tmpfs"]).contains(&"/tmp"));
    for service in every.values() {
        assert_eq!(texts(&service["cap_drop"]), ["ALL"]);
        assert_eq!(texts(&service["security_opt"]), ["no-new-privileges:true"]);
        assert!(service["restart"].is_string());
    }
    assert!(service.get("cap_add").is_none() && service.get("user").is_none());

    // Three that are alike, of which one builds.
    assert_eq!(service["build"], ".");
    let mut built = service.clone();
    built.as_object_mut().expect("a service").remove("build");
    for name in &FILMGATES[1..] {
        assert_eq!(services[name], built, "{name}");
    }
    // The proxy: its file is the one that is tested, its variables are that file's, and it alone is believed.
    assert_eq!(texts(&proxy["volumes"]), ["./docs/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro"]);
    let file = read("docs/haproxy.cfg");
    let variables = proxy["environment"].as_object().expect("variables");
    for (name, value) in variables {
        assert!(file.contains(&format!("\"${name}\"")), "{name}");
        let number = name.trim_start_matches("FILMGATE_").parse::<usize>();
        let wanted = number.map_or(format!(":{port}"), |n| format!("{}:{port}", FILMGATES[n - 1]));
        assert_eq!(value, &wanted);
    }
    assert_eq!(file.matches("\"$FILMGATE_").count(), variables.len());
    for name in FILMGATES {
        assert_eq!(proxy["depends_on"][name]["condition"], "service_healthy");
    }
    let ours = variables_of_the_service();
    assert_eq!(ours["FILMGATE_TRUSTED_PROXIES"], text(&proxy["networks"]["front"]["ipv4_address"]));
    let subnet: ipnet::IpNet =
        text(&compose["networks"]["front"]["ipam"]["config"][0]["subnet"]).parse().expect("a network");
    let proxy_address: std::net::IpAddr = ours["FILMGATE_TRUSTED_PROXIES"].parse().expect("an address");
    assert!(subnet.contains(&proxy_address));
    // The filmgates start first, and must not be given it.
    let given: ipnet::IpNet =
        text(&compose["networks"]["front"]["ipam"]["config"][0]["ip_range"]).parse().expect("a network");
    assert!(subnet.contains(&given) && !given.contains(&proxy_address));
    // The drain is longer than the proxy takes to see that it has begun: a check and its timeout.
    let check = file.split("check inter ").nth(1).and_then(|rest| rest.split("ms").next()).expect("a time");
    let delay = ours["FILMGATE_HTTP__DRAIN_DELAY"].parse::<u64>().expect("seconds") * 1_000;
    assert!(delay >= 10 * check.parse::<u64>().expect("milliseconds"), "{check}");
    assert!(delay < config.http.drain_timeout * 1_000);
    assert!(file.contains("GET /health/ready") && file.contains("option forwardfor"));
    // Redis: on their network alone, without a disk, and forgetting nobody.
    assert_eq!(ours["FILMGATE_LIMITS__STORAGE"], "redis://redis:6379/0");
    assert!(texts(&redis["command"]).windows(2).any(|two| two == ["--maxmemory-policy", "noeviction"]));
    for inner in [redis, postgres] {
        assert_eq!(texts(&inner["networks"]), ["storage"]);
    }
    assert_eq!(compose["networks"]["storage"]["internal"], true);

    // The database: the same name, user and password on both sides, and none of them in the file.
    assert_eq!(service["depends_on"]["postgres"]["condition"], "service_healthy");
    assert!(postgres["healthcheck"]["test"].is_array());
    let setting = |name: &str| interpolate(text(&postgres["environment"][name]));
    assert_eq!(
        variables_of_the_service()["FILMGATE_DATABASE_URL"],
        format!(
            "postgres://{}:{}@postgres:5432/{}",
            setting("POSTGRES_USER"),
            setting("POSTGRES_PASSWORD"),
            setting("POSTGRES_DB")
        )
    );
    let version = text(&postgres["image"]).strip_prefix("postgres:").and_then(|tag| tag.parse::<u32>().ok());
    // From 18 on the image keeps its data elsewhere.
    assert!((15..18).contains(&version.expect("a version")));
    assert_eq!(texts(&postgres["volumes"]), ["postgres:/var/lib/postgresql/data"]);
    assert!(compose["volumes"].get("postgres").is_some());
}

/// As near to the container as this machine allows: its user without any right, exactly its variables, and a working
/// folder in which that user may write nothing. Only the port and the place of the volume are the test's own.
#[test]
fn the_image_s_user_and_variables_are_enough_and_only_the_volume_is_written_to() {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    if id.stdout != b"0\n" || Command::new("setpriv").arg("--version").output().is_err() {
        return skip("setpriv and root are needed to become another user");
    }
    let folder = TempDir::new().expect("a folder");
    let place = |name: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir(&path).expect("a folder");
        path
    };
    let (volume, workdir) = (place("data"), place("workdir"));
    chown(&volume, Some(USER), Some(USER)).expect("a volume of its own");
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("open to all");
    let binary = folder.path().join("filmgate");
    std::fs::copy(env!("CARGO_BIN_EXE_filmgate"), &binary).expect("a copy");

    let mut variables = pairs(&only("ENV"));
    let url = variables["FILMGATE_DATABASE_URL"].replace(&only("VOLUME"), volume.to_str().expect("a path"));
    variables.insert("FILMGATE_DATABASE_URL".to_owned(), url);
    variables.insert("FILMGATE_LISTEN".to_owned(), "0.0.0.0:0".to_owned());
    variables.insert("FILMGATE_TLS__MODE".to_owned(), "off".to_owned());
    let ids = [format!("--reuid={USER}"), format!("--regid={USER}")];
    let mut server = Command::new("setpriv")
        .args(ids)
        .args(["--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"])
        .arg(&binary)
        .args(list(&only("CMD")))
        .current_dir(&workdir)
        .env_clear()
        .envs(&variables)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("setpriv runs");
    let mut greeting = BufReader::new(server.stdout.take().expect("standard output"));
    let mut line = String::new();
    greeting.read_line(&mut line).expect("a greeting");
    let stopped = Command::new("kill").arg(server.id().to_string()).status().expect("kill runs");
    let ended = server.wait().expect("an end");
    assert!(line.contains("620 films"), "{line:?}");
    assert!(stopped.success() && ended.success(), "{ended}");
    assert!(volume.join("filmgate.db").is_file());
    assert_eq!(std::fs::read_dir(&workdir).expect("a folder").count(), 0);
}
