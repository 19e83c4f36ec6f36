//! How much a document may be, and how much is kept of documents.
#![expect(clippy::format_collect, clippy::too_many_lines, reason = "documents and tables of tests")]

use serde_json::{Map, Value};

use super::{documents, prepare};
use crate::config::GraphQl;
use crate::graphql::document::{Documents, Refused};
use crate::graphql::schema::sdl;

/// One that everybody uses is kept, whatever number of others comes once.
#[test]
fn many_documents_do_not_wash_out_those_that_are_asked_for_again() {
    let limits = GraphQl { document_cache: 256 * 1024, ..GraphQl::default() };
    let documents = Documents::new(&sdl(), &limits).expect("our own schema");
    let hot: Vec<String> = (0..10).map(|n| format!("query Hot{n}{{randomFilm{{id name studio}}}}")).collect();
    let ask = |text: &str| prepare(&documents, text, &Value::Null).expect("a document");
    for text in hot.iter().chain(&hot).chain(&hot) {
        ask(text);
    }
    for n in 0..2_000 {
        ask(&format!("query Once{n}{{randomFilm{{id name studio year genres likes dislikes}}}}"));
        assert!(documents.kept.weight() <= 256 * 1024);
    }
    let kept = hot.iter().filter(|text| documents.kept.find(text).is_some()).count();
    assert_eq!(kept, hot.len());
    let once = (0..2_000).filter(|n| {
        let text = format!("query Once{n}{{randomFilm{{id name studio year genres likes dislikes}}}}");
        documents.kept.find(&text).is_some()
    });
    assert!(once.count() < 200, "they do not all fit");
}

#[test]
fn what_is_not_valid_is_not_kept() {
    let documents = documents();
    for text in ["{", "{nothing}", "{film{id}}"] {
        assert!(prepare(&documents, text, &Value::Null).is_err());
        assert!(documents.kept.find(text).is_none(), "{text}");
    }
}

#[test]
fn a_document_has_so_many_bytes() {
    let limits = GraphQl { max_document: 40, ..GraphQl::default() };
    let documents = Documents::new(&sdl(), &limits).expect("our own schema");
    let pad = |length: usize| format!("{{me{{role}}}}{}", " ".repeat(length - 10));
    assert!(prepare(&documents, &pad(40), &Value::Null).is_ok());
    assert_eq!(
        prepare(&documents, &pad(41), &Value::Null).unwrap_err(),
        ["The document has more than 40 bytes."]
    );
}

/// Limits are those of the whole document: every operation is validated, whichever runs.
#[test]
fn operations_that_share_a_fragment_count_it_each() {
    let documents = documents();
    let fields = "...{id}".repeat(90);
    let document = |operations: usize| -> String {
        let operations: String = (0..operations).map(|n| format!("query Q{n}{{...F}} ")).collect();
        format!("{operations}fragment F on Query{{randomFilm{{{fields}}}}}")
    };
    assert!(documents.prepare(&document(5), Some("Q0"), &Map::new()).is_ok());
    assert!(matches!(documents.prepare(&document(180), Some("Q0"), &Map::new()), Err(Refused::TooLarge(_))));
}

