//! openapi.json says what the server enforces, and says it of everything.

use axum::http::Method;
use filmgate::rest::document::document;
use filmgate::service::caller::Role;
use serde_json::{Map, Value, json};

use crate::support::{Answer, PASSWORD, TestApp, UNLIMITED};

fn parsed() -> Value {
    serde_json::from_str(&document()).expect("JSON")
}

/// A parameter of a call.
#[track_caller]
fn parameter(document: &Value, path: &str, method: &str, name: &str) -> Value {
    let parameters = document["paths"][path][method]["parameters"].as_array().expect("parameters");
    parameters.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name}")).clone()
}

fn number(value: &Value) -> usize {
    value
        .as_u64()
        .and_then(|number| usize::try_from(number).ok())
        .unwrap_or_else(|| panic!("no number: {value}"))
}

#[tokio::test]
async fn the_longest_and_most_that_is_described_passes_and_one_more_does_not() {
    let (app, document) = (TestApp::new(UNLIMITED).await, parsed());
    let account = app.account("anna", Role::Admin).await;
    let (_, key) = app.key(account).await;
    let get = async |path: &str, name: &str, value: String| {
        let sort = if name == "seed" { "sort=shuffled&" } else { "" };
        app.get_as(&key, &format!("{path}?{sort}{name}={value}")).await
    };
    for (path, name) in [
        ("/v1/films", "seed"),
        ("/v1/films/random", "q"),
        ("/v1/films/random", "genre"),
        ("/v1/films/random", "studio"),
        ("/v1/audit_events", "actor"),
    ] {
        let most = number(&parameter(&document, path, "get", name)["schema"]["maxLength"]);
        let longest = get(path, name, "a".repeat(most)).await;
        assert!([200, 404].contains(&longest.status.as_u16()), "{name}: {}", longest.json());
        let longer = get(path, name, "a".repeat(most + 1)).await;
        assert!([400, 422].contains(&longer.status.as_u16()), "{name} is longer");
    }
    for (path, name) in [
        ("/v1/films", "first"),
        ("/v1/films", "last"),
        ("/v1/genres", "first"),
        ("/v1/me/votes", "first"),
        ("/v1/audit_events", "first"),
    ] {
        let schema = parameter(&document, path, "get", name)["schema"].clone();
        let (least, most) = (number(&schema["minimum"]), number(&schema["maximum"]));
        assert_eq!(least, 0);
        get(path, name, most.to_string()).await.expect(200);
        get(path, name, "0".to_owned()).await.expect(200);
        get(path, name, (most + 1).to_string()).await.expect_problem(422, "INVALID_INPUT");
        get(path, name, "-1".to_owned()).await.expect_problem(422, "INVALID_INPUT");
    }
    for (path, name) in [("/v1/films/random", "exclude"), ("/v1/me/votes", "film")] {
        let schema = parameter(&document, path, "get", name)["schema"].clone();
        assert_eq!(number(&schema["minItems"]), 1);
        let most = number(&schema["maxItems"]);
        get(path, name, vec!["1"; most].join(",")).await.expect(200);
        get(path, name, vec!["1"; most + 1].join(",")).await.expect_problem(422, "INVALID_INPUT");
        get(path, name, String::new()).await.expect_problem(400, "INVALID_INPUT");
    }
}

#[tokio::test]
async fn the_document_that_is_served_has_the_page_of_its_server() {
    let committed: Value = parsed();
    for most in [100, 7, 300] {
        let app = TestApp::with(UNLIMITED, |config| config.graphql.max_page = most).await;
        let served = app.get("/openapi.json").await.expect(200).json();
        assert_eq!(served == committed, most == 100);
        for (path, name) in [("/v1/films", "first"), ("/v1/films", "last"), ("/v1/accounts", "first")] {
            let parameter = parameter(&served, path, "get", name);
            assert_eq!(parameter["schema"]["maximum"], most, "{path} {name}");
            assert_eq!(parameter["example"], most.min(20), "{path} {name}");
        }
        app.get(&format!("/v1/films?first={most}")).await.expect(200);
        app.get(&format!("/v1/films?first={}", most + 1)).await.expect_problem(422, "INVALID_INPUT");
    }
}

