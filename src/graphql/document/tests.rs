//! Documents and what becomes of them.
#![expect(clippy::format_collect, clippy::too_many_lines, reason = "documents and tables of tests")]

use async_graphql::Positioned;
use async_graphql::parser::types::{DocumentOperations, Field, Selection};
use serde_json::{Map, Value, json};

use super::{Documents, Prepared, Refused};
use crate::config::GraphQl;
use crate::graphql::schema::sdl;

fn documents() -> Documents {
    Documents::new(&sdl(), &GraphQl::default()).expect("our own schema")
}

fn prepare(documents: &Documents, text: &str, variables: &Value) -> Result<Prepared, Vec<String>> {
    let none = Map::new();
    let variables = variables.as_object().unwrap_or(&none);
    documents.prepare(text, None, variables).map_err(|refused| match refused {
        Refused::TooLarge(problem) => vec![problem.detail().to_owned()],
        Refused::Invalid(faults) => faults
            .iter()
            .map(|fault| {
                let pos = fault.positions.first().copied().unwrap_or_default();
                format!("{}:{} {}", pos.line, pos.column, fault.message)
            })
            .collect(),
    })
}

/// The tree as a document.
fn written(prepared: &Prepared) -> String {
    let DocumentOperations::Single(operation) = &prepared.document.operations else { panic!("one") };
    assert!(prepared.document.fragments.is_empty() && operation.node.variable_definitions.is_empty());
    set(&operation.node.selection_set.node.items)
}

fn set(items: &[Positioned<Selection>]) -> String {
    let parts: Vec<String> = items
        .iter()
        .map(|item| match &item.node {
            Selection::Field(field) => written_field(&field.node),
            Selection::InlineFragment(inline) => {
                let on = inline.node.type_condition.as_ref().expect("a type").node.on.node.clone();
                format!("...on {on}{}", set(&inline.node.selection_set.node.items))
            }
            Selection::FragmentSpread(_) => panic!("a spread"),
        })
        .collect();
    format!("{{{}}}", parts.join(" "))
}

fn written_field(field: &Field) -> String {
    assert!(field.directives.is_empty());
    let alias = field.alias.as_ref().map_or_else(String::new, |alias| format!("{}:", alias.node));
    let arguments: Vec<String> =
        field.arguments.iter().map(|(name, value)| format!("{}:{}", name.node, value.node)).collect();
    let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(",")) };
    let items = &field.selection_set.node.items;
    let below = if items.is_empty() { String::new() } else { set(items) };
    format!("{alias}{}{arguments}{below}", field.name.node)
}