/// The heaviest shapes that are within the limits of bytes and tokens, by what is done for each before its price: the
/// fields of all trees that are made of it, and the errors that are told.
#[test]
fn the_heaviest_documents_are_bounded_in_work() {
    let documents = documents();
    let limits = GraphQl::default();
    let doubling = |last: &str| -> String {
        let fragments: String =
            (0..26).map(|n| format!(" fragment F{n} on Query{{...F{0} ...F{0}}}", n + 1)).collect();
        format!("{{...F0}}{fragments}{last}")
    };
    let nested_doubling: String =
        (0..26).map(|n| format!(" fragment F{n} on FilmEdge{{node{{id}} ...F{0} ...F{0}}}", n + 1)).collect();
    let repeat = |count: usize, part: &dyn Fn(usize) -> String| -> String { (0..count).map(part).collect() };
    let shapes: Vec<(&str, String, bool)> = vec![
        (
            "operations that share a fragment",
            {
                let operations = repeat(180, &|n| format!("query Q{n}{{...F}} "));
                format!("{operations}fragment F on Query{{film(id:1){{{}}}}}", "id ".repeat(900))
            },
            false,
        ),
        (
            "as many of them as may be",
            {
                let operations = repeat(30, &|n| format!("query Q{n}{{...F}} "));
                format!("{operations}fragment F on Query{{film(id:1){{{}}}}}", "id ".repeat(30))
            },
            true,
        ),
        (
            "free aliases",
            format!("{{{}}}", repeat(99, &|n| format!("a{n}:rateLimit{{limits{{name remaining}}}} "))),
            true,
        ),
        ("doubled spreads", doubling(" fragment F26 on Query{__typename}"), false),
        ("doubled spreads of nothing", doubling(""), false),
        (
            "doubled fields",
            format!("{{films{{edges{{...F0}}}}}}{nested_doubling} fragment F26 on FilmEdge{{cursor}}"),
            false,
        ),
        (
            "overlapping arguments",
            {
                let arguments = repeat(300, &|n| format!("a{n}:1 "));
                format!(
                    "{{{} film({arguments}) {} {}}}",
                    "...{".repeat(25),
                    "film ".repeat(900),
                    "}".repeat(25)
                )
            },
            false,
        ),
        (
            "overlapping lists",
            {
                let list = "1 ".repeat(450);
                format!("{{randomFilm(exclude:[{list}]){{id}} randomFilm(exclude:[{list}]){{id}}}}")
            },
            true,
        ),
        (
            "overlapping objects",
            {
                let members = repeat(300, &|n| format!("m{n}:1 "));
                format!(
                    "{{films(filter:{{{members}}}){{edges{{cursor}}}} films(filter:{{{members}}}){{edges{{cursor}}}}}}"
                )
            },
            false,
        ),
        ("fields that are unknown", format!("{{{}}}", repeat(990, &|n| format!("x{n} "))), false),
        (
            "members that are unknown",
            format!("{{films(filter:{{{}}}){{edges{{cursor}}}}}}", repeat(600, &|n| format!("x{n}:1 "))),
            false,
        ),
        (
            "variables",
            {
                let definitions = repeat(240, &|n| format!("$v{n}:ID! "));
                let uses = repeat(240, &|n| format!("$v{n} "));
                format!("query({definitions}){{randomFilm(exclude:[{}]){{id}}}}", uses.repeat(2))
            },
            false,
        ),
        (
            "a chain of fragments",
            {
                let chain = repeat(97, &|n| format!(" fragment F{n} on Query{{...F{}}}", n + 1));
                format!("{{...F0}}{chain} fragment F97 on Query{{__typename}}")
            },
            true,
        ),
        (
            "a longer one",
            {
                let chain = repeat(98, &|n| format!(" fragment F{n} on Query{{...F{}}}", n + 1));
                format!("{{...F0}}{chain} fragment F98 on Query{{__typename}}")
            },
            false,
        ),
        ("commas", format!("{{me{{role}}{}}}", ",".repeat(60_000)), true),
        ("comments", format!("{{me{{role}}{}}}", "#\n".repeat(30_000)), true),
        ("a string", format!("{{film(id:\"{}\"){{id}}}}", "\\u{41}".repeat(9_000)), true),
        ("a string that is not closed", format!("{{film(id:\"\"\"{}", "\"\" ".repeat(20_000)), false),
        ("digits", format!("{{film(id:{}){{id}}}}", "9".repeat(60_000)), true),
    ];
    let mut passed = 0;
    for (shape, text, passes) in shapes {
        match documents.read(&text) {
            Ok(known) => {
                assert!(passes, "{shape}");
                assert!(known.selections() <= limits.max_fields, "{shape}: {}", known.selections());
                passed += 1;
            }
            Err(Refused::TooLarge(_)) => assert!(!passes, "{shape}"),
            Err(Refused::Invalid(faults)) => {
                assert!(!passes, "{shape}: {:?}", faults.first());
                assert!(faults.len() <= limits.max_errors + 1, "{shape}: {}", faults.len());
            }
        }
    }
    assert!(passed > 5, "{passed}");
}
