//! The commonest mistakes: whatever graphql-js names of one, the server names too.

use serde_json::{Value, json};

use crate::support::{TestApp, UNLIMITED};

struct Mistake {
    document: &'static str,
    variables: Value,
    /// What graphql-js 16 says.
    js: &'static str,
    /// What of it must be in our answer: the field or the variable, the type that is expected, the value that was given.
    tokens: &'static [&'static str],
    place: (u64, u64),
}

fn mistakes() -> Vec<Mistake> {
    let of = |document, js, tokens, place| Mistake { document, variables: json!({}), js, tokens, place };
    vec![
        of(
            "{ film(id: 1) { titel } }",
            "Cannot query field \"titel\" on type \"Film\".",
            &["titel", "Film"],
            (1, 17),
        ),
        of(
            "{ films { edges { node { nam } } } }",
            "Cannot query field \"nam\" on type \"Film\". Did you mean \"name\"?",
            &["nam", "Film", "name"],
            (1, 26),
        ),
        of(
            "{ film(idd: 1) { id } }",
            "Unknown argument \"idd\" on field \"Query.film\". Did you mean \"id\"?",
            &["idd", "Query.film", "id"],
            (1, 8),
        ),
        of(
            "{ film { id } }",
            "Field \"film\" argument \"id\" of type \"ID!\" is required, but it was not provided.",
            &["film", "id", "ID!"],
            (1, 3),
        ),
        of(
            "{ films(first: \"ten\") { edges { cursor } } }",
            "Int cannot represent non-integer value: \"ten\"",
            &["first", "Int", "\"ten\""],
            (1, 16),
        ),
        of(
            "{ films(first: 3000000000) { edges { cursor } } }",
            "Int cannot represent non 32-bit signed integer value: 3000000000",
            &["first", "Int", "32", "3000000000"],
            (1, 16),
        ),
        of(
            "{ films(sort: \"NAME\") { edges { cursor } } }",
            "Enum \"FilmSort\" cannot represent non-enum value: \"NAME\". Did you mean the enum value \"NAME\"?",
            &["sort", "FilmSort", "\"NAME\"", "NAME"],
            (1, 15),
        ),
        of(
            "{ films(sort: BEST) { edges { cursor } } }",
            "Value \"BEST\" does not exist in \"FilmSort\" enum.",
            &["sort", "FilmSort", "BEST"],
            (1, 15),
        ),
        of(
            "mutation { addFilm(input: {name: \"N\"}) { id } }",
            "Field \"AddFilmInput.studio\" of required type \"String!\" was not provided.",
            &["studio", "String!"],
            (1, 27),
        ),
        of(
            "mutation { addFilm(input: {name: \"N\", studio: \"S\", yeer: 1}) { id } }",
            "Field \"yeer\" is not defined by type \"AddFilmInput\". Did you mean \"year\"?",
            &["yeer", "year"],
            (1, 52),
        ),
        of("{ film(id: $id) { id } }", "Variable \"$id\" is not defined.", &["$id"], (1, 12)),
        of("query($id: ID!) { randomFilm { id } }", "Variable \"$id\" is never used.", &["$id"], (1, 7)),
        of(
            "query($id: String!) { film(id: $id) { id } }",
            "Variable \"$id\" of type \"String!\" used in position expecting type \"ID!\".",
            &["$id", "String!", "ID!"],
            (1, 32),
        ),
        of(
            "query($id: ID!) { film(id: $id) { id } }",
            "Variable \"$id\" of required type \"ID!\" was not provided.",
            &["$id", "ID!"],
            (1, 7),
        ),
        Mistake {
            document: "mutation($input: AddFilmInput!) { addFilm(input: $input) { id } }",
            variables: json!({"input": {"name": 5, "studio": "S"}}),
            js: "Variable \"$input\" got invalid value 5 at \"input.name\"; String cannot represent a non string value: 5",
            tokens: &["$input.name", "String!", "5"],
            place: (1, 10),
        },
        of(
            "{ film(id: 1) }",
            "Field \"film\" of type \"Film\" must have a selection of subfields. Did you mean \"film { ... }\"?",
            &["film", "Film", "film { ... }"],
            (1, 3),
        ),
        of(
            "{ film(id: 1) { x: name x: studio } }",
            "Fields \"x\" conflict because \"name\" and \"studio\" are different fields. Use different aliases on the fields \
             to fetch both if this was intentional.",
            &["x", "name", "studio"],
            (1, 17),
        ),
        of("{ film(id: 1) { id }", "Syntax Error: Expected Name, found <EOF>.", &["field", "end"], (1, 21)),
        of(
            "{ film(id 1) { id } }",
            "Syntax Error: Expected \":\", found Int \"1\".",
            &["\":\"", "number"],
            (1, 11),
        ),
        of(
            "{ ...Flims } fragment Films on Query { me { role } }",
            "Unknown fragment \"Flims\".",
            &["Flims"],
            (1, 3),
        ),
    ]
}

/// Whether a text has a token, and not as a part of another.
fn has(text: &str, token: &str) -> bool {
    let is_part = |character: Option<char>| character.is_some_and(|one| one.is_alphanumeric() || one == '_');
    text.match_indices(token).any(|(place, _)| {
        let (before, after) = (text[..place].chars().next_back(), text[place + token.len()..].chars().next());
        let is_word = token.starts_with(|first: char| first.is_alphanumeric());
        !(is_word && is_part(before) || token.ends_with(char::is_alphanumeric) && is_part(after))
    })
}

#[tokio::test]
async fn what_graphql_js_names_of_a_mistake_is_named_here_too() {
    let app = TestApp::new(UNLIMITED).await;
    let mistakes = mistakes();
    assert!(mistakes.len() >= 18);
    for Mistake { document, variables, js, tokens, place } in mistakes {
        let answer = app.graphql(document, variables).await.expect(400).json();
        let errors = answer["errors"].as_array().expect("errors");
        let location = json!({"line": place.0, "column": place.1});
        let error = errors.iter().find(|error| error["locations"][0] == location);
        let error = error.unwrap_or_else(|| panic!("no fault at {place:?}: {answer}"));
        let message = error["message"].as_str().expect("a message");
        for token in tokens {
            assert!(has(message, token), "{token} is not in: {message}\ngraphql-js: {js}");
        }
        assert_ne!(message, js, "our own sentence");
    }
}