/// A document, its variables, and the tree that it becomes; twice, since the second time it is known.
#[test]
fn an_operation_becomes_one_flat_tree_of_literals() {
    let documents = documents();
    for (text, variables, tree) in [
        ("{randomFilm{id}}", json!({}), "{randomFilm{id}}"),
        ("{randomFilm{id} randomFilm{name}}", json!({}), "{randomFilm{id name}}"),
        (
            "{...A randomFilm{id}} fragment A on Query{...B} fragment B on Query{randomFilm{name id}}",
            json!({}),
            "{randomFilm{name id}}",
        ),
        ("{a:film(id:1){id} b:film(id:1){id}}", json!({}), "{a:film(id:\"1\"){id} b:film(id:\"1\"){id}}"),
        (
            "{films{edges{node{id}} ...on FilmConnection{edges{node{name} cursor}}}}",
            json!({}),
            "{films(sort:NAME){edges{node{id name} cursor}}}",
        ),
        ("{randomFilm @skip(if:true){id} me @include(if:true){role}}", json!({}), "{me{role}}"),
        // What stands for nothing has no name in the answer.
        ("{film(id:1){id @skip(if:true)}}", json!({}), "{film(id:\"1\"){:__typename}}"),
        ("{randomFilm{id}... @include(if:false){me{role}}}", json!({}), "{randomFilm{id}}"),
        ("query($s:Boolean!){randomFilm @skip(if:$s){id} me{role}}", json!({"s": true}), "{me{role}}"),
        (
            "query($s:Boolean!){randomFilm @skip(if:$s){id} me{role}}",
            json!({"s": false}),
            "{randomFilm{id} me{role}}",
        ),
        ("query($s:Boolean=true){randomFilm @skip(if:$s){id}}", json!({}), "{}"),
        ("query($i:ID!){film(id:$i){id}}", json!({"i": 7}), "{film(id:\"7\"){id}}"),
        ("query($i:ID!){film(id:$i){id}}", json!({"i": "8"}), "{film(id:\"8\"){id}}"),
        ("query($i:ID!){film(id:$i){id}}", json!({"i": 5.0}), "{film(id:\"5\"){id}}"),
        (
            "query($n:Int){films(first:$n){edges{cursor}}}",
            json!({"n": 5.0}),
            "{films(sort:NAME,first:5){edges{cursor}}}",
        ),
        ("{films(first:-0){edges{cursor}}}", json!({}), "{films(sort:NAME,first:0){edges{cursor}}}"),
        ("query($s:FilmSort){films(sort:$s){edges{cursor}}}", json!({}), "{films(sort:NAME){edges{cursor}}}"),
        (
            "query($s:FilmSort){films(sort:$s){edges{cursor}}}",
            json!({"s": null}),
            "{films(sort:null){edges{cursor}}}",
        ),
        (
            "query($s:FilmSort=LIKES){films(sort:$s){edges{cursor}}}",
            json!({}),
            "{films(sort:LIKES){edges{cursor}}}",
        ),
        (
            "mutation($y:Int){updateFilm(id:1,input:{name:\"N\",year:$y}){id}}",
            json!({}),
            "{updateFilm(id:\"1\",input:{name: \"N\"}){id}}",
        ),
        (
            "mutation($y:Int){updateFilm(id:1,input:{name:\"N\",year:$y}){id}}",
            json!({"y": null}),
            "{updateFilm(id:\"1\",input:{name: \"N\", year: null}){id}}",
        ),
        ("{randomFilm(exclude:1){id}}", json!({}), "{randomFilm(exclude:[\"1\"]){id}}"),
        ("query($e:[ID!]){randomFilm(exclude:$e){id}}", json!({"e": 3}), "{randomFilm(exclude:[\"3\"]){id}}"),
        (
            "query($a:ID!){randomFilm(exclude:[1,$a]){id}}",
            json!({"a": "x"}),
            "{randomFilm(exclude:[\"1\", \"x\"]){id}}",
        ),
        (
            r#"mutation{addFilm(input:{studio:"\u{1F3AC}\uD83C\uDFAC",name:"""a \""" b"""}){id}}"#,
            json!({}),
            "{addFilm(input:{name: \"a \\\"\\\"\\\" b\", studio: \"🎬🎬\"}){id}}",
        ),
        (
            "subscription{filmVoted(id:1){id} filmVoted(id:1){name}}",
            json!({}),
            "{filmVoted(id:\"1\"){id name}}",
        ),
        ("subscription{...F} fragment F on Subscription{filmAdded{id}}", json!({}), "{filmAdded{id}}"),
        (
            "query($d:Boolean){__type(name:\"Film\"){fields(includeDeprecated:$d){name}}}",
            json!({"d": true}),
            "{__type(name:\"Film\"){fields(includeDeprecated:true){name}}}",
        ),
        (
            "query($d:Boolean){__type(name:\"Film\"){fields(includeDeprecated:$d){name}}}",
            json!({}),
            "{__type(name:\"Film\"){fields(includeDeprecated:false){name}}}",
        ),
        (
            "{node(id:1){id ...on Film{name} ...F}} fragment F on Account{x:name id}",
            json!({}),
            "{node(id:\"1\"){...on Account{id x:name} ...on ApiKey{id} ...on AuditEvent{id} ...on Film{id name}}}",
        ),
        ("\"said\" query Q(\"said too\" $i:ID! = 1){film(id:$i){id}}", json!({}), "{film(id:\"1\"){id}}"),
    ] {
        for _ in 0..2 {
            assert_eq!(
                prepare(&documents, text, &variables).as_ref().map(written).as_deref(),
                Ok(tree),
                "{text}"
            );
        }
    }
}

