//! How much a document may be, and how much is kept of documents.
#![expect(clippy::format_collect, reason = "documents of tests")]

use serde_json::{Map, Value};

use super::shapes::heaviest;
use super::{documents, prepare};
use crate::config::GraphQl;
use crate::graphql::document::{Documents, Refused, Trusted};
use crate::graphql::schema::sdl;

/// What may be done for a document that is within the limits, before its price is known.
const MAX_ALLOCATIONS: u64 = 25_000;
const MAX_BYTES: u64 = 2 * 1024 * 1024;

/// A variable that nothing needs after all keeps what the document says of it.
#[test]
fn what_variables_hold_is_counted() {
    let documents = Documents::new(&sdl(), &GraphQl::default(), Trusted::default()).expect("our own schema");
    let values = "1 ".repeat(1_900);
    let text =
        format!("query($x:[ID!]=[{values}]){{__typename randomFilm(exclude:$x)@include(if:false){{id}}}}");
    prepare(&documents, &text, &Value::Null).expect("a document");
    assert!(documents.kept.weight() > 50 * text.len() as u64, "{}", documents.kept.weight());
}

/// One that everybody uses is kept, whatever number of others comes once.
#[test]
fn many_documents_do_not_wash_out_those_that_are_asked_for_again() {
    let limits = GraphQl { document_cache: 256 * 1024, ..GraphQl::default() };
    let documents = Documents::new(&sdl(), &limits, Trusted::default()).expect("our own schema");
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
    let documents = Documents::new(&sdl(), &limits, Trusted::default()).expect("our own schema");
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
    assert!(documents.prepare_text(&document(5), Some("Q0"), &Map::new()).is_ok());
    assert!(matches!(
        documents.prepare_text(&document(180), Some("Q0"), &Map::new()),
        Err(Refused::TooLarge(_))
    ));
}

/// By what is done for each before its price: the fields of all trees that are made of it, the errors that are told, and
/// the allocations, which grow with what the library does too. The instructions are counted by `make bench`.
#[test]
fn the_heaviest_documents_are_bounded_in_work() {
    let documents = documents();
    let limits = GraphQl::default();
    let mut passed = 0;
    for (shape, text, passes) in heaviest() {
        let mut read = None;
        let work = allocation_counter::measure(|| read = Some(documents.read(&text)));
        assert!(work.count_total <= MAX_ALLOCATIONS, "{shape}: {} allocations", work.count_total);
        assert!(work.bytes_max <= MAX_BYTES, "{shape}: {} bytes at once", work.bytes_max);
        match read.expect("an answer") {
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
