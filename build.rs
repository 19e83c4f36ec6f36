//! Puts the files of the pages into a table for `src/playground`. It never builds them: that is `make pages`.
//!
//! Own rather than a crate that embeds a folder: cargo must be told anyway when `playground/dist` comes and goes, and
//! a file that has a compressed twin is left out itself, which depends on its neighbours and not on its name.

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Without one of them, the folder is taken for a build that broke off.
const PAGES: [&str; 3] = ["index.html", "rest.html", "films.html"];

/// A line of the small page that has this stands only where there are no other pages.
const WITHOUT_PAGES: &str = "class=\"no-pages\"";

fn main() -> Result<()> {
    // `cargo run` hands it on, and what begins with FILMGATE_ is taken for a setting.
    println!("cargo::rustc-env=BUILD_VERSION={}", version()?);
    let playground = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?).join("playground");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let (basic, dist) = (playground.join("basic"), playground.join("dist"));
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", basic.display());
    // A path that is missing would make every build a new one. So a dist that may come is watched by its parent, which
    // is small as long as npm was not there.
    println!("cargo::rerun-if-changed={}", if dist.is_dir() { &dist } else { &playground }.display());

    let mut table = Table::default();
    let page = fs::read_to_string(basic.join("index.html"))?;
    let mut with_pages = String::new();
    for line in page.lines().filter(|line| !line.contains(WITHOUT_PAGES)) {
        writeln!(with_pages, "{line}")?;
    }
    fs::write(out.join("basic.html"), with_pages)?;
    table.add("basic.html", &out.join("basic.html"))?;
    table.add("no-pages.html", &basic.join("index.html"))?;
    table.add("basic.css", &basic.join("basic.css"))?;
    table.add("basic.js", &basic.join("basic.js"))?;
    if PAGES.iter().all(|page| dist.join(page).is_file()) {
        let mut files = Vec::new();
        walk(&dist, &mut files)?;
        files.sort();
        for path in files.iter().filter(|path| !is_twin(path)) {
            let name = path.strip_prefix(&dist)?.to_str().ok_or("a file name that is not UTF-8")?;
            table.add(&name.replace('\\', "/"), path)?;
        }
    }
    fs::write(out.join("pages.rs"), table.code())?;
    Ok(())
}

/// `0.1.0 (commit 2582503)`, where there is a repository, or `GIT_COMMIT` says it, as it must to a container's build.
///
/// A build that is not optimised is not made anew for each commit: it may be of a later one than it says.
fn version() -> Result<String> {
    println!("cargo::rerun-if-env-changed=GIT_COMMIT");
    let version = std::env::var("CARGO_PKG_VERSION")?;
    let told = std::env::var("GIT_COMMIT").ok().filter(|commit| !commit.is_empty());
    // Not that of a repository around an unpacked archive.
    let is_ours = Path::new(".git").exists();
    let found = || is_ours.then(|| git(&["rev-parse", "HEAD"])).flatten();
    let Some(commit) = told.or_else(found) else { return Ok(version) };
    let commit: String = commit.chars().take(12).collect();
    if std::env::var("PROFILE").is_ok_and(|profile| profile != "release") {
        return Ok(format!("{version} (commit {commit} or later)"));
    }
    // The log of HEAD moves with each commit and each checkout; the file is elsewhere in a second work tree.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]).filter(|log| Path::new(log).is_file()) {
        println!("cargo::rerun-if-changed={log}");
    }
    Ok(format!("{version} (commit {commit})"))
}

fn git(arguments: &[&str]) -> Option<String> {
    let output =
        Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { walk(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// `x.js.br` beside `x.js`.
fn is_twin(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "br" || ending == "gz")
        && path.with_extension("").is_file()
}

#[derive(Default)]
struct Table {
    rows: String,
    count: usize,
}

impl Table {
    fn add(&mut self, name: &str, path: &Path) -> Result<()> {
        let mut hasher = DefaultHasher::new();
        fs::read(path)?.hash(&mut hasher);
        let twin = |ending: &str| {
            let twin = PathBuf::from(format!("{}.{ending}", path.display()));
            twin.is_file().then_some(twin)
        };
        let (gzip, brotli) = (twin("gz"), twin("br"));
        let plain = gzip.is_none().then_some(path);
        writeln!(
            self.rows,
            "    File::new({name:?}, \"{:016x}\", {}, {}, {}),",
            hasher.finish(),
            included(plain),
            included(gzip.as_deref()),
            included(brotli.as_deref())
        )?;
        self.count += 1;
        Ok(())
    }

    fn code(&self) -> String {
        format!("static FILES: [File; {}] = [\n{}];\n", self.count, self.rows)
    }
}

fn included(path: Option<&Path>) -> String {
    path.map_or("None".to_owned(), |path| format!("Some(include_bytes!({:?}))", path.display().to_string()))
}
