//! Every argument of every root field, as the schema has them: what is not of its type is refused before anything is
//! drawn, and what is, no resolver takes for anything else.

use std::collections::HashMap;

use filmgate::service::caller::Role;
use serde_json::{Value, json};

use crate::support::TestApp;

const LIMITS: &str = "film=9000/day; add_film=9000/day; browse=9000/day; login=9000/day; flood=90000/day";

/// The schema by introspection.
struct Schema(HashMap<String, Value>);

impl Schema {
    async fn of(app: &TestApp) -> Self {
        let query = include_str!("../support/introspection.graphql");
        let answer = app.graphql(query, json!({})).await.expect(200).json();
        let types = answer["data"]["__schema"]["types"].as_array().expect("types").clone();
        Self(types.into_iter().map(|ty| (ty["name"].as_str().expect("a name").to_owned(), ty)).collect())
    }

    /// As it is written.
    fn text(ty: &Value) -> String {
        match ty["kind"].as_str() {
            Some("NON_NULL") => format!("{}!", Self::text(&ty["ofType"])),
            Some("LIST") => format!("[{}]", Self::text(&ty["ofType"])),
            _ => ty["name"].as_str().expect("a name").to_owned(),
        }
    }

    fn named(ty: &Value) -> &str {
        if ty["ofType"].is_null() { ty["name"].as_str().expect("a name") } else { Self::named(&ty["ofType"]) }
    }

    /// A value of this type, with every member that it can have.
    fn right(&self, ty: &Value) -> Value {
        match ty["kind"].as_str().expect("a kind") {
            "NON_NULL" => self.right(&ty["ofType"]),
            "LIST" => json!([self.right(&ty["ofType"])]),
            "ENUM" => self.0[Self::named(ty)]["enumValues"][0]["name"].clone(),
            "INPUT_OBJECT" => {
                let fields = self.0[Self::named(ty)]["inputFields"].as_array().expect("members");
                fields
                    .iter()
                    .map(|field| {
                        (field["name"].as_str().expect("a name").to_owned(), self.right(&field["type"]))
                    })
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }
            _ => match Self::named(ty) {
                "Int" => json!(1990),
                "ID" => json!("1"),
                "Boolean" => json!(true),
                "String" => json!("a long enough text"),
                "DateTime" => json!("2030-01-31T12:00:00Z"),
                other => panic!("no sample of {other}"),
            },
        }
    }

    /// Values that are not of this type, by the way to what is wrong in them.
    fn wrong(&self, ty: &Value) -> Vec<(String, Value)> {
        match ty["kind"].as_str().expect("a kind") {
            "NON_NULL" => {
                let inner = self.wrong(&ty["ofType"]);
                inner.into_iter().chain([(String::new(), Value::Null)]).collect()
            }
            "LIST" => {
                let inner = self.wrong(&ty["ofType"]);
                inner.into_iter().map(|(way, value)| (format!("[0]{way}"), json!([value]))).collect()
            }
            "INPUT_OBJECT" => {
                let mut all = vec![
                    (String::new(), json!("text")),
                    (".nobodys".to_owned(), {
                        let mut whole = self.right(ty);
                        whole["nobodys"] = json!(1);
                        whole
                    }),
                ];
                for field in self.0[Self::named(ty)]["inputFields"].as_array().expect("members") {
                    let name = field["name"].as_str().expect("a name");
                    for (way, value) in self.wrong(&field["type"]) {
                        let mut whole = self.right(ty);
                        whole[name] = value;
                        all.push((format!(".{name}{way}"), whole));
                    }
                }
                all
            }
            "ENUM" => vec![(String::new(), json!("NOBODYS")), (String::new(), json!(1))],
            _ => {
                let values = match Self::named(ty) {
                    "Int" => vec![json!(1.5), json!("1"), json!(2_147_483_648_u64)],
                    "ID" => vec![json!(1.5), json!(true)],
                    "Boolean" => vec![json!(1), json!("true")],
                    "DateTime" => vec![json!("soon"), json!(5)],
                    _ => vec![json!(5), json!(true)],
                };
                values.into_iter().map(|value| (String::new(), value)).collect()
            }
        }
    }

    /// What can be chosen of an answer.
    fn selection(ty: &Value, types: &HashMap<String, Value>) -> &'static str {
        let has_fields = types[Self::named(ty)]["fields"].is_array();
        if has_fields { "{ __typename }" } else { "" }
    }
}

/// What was drawn of all windows but that of `flood`.
async fn drawn(app: &TestApp) -> u64 {
    let quotas = app.get("/v1/rate_limit").await.expect(200).json();
    let all = quotas["limits"].as_array().expect("quotas").iter().filter(|quota| quota["bucket"] != "flood");
    all.map(|quota| 9_000 - quota["remaining"].as_u64().expect("a number")).sum()
}

#[tokio::test]
async fn what_is_not_of_its_type_is_refused_before_the_price_and_what_is_is_read() {
    let app = TestApp::new(LIMITS).await;
    let admin = app.account("admin", Role::Admin).await;
    let admin = app.session(admin).await;
    let schema = Schema::of(&app).await;
    let (mut refused, mut read) = (0, 0);
    for (kind, root) in [("query", "Query"), ("mutation", "Mutation")] {
        for field in schema.0[root]["fields"].as_array().expect("fields") {
            let name = field["name"].as_str().expect("a name");
            let arguments = field["args"].as_array().expect("arguments");
            if arguments.is_empty() {
                continue;
            }
            let each = |write: &dyn Fn(&str, &Value) -> String| -> String {
                let parts = arguments
                    .iter()
                    .map(|argument| write(argument["name"].as_str().expect("a name"), &argument["type"]));
                parts.collect::<Vec<_>>().join(", ")
            };
            let document = format!(
                "{kind}({}) {{ {name}({}) {} }}",
                each(&|name, ty| format!("${name}: {}", Schema::text(ty))),
                each(&|name, _| format!("{name}: ${name}")),
                Schema::selection(&field["type"], &schema.0),
            );
            let right: Value = arguments
                .iter()
                .map(|argument| {
                    (argument["name"].as_str().expect("a name").to_owned(), schema.right(&argument["type"]))
                })
                .collect::<serde_json::Map<_, _>>()
                .into();
            let before = drawn(&app).await;
            for argument in arguments {
                let argument_name = argument["name"].as_str().expect("a name");
                for (way, value) in schema.wrong(&argument["type"]) {
                    let mut variables = right.clone();
                    variables[argument_name] = value.clone();
                    let answer = app.graphql_as(Some(&admin), &document, variables).await;
                    let error = answer.expect(400).json()["errors"][0].clone();
                    assert_eq!(
                        error["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED",
                        "{document} {value}"
                    );
                    let message = error["message"].as_str().expect("a message");
                    assert!(message.contains(&format!("${argument_name}{way} ")), "{way} {value}: {message}");
                    refused += 1;
                }
            }
            assert_eq!(drawn(&app).await, before, "{document}");
            let answer = app.graphql_as(Some(&admin), &document, right).await.expect(200);
            let code = answer.code();
            assert!(code != "INTERNAL" && !code.starts_with("GRAPHQL"), "{document}: {code}");
            read += 1;
        }
    }
    assert!(refused > 80 && read > 15, "{refused} {read}");
}