/// A document, its variables, and all that is said of them.
type Case = (&'static str, Value, &'static [&'static str]);

fn assert_told(cases: &[Case]) {
    let documents = documents();
    for (text, variables, told) in cases {
        let heard = prepare(&documents, text, variables).expect_err(text);
        assert_eq!(heard, *told, "{text}");
    }
}

#[test]
fn faults_of_arguments_name_argument_type_and_value() {
    assert_told(&[
        (
            "{film(idd:1){id}}",
            json!({}),
            &[
                "1:2 The argument id of Query.film must be given: it is of type ID!.",
                "1:7 The argument idd of Query.film is not known: id is the nearest.",
            ],
        ),
        ("{film{id}}", json!({}), &["1:2 The argument id of Query.film must be given: it is of type ID!."]),
        ("{film(id:1,id:2){id}}", json!({}), &["1:12 The argument id of Query.film is given twice."]),
        (
            "{film(id:[1]){id}}",
            json!({}),
            &["1:10 The argument id of Query.film must be of type ID!, not a list."],
        ),
        (
            "{film(id:null){id}}",
            json!({}),
            &["1:10 The argument id of Query.film must be of type ID!, not null."],
        ),
        (
            "{films(first:\"5\"){edges{cursor}}}",
            json!({}),
            &[
                "1:14 The argument first of Query.films must be of type Int (a whole number of 32 bits), not \"5\".",
            ],
        ),
        (
            "{films(first:99999999999){edges{cursor}}}",
            json!({}),
            &[
                "1:14 The argument first of Query.films must be of type Int (a whole number of 32 bits), not 99999999999.",
            ],
        ),
        (
            "{films(sort:\"NAME\"){edges{cursor}}}",
            json!({}),
            &[
                "1:13 The argument sort of Query.films must be of type FilmSort (NAME, YEAR, NEWEST or LIKES), not \"NAME\".",
            ],
        ),
        (
            "{films(sort:RATING){edges{cursor}}}",
            json!({}),
            &[
                "1:13 The argument sort of Query.films must be of type FilmSort (NAME, YEAR, NEWEST or LIKES), not RATING.",
            ],
        ),
        (
            "{films(filter:{genr:\"a\"}){edges{cursor}}}",
            json!({}),
            &["1:16 The argument filter.genr of Query.films is not known: genre is the nearest."],
        ),
        (
            "mutation{addFilm(input:{name:\"x\"}){id}}",
            json!({}),
            &["1:24 The argument input.studio of Mutation.addFilm must be given: it is of type String!."],
        ),
        (
            "mutation{addFilm(input:{name:\"x\",name:\"y\",studio:\"s\",genres:[\"a\",5]}){id}}",
            json!({}),
            &[
                "1:34 The argument input.name of Mutation.addFilm is given twice.",
                "1:66 The argument input.genres[1] of Mutation.addFilm must be of type String!, not 5.",
            ],
        ),
        (
            "mutation{createKey(input:{name:\"n\",expiresAt:\"soon\"}){key}}",
            json!({}),
            &[
                "1:46 The argument input.expiresAt of Mutation.createKey must be of type DateTime (such as \"2026-11-24T12:00:00Z\"), not \"soon\".",
            ],
        ),
        (
            "mutation{createKey(input:{name:\"n\",expiresAt:{a:$x,a:1}}){key}}",
            json!({}),
            &[
                "1:46 The argument input.expiresAt of Mutation.createKey must be of type DateTime (such as \"2026-11-24T12:00:00Z\"), not an object.",
                "1:49 The operation does not define the variable $x.",
                "1:52 The member a is given twice.",
            ],
        ),
        (
            "{me @skip{role}}",
            json!({}),
            &["1:5 The argument if of @skip must be given: it is of type Boolean!."],
        ),
    ]);
}

#[test]
fn faults_of_variables_name_variable_type_and_value() {
    let sign_in = "mutation($i:SignInInput!){signIn(input:$i){token}}";
    assert_told(&[
        (
            sign_in,
            json!({"i": "secret"}),
            &["1:10 The variable $i must be of type SignInInput!, not a string."],
        ),
        (
            sign_in,
            json!({"i": {"name": ["secret"], "password": 12}}),
            &[
                "1:10 The variable $i.name must be of type String!, not a list.",
                "1:10 The variable $i.password must be of type String!, not what was given.",
            ],
        ),
        ("{film(id:$i){id}}", json!({}), &["1:10 The operation does not define the variable $i."]),
        (
            "query Q{...F} fragment F on Query{film(id:$i){id}}",
            json!({}),
            &["1:43 The operation Q does not define the variable $i."],
        ),
        (
            "query Q($j:ID!){film(id:1){id}}",
            json!({}),
            &["1:9 The variable $j is defined, but nothing uses it."],
        ),
        (
            "query($i:String!){film(id:$i){id}}",
            json!({"i": "1"}),
            &[
                "1:27 The argument id of Query.film must be of type ID!: the variable $i of type String! cannot stand here.",
            ],
        ),
        (
            "query($i:ID){film(id:$i){id}}",
            json!({"i": "1"}),
            &[
                "1:22 The argument id of Query.film must be of type ID!: the variable $i of type ID cannot stand here.",
            ],
        ),
        (
            "query($i:ID!){film(id:$i){id}}",
            json!({}),
            &["1:7 The variable $i must be given: it is of type ID!."],
        ),
        (
            "query($i:ID!){film(id:$i){id}}",
            json!({"i": null}),
            &["1:7 The variable $i must be of type ID!, not null."],
        ),
        (
            "query($i:ID!){film(id:$i){id}}",
            json!({"i": true}),
            &["1:7 The variable $i must be of type ID!, not true."],
        ),
        (
            "query($i:ID!){film(id:$i){id}}",
            json!({"i": 1.5}),
            &["1:7 The variable $i must be of type ID!, not 1.5."],
        ),
        (
            "mutation($i:AddFilmInput!){addFilm(input:$i){id}}",
            json!({"i": {"name": 5, "year": "x", "genres": ["a", 1], "titel": 1}}),
            &[
                "1:10 The variable $i.titel is not known: AddFilmInput has name, studio, year and genres.",
                "1:10 The variable $i.name must be of type String!, not 5.",
                "1:10 The variable $i.studio must be given: it is of type String!.",
                "1:10 The variable $i.year must be of type Int (a whole number of 32 bits), not \"x\".",
                "1:10 The variable $i.genres[1] must be of type String!, not 1.",
            ],
        ),
        ("query($i:ID!,$i:ID!){film(id:$i){id}}", json!({}), &["1:14 The variable $i is defined twice."]),
        (
            "query($f:Film){film(id:$f){id}}",
            json!({}),
            &["1:7 The variable $f cannot be of type Film, which is for answers alone."],
        ),
        ("query($i:Nothing){film(id:$i){id}}", json!({}), &["1:7 There is no type Nothing."]),
        (
            "query($s:Boolean=true){me@skip(if:$s){role}}",
            json!({"s": null}),
            &["1:26 The argument if of @skip must be of type Boolean!, not null."],
        ),
        (
            "query($i:ID=1){film(id:$i){id}}",
            json!({"i": null}),
            &["1:16 The argument id of Query.film must be of type ID!, not null."],
        ),
    ]);
}

#[test]
fn faults_of_fields_and_spreads_name_them() {
    assert_told(&[
        (
            "{nothing}",
            json!({}),
            &[
                "1:2 Query has no field nothing: it has randomFilm, film, node, films, me, accounts, account, keys, auditEvents and rateLimit.",
            ],
        ),
        ("{randomFilm{nam}}", json!({}), &["1:13 Film has no field nam: name is the nearest."]),
        (
            "{film(id:1)}",
            json!({}),
            &["1:2 film is of type Film, of which fields must be chosen: film { ... }."],
        ),
        (
            "{film(id:1){name{first}}}",
            json!({}),
            &["1:13 name is of type String, which has no fields: nothing can be chosen of it."],
        ),
        (
            "{...Flm} fragment Film on Query{me{role}}",
            json!({}),
            &[
                "1:2 There is no fragment Flm: Film is the nearest.",
                "1:10 The fragment Film is defined, but nothing spreads it.",
            ],
        ),
        (
            "{...F} fragment F on Film{id}",
            json!({}),
            &["1:2 A fragment on Film cannot be spread here: this is Query, which is never Film."],
        ),
        (
            "{...on FilmSort{id}}",
            json!({}),
            &[
                "1:2 A fragment is on a type that has fields, which FilmSort has not.",
                "1:17 FilmSort has no field id.",
            ],
        ),
        ("{...on Flim{id}}", json!({}), &["1:8 There is no type Flim: Film is the nearest."]),
        ("{...F} fragment F on Query{me{role} ...F}", json!({}), &["1:8 The fragment F spreads itself."]),
        (
            "{...F} fragment F on Query{me{role}} fragment F on Query{me{role}}",
            json!({}),
            &["1:47 Two fragments have the name F."],
        ),
        ("query A{me{role}} query A{me{role}}", json!({}), &["1:25 Two operations have the name A."]),
        (
            "{me{role}} query A{me{role}}",
            json!({}),
            &["1:1 An operation without a name must be the only one of its document."],
        ),
        (
            "query A{me{role}} query B{me{role}}",
            json!({}),
            &[
                "0:0 The document has several operations: name the one to run in operationName. It has A and B.",
            ],
        ),
        ("{me @skp(if:true){role}}", json!({}), &["1:5 There is no directive @skp: skip is the nearest."]),
        ("query @skip(if:true){me{role}}", json!({}), &["1:7 The directive @skip cannot stand at QUERY."]),
        (
            "{me @skip(if:true)@skip(if:true){role}}",
            json!({}),
            &["1:19 The directive @skip stands here twice."],
        ),
        (
            "{film(id:1){x:name} film(id:1){x:studio}}",
            json!({}),
            &["1:13 Two fields have the name x in the answer: name and studio. Give one an alias."],
        ),
        (
            "{film(id:1){id} film(id:2){id}}",
            json!({}),
            &[
                "1:2 Two fields have the name film in the answer: film with different arguments. Give one an alias.",
            ],
        ),
        (
            "subscription{filmAdded{id} filmVoted(id:1){id}}",
            json!({}),
            &["1:1 A subscription has exactly one root field; this one has 2."],
        ),
        (
            "subscription{filmAdded @skip(if:true){id}}",
            json!({}),
            &["1:24 The root field of a subscription cannot be under @skip or @include."],
        ),
        (
            "subscription{__typename}",
            json!({}),
            &["1:14 The root field of a subscription cannot be one that asks for the schema."],
        ),
    ]);
}

#[test]
fn an_operation_is_chosen_by_its_name() {
    let documents = documents();
    let text = "query A{me{role}} query B{randomFilm{id}}";
    let choose = |name| documents.prepare(text, Some(name), &Map::new());
    assert_eq!(written(&choose("B").expect("an operation")), "{randomFilm{id}}");
    assert!(
        matches!(choose("C"), Err(Refused::Invalid(faults)) if faults[0].message.ends_with("It has A and B."))
    );
    assert!(documents.prepare("{me{role}}", Some("A"), &Map::new()).is_err());
}

/// Each is a hole of apollo-compiler 1.33.1 that code of ours closes, and is valid to the library alone. Where one fails
/// after an update, the library has mended it: that code can go.
#[test]
fn what_the_library_overlooks_is_found() {
    use apollo_compiler::ExecutableDocument;
    let schema = super::validate::schema(&sdl()).expect("our own schema");
    let documents = documents();
    let is_valid_to_it = |text: &str| ExecutableDocument::parse_and_validate(&schema, text, "").is_ok();
    for (hole, text) in [
        ("an argument without a colon", "{films(sort){edges{cursor}}}"),
        ("a member without a colon", "mutation{updateFilm(id:1,input:{name:\"x\" year null}){id}}"),
        ("lists of which one is longer", "{randomFilm(exclude:[1]){id} randomFilm(exclude:[1,2]){id}}"),
        ("a variable within a list", "query($i:ID){randomFilm(exclude:[$i]){id}}"),
        ("a variable within an object", "mutation($n:String){addFilm(input:{name:$n,studio:\"s\"}){id}}"),
        ("a default of null", "query($i:ID=null){film(id:$i){id}}"),
        ("a variable within a scalar", "mutation{createKey(input:{name:\"n\",expiresAt:{a:$x}}){key}}"),
        ("a doubled member", "mutation{updateFilm(id:1,input:{name:\"x\",name:\"y\"}){id}}"),
    ] {
        assert!(is_valid_to_it(text), "the library has mended {hole}");
        assert!(prepare(&documents, text, &Value::Null).is_err(), "{hole}");
    }
    for (hole, text) in [
        ("roots of a subscription that merge", "subscription{filmVoted(id:1){id} filmVoted(id:1){name}}"),
        ("the description of an operation", "\"said\" query Q{me{role}}"),
        ("the description of a variable", "query Q(\"said\" $i:ID=1){randomFilm(exclude:[$i]){id}}"),
    ] {
        assert!(!is_valid_to_it(text), "the library has mended {hole}");
        let is_fine = hole.contains("variable") || prepare(&documents, text, &Value::Null).is_ok();
        assert!(is_fine, "{hole}");
    }
    let without = apollo_compiler::Schema::parse_and_validate(sdl(), "").expect("our own schema");
    let one_of = "{__type(name:\"Film\"){isOneOf}}";
    let mended = ExecutableDocument::parse_and_validate(&without, one_of, "").is_ok();
    assert!(!mended, "the library knows isOneOf by now");
    assert!(prepare(&documents, one_of, &Value::Null).is_ok());
}

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
