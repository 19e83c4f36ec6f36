//! Documents and what becomes of them.

mod bounds;
mod faults;
mod shapes;

use async_graphql::Positioned;
use async_graphql::parser::types::{DocumentOperations, Field, Selection};
use serde_json::{Map, Value, json};

use super::{Documents, Prepared, Refused, Trusted};
use crate::config::GraphQl;
use crate::graphql::schema::sdl;

impl Documents {
    /// The operation of a text.
    pub(in crate::graphql) fn prepare_text(
        &self,
        text: &str,
        operation_name: Option<&str>,
        variables: &Map<String, Value>,
    ) -> Result<Prepared, Refused> {
        self.prepare(&self.find(Some(text), None)?, operation_name, variables)
    }
}

fn documents() -> Documents {
    Documents::new(&sdl(), &GraphQl::default(), Trusted::default()).expect("our own schema")
}

fn prepare(documents: &Documents, text: &str, variables: &Value) -> Result<Prepared, Vec<String>> {
    let none = Map::new();
    let variables = variables.as_object().unwrap_or(&none);
    documents.prepare_text(text, None, variables).map_err(|refused| match refused {
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
            "{films{edges{node{id name} cursor}}}",
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
            "{films(first:5){edges{cursor}}}",
        ),
        ("{films(first:-0){edges{cursor}}}", json!({}), "{films(first:0){edges{cursor}}}"),
        ("query($s:FilmSort){films(sort:$s){edges{cursor}}}", json!({}), "{films{edges{cursor}}}"),
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
            r#"mutation{addFilm(input:{studio:"\u{000000001F3AC}\uD83C\uDFAC",name:"""a \""" b"""}){id}}"#,
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

#[test]
fn an_operation_is_chosen_by_its_name() {
    let documents = documents();
    let text = "query A{me{role}} query B{randomFilm{id}}";
    let choose = |name| documents.prepare_text(text, Some(name), &Map::new());
    assert_eq!(written(&choose("B").expect("an operation")), "{randomFilm{id}}");
    assert!(
        matches!(choose("C"), Err(Refused::Invalid(faults)) if faults[0].message.ends_with("It has A and B."))
    );
    assert!(documents.prepare_text("{me{role}}", Some("A"), &Map::new()).is_err());
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
        assert!(prepare(&documents, text, &Value::Null).is_ok(), "{hole}");
    }
    let without = apollo_compiler::Schema::parse_and_validate(sdl(), "").expect("our own schema");
    let one_of = "{__type(name:\"Film\"){isOneOf}}";
    let mended = ExecutableDocument::parse_and_validate(&without, one_of, "").is_ok();
    assert!(!mended, "the library knows isOneOf by now");
    assert!(prepare(&documents, one_of, &Value::Null).is_ok());
}
