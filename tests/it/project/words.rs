//! One word for one thing: what a thing is not to be called, no name in `src` says.

use std::collections::BTreeSet;
use std::path::Path;

use super::architecture::{code, files};

/// Words that no name may have as a part, whatever it names.
const WORDS: [&str; 16] = [
    "door",
    "doors",
    "hall",
    "verb",
    "act",
    "acts",
    "bill",
    "due",
    "toll",
    "visit",
    "visitor",
    "payer",
    "shown",
    "bare",
    "cutter",
    "fragments",
];

/// Parts that stand one after the other.
const PAIRS: [(&str, &str); 1] = [("catalogue", "state")];

/// Names that are not ours, and where they may stand: the traits by which serde and tracing hand over what they
/// read, with their methods, and GraphQL's own word for a part of a document.
const EXEMPT: [(&str, &[&str], &[&str]); 3] = [
    (
        "serde",
        &["src/service/json_object.rs", "src/transfer/json_rows.rs"],
        &[
            "Visitor",
            "ArrayVisitor",
            "visit_unit",
            "visit_i64",
            "visit_u64",
            "visit_f64",
            "visit_bool",
            "visit_str",
            "visit_seq",
            "visit_map",
        ],
    ),
    (
        "GraphQL",
        &[
            "src/graphql/document/arguments.rs",
            "src/graphql/document/measure.rs",
            "src/graphql/document/merging.rs",
            "src/graphql/document/messages.rs",
            "src/graphql/document/normalise.rs",
            "src/graphql/document/tests/bounds.rs",
            "src/graphql/document/tests/mod.rs",
            "src/graphql/document/tests/shapes.rs",
            "src/graphql/price.rs",
        ],
        &["fragments"],
    ),
    ("tracing", &["src/telemetry/lines.rs"], &["Visit"]),
];

/// `standing` is how a client stands in a window, and may be said where that is told.
const STANDING: [&str; 7] = [
    "src/limits/",
    "src/quotas.rs",
    "src/http/context.rs",
    "src/rest/dto.rs",
    "src/rest/rate_limit.rs",
    "src/graphql/schema/types.rs",
    "src/graphql/schema/query.rs",
];

/// Code without what stands in quotes and in comments at the end of a line.
fn unquoted(code: &str) -> String {
    let mut plain = String::new();
    let mut rest = code;
    while let Some(place) = rest.find(['"', '/', '\'']) {
        let (before, from) = rest.split_at(place);
        plain += before;
        rest = if from.starts_with("//") {
            from.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(within) = from.strip_prefix('"') {
            let hashes = before.len() - before.trim_end_matches('#').len();
            let is_raw = before.trim_end_matches('#').ends_with('r');
            if is_raw {
                within.split_once(&format!("\"{}", "#".repeat(hashes))).map_or("", |(_, after)| after)
            } else {
                let mut is_escaped = false;
                let end = within.find(|character| {
                    let is_end = character == '"' && !is_escaped;
                    is_escaped = character == '\\' && !is_escaped;
                    is_end
                });
                end.map_or("", |end| &from[end + 2..])
            }
        } else if from.starts_with("'\"'") || from.starts_with("'\\") {
            // A character, which may be a quotation mark.
            from[2..].split_once('\'').map_or("", |(_, after)| after)
        } else {
            plain.push(' ');
            &from[1..]
        };
        plain.push(' ');
    }
    plain + rest
}

/// `FilmService`, `film_service` and `FILM_SERVICE` are `film` and `service`.
fn parts(name: &str) -> Vec<String> {
    let mut all = Vec::new();
    for part in name.split('_') {
        let mut word = String::new();
        let mut was_small = false;
        for character in part.chars() {
            if character.is_uppercase() && was_small {
                all.push(std::mem::take(&mut word));
            }
            was_small = !character.is_uppercase();
            word.extend(character.to_lowercase());
        }
        all.push(word);
    }
    all
}

/// The words in a name of this file that it must not have.
fn wrong<'a>(file: &str, name: &'a str) -> Option<&'a str> {
    let is_exempt = EXEMPT.iter().any(|(_, files, names)| files.contains(&file) && names.contains(&name));
    let parts = parts(name);
    let is_wrong = parts.iter().any(|part| WORDS.contains(&part.as_str()))
        || parts.windows(2).any(|pair| PAIRS.contains(&(pair[0].as_str(), pair[1].as_str())))
        || (parts.iter().any(|part| part == "standing" || part == "standings")
            && !STANDING.iter().any(|place| file.starts_with(place)));
    (is_wrong && !is_exempt).then_some(name)
}

#[test]
fn no_name_says_what_its_thing_is_not_called() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    files(&root.join("src"), &mut found);
    let mut broken = BTreeSet::new();
    let mut count = 0;
    for path in found {
        let file = path.strip_prefix(root).expect("a file of ours").to_str().expect("a text");
        let code = unquoted(&code(&path));
        let names = code.split(|character: char| !character.is_alphanumeric() && character != '_');
        let of_path = file.trim_end_matches(".rs").split('/');
        for name in names.chain(of_path) {
            count += 1;
            broken.extend(wrong(file, name).map(|name| format!("{file}: {name}")));
        }
    }
    assert!(count > 50_000, "{count} names");
    let broken: Vec<String> = broken.into_iter().collect();
    assert!(broken.is_empty(), "names with words that the style forbids:\n{}", broken.join("\n"));
}

#[test]
fn a_wrong_word_is_seen() {
    for name in
        ["door", "Door", "open_doors", "DOOR_OF", "TwoDoors", "is_due", "CatalogueState", "act", "Visitor"]
    {
        assert_eq!(wrong("src/rest/films.rs", name), Some(name));
    }
    for name in
        ["action", "indoors", "factor", "billing", "CatalogueStatement", "active", "standard", "abstract"]
    {
        assert_eq!(wrong("src/rest/films.rs", name), None);
    }
    assert_eq!(wrong("src/service/json_object.rs", "Visitor"), None);
    assert_eq!(wrong("src/limits/limiter.rs", "Standing"), None);
    assert_eq!(wrong("src/rest/films.rs", "Standing"), Some("Standing"));
    let code =
        "let a = \"door \\\" hall\"; // verb\nlet c = '\"'; r#\"toll \" bill\"#; fn f<'a>(visit: &'a str) {}";
    let plain = unquoted(code);
    for word in ["door", "hall", "verb", "toll", "bill"] {
        assert!(!plain.contains(word), "{plain}");
    }
    assert!(plain.contains("let a") && plain.contains("let c") && plain.contains("visit"), "{plain}");
}
