//! No file of `src` stands in a circle of imports within its folder: each can be read with those below it alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::architecture::{code, files};

/// The modules of `src`, by path (`["service", "films"]`): each with the modules that it imports.
type Graph = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

/// What a module of this path is written in.
type Sources = BTreeMap<Vec<String>, String>;

fn sources() -> Sources {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&src, &mut found);
    let module = |file: &Path| {
        let relative = file.strip_prefix(&src).expect("a file of ours").with_extension("");
        let mut parts: Vec<String> =
            relative.iter().map(|part| part.to_str().expect("a text").to_owned()).collect();
        if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
            parts.pop();
        }
        parts
    };
    found.iter().filter(|file| !file.ends_with("main.rs")).map(|file| (module(file), code(file))).collect()
}

/// The paths of a `use` tree: `crate::{a, b::{c, self}}` is `crate::a`, `crate::b::c` and `crate::b::self`.
fn branches(tree: &str) -> Vec<String> {
    let Some((stem, rest)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut all, mut depth, mut start) = (Vec::new(), 0, 0);
    for (place, character) in inner.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                all.push(&inner[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    all.push(&inner[start..]);
    let all = all.into_iter().filter(|branch| !branch.trim().is_empty());
    all.flat_map(branches).map(|branch| format!("{}{branch}", stem.trim())).collect()
}

/// Every path that code names, in `use` and elsewhere. `pub(in crate::service)` names none.
fn paths(code: &str) -> Vec<String> {
    let code = code.replace("pub(in ", "pub(");
    let mut all = Vec::new();
    let mut rest = String::new();
    for statement in code.split_inclusive(';') {
        let begin = statement.find("use ").filter(|begin| {
            statement[..*begin].trim_end().rsplit(['\n', '}', '{']).next().is_some_and(|before| {
                let before = before.trim();
                before.is_empty() || before.starts_with("pub")
            })
        });
        if let Some(begin) = begin {
            rest += &statement[..begin];
            all.extend(branches(statement[begin + "use ".len()..].trim_end_matches(';')));
        } else {
            rest += statement;
        }
    }
    let is_part = |character: char| character.is_alphanumeric() || "_:".contains(character);
    let words = rest.replace("pub(crate::", "pub(").replace("pub(super::", "pub(");
    all.extend(
        words.split(|character| !is_part(character)).filter(|word| word.contains("::")).map(str::to_owned),
    );
    all
}

/// The module that a path of another leads to: a name that a `mod.rs` hands on is an import of that `mod.rs`.
fn target(path: &str, from: &[String], sources: &Sources) -> Option<Vec<String>> {
    let mut parts = path.split("::").map(str::trim).filter(|part| !part.is_empty()).peekable();
    let mut full = match parts.peek().copied()? {
        "crate" => {
            parts.next();
            Vec::new()
        }
        "self" => {
            parts.next();
            from.to_vec()
        }
        "super" => from.to_vec(),
        child => {
            let path: Vec<String> = from.iter().cloned().chain([child.to_owned()]).collect();
            sources.contains_key(&path).then(|| from.to_vec())?
        }
    };
    while parts.next_if_eq(&"super").is_some() {
        full.pop();
    }
    full.extend(parts.map(str::to_owned));
    while !full.is_empty() && !sources.contains_key(&full) {
        full.pop();
    }
    (full != from).then_some(full)
}

fn graph(sources: &Sources) -> Graph {
    let imports = |(module, code): (&Vec<String>, &String)| {
        let targets = paths(code).iter().filter_map(|path| target(path, module, sources)).collect();
        (module.clone(), targets)
    };
    sources.iter().map(imports).collect()
}

/// The way back to a module by imports of the same folder, the shortest one.
fn circle(start: &Vec<String>, graph: &Graph) -> Option<Vec<String>> {
    let mut ways = vec![vec![start]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let last = way.last().expect("a start");
            for next in graph.get(*last).into_iter().flatten() {
                if next.first() != start.first() {
                    continue;
                }
                if next == start {
                    let names = way.iter().chain([&start]).map(|module| module.join("::"));
                    return Some(names.collect());
                }
                if seen.insert(next) {
                    longer.push(way.iter().copied().chain([next]).collect());
                }
            }
        }
        ways = longer;
    }
    None
}

fn circles(sources: &Sources) -> BTreeSet<String> {
    let graph = graph(sources);
    // What stands in `src` itself is the folder of everything.
    let modules = graph.keys().filter(|module| !module.is_empty());
    modules.filter_map(|module| circle(module, &graph)).map(|circle| circle.join(" -> ")).collect()
}

#[test]
fn no_file_stands_in_an_import_circle_within_its_folder() {
    let sources = sources();
    // What cannot be read cannot be in a circle: so many files are known, and so many imports at least.
    assert!(sources.len() > 200, "{}", sources.len());
    assert!(graph(&sources).values().map(BTreeSet::len).sum::<usize>() > 1_000);
    let circles: Vec<String> = circles(&sources).into_iter().collect();
    assert!(circles.is_empty(), "import circles:\n{}", circles.join("\n"));
}

#[test]
fn a_circle_is_seen() {
    let sources = |files: &[(&str, &str)]| -> Sources {
        let parts = |path: &str| path.split("::").map(str::to_owned).collect::<Vec<_>>();
        files.iter().map(|(path, code)| (parts(path), (*code).to_owned())).collect()
    };
    let found = |files: &[(&str, &str)]| circles(&sources(files)).into_iter().collect::<Vec<_>>().join("; ");

    // Declaring a module is no import of it, handing its names on is one.
    assert_eq!(found(&[("a", "mod b;"), ("a::b", "use super::Type;")]), "");
    let handed_on = found(&[("a", "mod b;\npub use b::Name;"), ("a::b", "use super::Type;")]);
    assert_eq!(handed_on, "a -> a::b -> a; a::b -> a -> a::b");
    // In groups, under another name, in the middle of code, and over three files.
    for code in [
        "use crate::{x, a::{c::{self as other}, e}};",
        "pub(crate) use super::c::Name as Other;",
        "fn f() { super::c::g() }",
        "use std::fmt;\nfn f() -> crate::a::c::Name { todo() }",
    ] {
        let files = [("a", "mod b; mod c; mod d;"), ("a::b", code), ("a::c", "use crate::a::d;")];
        let files = [&files[..], &[("a::d", "use crate::a::b::Name;")]].concat();
        assert!(found(&files).contains("a::b -> a::c -> a::d -> a::b"), "{code}: {}", found(&files));
    }
    // Who may see something imports nothing, and another folder is none of ours.
    assert_eq!(found(&[("a", "mod b;"), ("a::b", "pub(in crate::a) fn f() {}")]), "");
    assert_eq!(found(&[("a", "mod b; use b::X;"), ("a::b", "pub(in crate::a) fn f() {}")]), "");
    assert_eq!(found(&[("a", "use crate::b::X;"), ("b", "use crate::a::Y;")]), "");
}