#[tokio::test]
async fn a_list_in_a_query_is_read_in_either_way_of_writing_it() {
    let app = TestApp::new(UNLIMITED).await;
    let studio = "studio=Kadr";
    let all = app.get(&format!("/v1/films?{studio}")).await.expect(200).json();
    let ids: Vec<String> =
        all["films"].as_array().expect("films").iter().map(|film| film["id"].to_string()).collect();
    assert!(ids.len() > 1, "{all}");
    let repeated = ids.iter().map(|id| format!("&exclude={id}")).collect::<String>();
    for exclude in [repeated, format!("&exclude={}", ids.join(","))] {
        app.get(&format!("/v1/films/random?{studio}{exclude}")).await.expect_problem(404, "FILM_NOT_FOUND");
    }
    let answer = app.get("/v1/films/random?exclude=1&exclude=x").await.expect_problem(400, "INVALID_INPUT");
    assert_eq!(answer.json()["detail"], "exclude must be the id of a film, in digits.");
}

#[tokio::test]
async fn a_film_is_taken_up_to_what_is_described_and_no_further() {
    let (app, document) = (TestApp::new(UNLIMITED).await, parsed());
    let film = &document["components"]["schemas"]["NewFilm"]["properties"];
    let (name, year) = (number(&film["name"]["maxLength"]), number(&film["year"]["minimum"]));
    let (genres, genre) =
        (number(&film["genres"]["maxItems"]), number(&film["genres"]["items"]["maxLength"]));
    let list = |count: usize, length: usize| -> Vec<String> {
        (0..count).map(|place| format!("{place:0>length$}")).collect()
    };
    let add = async |name: usize, year: usize, genres: Vec<String>| -> Answer {
        let film =
            json!({ "name": "n".repeat(name), "studio": "s".repeat(name), "year": year, "genres": genres });
        app.call(Method::POST, "/v1/films", &[("content-type", "application/json")], Some(film.to_string()))
            .await
    };
    add(name, year, list(genres, genre)).await.expect(201);
    for (name, year, genres) in [
        (name + 1, year, vec![]),
        (name, year - 1, vec![]),
        (name, year, list(genres + 1, 2)),
        (name, year, list(1, genre + 1)),
    ] {
        add(name, year, genres).await.expect_problem(422, "INVALID_INPUT");
    }
}

#[tokio::test]
async fn an_id_is_of_one_type_wherever_it_goes_in_or_comes_out() {
    let document = parsed();
    let mut ids = Vec::new();
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    for (name, schema) in schemas {
        for member in ["id", "account", "filmId"] {
            let id = &schema["properties"][member];
            if id.is_object() && id.get("$ref").is_none() && id.get("oneOf").is_none() {
                ids.push((format!("{name}.{member}"), id.clone()));
            }
        }
    }
    for (path, method, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().expect("a name");
            let schema = &parameter["schema"];
            let schema = if schema["type"] == "array" { &schema["items"] } else { schema };
            if ["id", "account", "like", "dislike", "exclude", "film"].contains(&name) {
                ids.push((format!("{method} {path} {name}"), schema.clone()));
            }
        }
    }
    assert!(ids.len() > 15, "{ids:?}");
    for (place, id) in ids {
        let is_one = [("type", json!("integer")), ("format", json!("int64")), ("minimum", json!(0))];
        assert!(is_one.iter().all(|(member, value)| id[member] == *value), "{place}: {id}");
    }
}

fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods: &Map<String, Value> = item.as_object().expect("methods");
            methods.iter().map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
        .collect()
}

#[test]
fn everything_is_described_and_every_object_says_whether_it_is_closed() {
    let document = parsed();
    let mut lacks = Vec::new();
    let mut wants = |what: String, is_there: bool| {
        if !is_there {
            lacks.push(what);
        }
    };
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    for (path, method, operation) in operations(&document) {
        for member in ["summary", "description", "operationId"] {
            wants(format!("{method} {path} {member}"), is_text(&operation[member]));
        }
        wants(format!("{method} {path} tags"), operation["tags"].is_array());
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let place = format!("{method} {path} {}", parameter["name"]);
            wants(place.clone(), is_text(&parameter["description"]));
            wants(format!("{place} example"), !parameter["example"].is_null());
        }
        let body = &operation["requestBody"];
        wants(format!("{method} {path} body"), body.is_null() || is_text(&body["description"]));
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let reference = response["$ref"].as_str().map(|name| name.trim_start_matches('#'));
            let response = reference.map_or(response, |name| document.pointer(name).expect(name));
            let place = format!("{method} {path} {status}");
            wants(place.clone(), is_text(&response["description"]));
            for header in ["RateLimit", "RateLimit-Policy", "X-Request-Id"] {
                wants(format!("{place} {header}"), response["headers"][header].is_object());
            }
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        wants(name.clone(), is_text(&schema["description"]));
        let Some(members) = schema["properties"].as_object() else { continue };
        wants(format!("{name} additionalProperties"), schema["additionalProperties"].is_boolean());
        if name.starts_with("New") || name.ends_with("Input") {
            wants(format!("{name} example"), schema["example"].is_object() || name == "NewKey");
        }
        for (member, schema) in members {
            let is_named = schema.get("$ref").is_some() || schema.get("oneOf").is_some();
            wants(format!("{name}.{member}"), is_named || is_text(&schema["description"]));
        }
    }
    assert!(lacks.is_empty(), "{lacks:#?}");
    let closed = &document["components"]["schemas"];
    assert_eq!(closed["NewFilm"]["additionalProperties"], false);
    assert_eq!(closed["DocumentedNewFilm"]["additionalProperties"], true, "others are ignored there");
}

