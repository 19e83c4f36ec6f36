//! What is said of documents that are wrong.

use serde_json::{Value, json};

use super::{documents, prepare};

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
                "1:13 The argument sort of Query.films must be of type FilmSort (NAME, YEAR, NEWEST, LIKES, RATING, RELEVANCE or SHUFFLED), not \"NAME\".",
            ],
        ),
        (
            "{films(sort:BEST){edges{cursor}}}",
            json!({}),
            &[
                "1:13 The argument sort of Query.films must be of type FilmSort (NAME, YEAR, NEWEST, LIKES, RATING, RELEVANCE or SHUFFLED), not BEST.",
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
            &["1:10 The variable $f cannot be of type Film, which is for answers alone."],
        ),
        ("query($i:Nothing){film(id:$i){id}}", json!({}), &["1:10 There is no type Nothing."]),
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
fn a_document_that_names_a_password_is_told_no_value_again() {
    assert_told(&[
        (
            "mutation($p:String!){signIn(input:{name:\"a\",password:$p}){token}}",
            json!({"p": 123_456_789_012_u64}),
            &["1:10 The variable $p must be of type String!, not what was given."],
        ),
        (
            "mutation($p:Int=\"hunter2hunter\"){signIn(input:{name:\"a\",PASSWORD:$p}){token}}",
            json!({}),
            &[
                "1:17 The default of $p must be of type Int (a whole number of 32 bits), not a string.",
                "1:47 The argument input.password of Mutation.signIn must be given: it is of type String!.",
                "1:57 The argument input.PASSWORD of Mutation.signIn is not known: password is the nearest.",
            ],
        ),
        (
            "mutation{signIn(input:{name:hunter2,password:\"a\"}){token}}",
            json!({}),
            &["1:29 The argument input.name of Mutation.signIn must be of type String!, not what was given."],
        ),
        (
            "mutation{signIn(input:{name:\"a\",password:correct horse battery staple}){token}}",
            json!({}),
            &["1:56 \":\" is expected here, not a name."],
        ),
    ]);
}

#[test]
fn what_follows_from_a_mistake_is_not_told_beside_it() {
    assert_told(&[
        (
            "{...F} fragment F on ID{x}",
            json!({}),
            &["1:8 A fragment is on a type that has fields, which ID has not."],
        ),
        ("{film(id:1){...F}} fragment F on Nothing{id}", json!({}), &["1:34 There is no type Nothing."]),
        (
            "query($i:ID!){...F} fragment F on Quer{film(id:$i){...G}} fragment G on Film{id}",
            json!({}),
            &["1:35 There is no type Quer: Query is the nearest."],
        ),
        (
            "query($i:ID!){flim(id:$i){...G}} fragment G on Film{id}",
            json!({}),
            &["1:15 Query has no field flim: film is the nearest."],
        ),
        (
            "query($i:[Strin!]={a:1,a:2}){films(after:$i){totalCount}}",
            json!({}),
            &["1:11 There is no type Strin: String is the nearest.", "1:24 The member a is given twice."],
        ),
    ]);
}

#[test]
fn faults_of_fields_and_spreads_name_them() {
    assert_told(&[
        (
            // A type that no new operation gives another field.
            "{films{pageInfo{nothing}}}",
            json!({}),
            &[
                "1:17 PageInfo has no field nothing: it has hasNextPage, hasPreviousPage, startCursor and endCursor.",
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
            &["1:2 A fragment is on a type that has fields, which FilmSort has not."],
        ),
        ("{...on Flim{id}}", json!({}), &["1:8 There is no type Flim: Film is the nearest."]),
        ("{...F} fragment F on Query{me{role} ...F}", json!({}), &["1:8 The fragment F spreads itself."]),
        // Through a field: whoever looks for what merges would follow it without end.
        (
            "{__type(name:\"Film\"){...F}} fragment F on __Type{ofType{...F}}",
            json!({}),
            &["1:29 The fragment F spreads itself."],
        ),
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