/// Whoever shows none of the credentials that a call is described with is told to sign in, and nobody else is.
#[tokio::test]
async fn a_call_says_by_which_credentials_it_is_made() {
    let (app, document) = (TestApp::new(UNLIMITED).await, parsed());
    let account = app.account("anna", Role::Admin).await;
    let (_, key) = app.key(account).await;
    let mut own = 0;
    for (path, method, operation) in operations(&document) {
        // A stream has no end, and a wrong password is 401 whoever asks.
        if [("/v1/films/events", "get"), ("/v1/session", "post")].contains(&(path, method)) {
            continue;
        }
        let body = match (path, method) {
            ("/v1/me/password", _) => {
                json!({ "currentPassword": PASSWORD, "newPassword": "a better password" })
            }
            (_, "patch") => json!({ "name": "Another" }),
            ("/v1/keys", _) => json!({ "name": "second" }),
            _ => json!({ "name": "second", "studio": "Kadr" }),
        };
        let body = ["post", "put", "patch"].contains(&method).then_some(body);
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
        // Not the key or the account that asks.
        let path = path.replace("{id}", "2");
        let schemes = operation["security"].as_array();
        own += usize::from(schemes.is_some());
        let takes_key = schemes.is_none_or(|schemes| schemes.iter().any(|scheme| scheme["key"].is_array()));
        for (credential, passes) in [(None, schemes.is_none()), (Some(&*key), takes_key)] {
            let status = app.call_as(credential, method.clone(), &path, body.clone()).await.status;
            assert_eq!(status != 401, passes, "{method} {path} with {credential:?}: {status}, {schemes:?}");
        }
    }
    assert!(own > 5, "{own}");
}

/// Headers that come beside those of every answer.
#[tokio::test(flavor = "multi_thread")]
async fn headers_of_refusals_are_described_where_they_come() {
    let (app, document) = (TestApp::new(UNLIMITED).await, parsed());
    let key = ("idempotency-key", "a-key-of-sixteen-letters");
    let json = ("content-type", "application/json");
    let wrong = Some(r#"{"name": 5, "id": 1}"#.to_owned());
    let chief = app.account("chief", Role::Admin).await;
    let admin = ("x-api-key", &*app.key(chief).await.1);
    app.call(Method::DELETE, "/v1/films/9", &[key, admin], None).await.expect(200);
    let tag = app.get("/v1/films?first=1").await.expect(200).header("etag").to_owned();
    let tag = [("if-none-match", &*tag)];
    let added = app.call(Method::POST, "/add_film", &[json], wrong).await.expect(422);
    let removed = app.call(Method::DELETE, "/v1/films/9", &[key, admin], None).await.expect(404);
    let known = app.call(Method::GET, "/v1/films?first=1", &tag, None).await.expect(304);
    for (answer, path, method, name) in [
        (added, "/add_film", "post", "Filmgate-Ignored"),
        (removed, "/v1/films/{id}", "delete", "Idempotency-Replayed"),
        (known, "/v1/films", "get", "Accept-Query"),
    ] {
        assert!(!answer.header(&name.to_lowercase()).is_empty(), "{path}");
        let response = &document["paths"][path][method]["responses"][answer.status.as_str()];
        let shared = response["$ref"].as_str().expect("a reference").trim_start_matches('#');
        let described = &document.pointer(shared).expect("a response")["headers"][name];
        assert_eq!(described["$ref"], format!("#/components/headers/{name}"), "{path} {described}");
    }
}
