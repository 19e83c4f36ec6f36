//! How the pages are served. What they do in a browser is in `pages`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use axum::http::Method;
use filmgate::playground::built;
use flate2::read::GzDecoder;

use crate::support::{Answer, Server, TestApp, UNLIMITED, limits, skip};

const NAVIGATION: [(&str, &str); 2] = [("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
const PAGES: [(&str, &str); 3] =
    [("/playground", "index.html"), ("/playground/rest", "rest.html"), ("/playground/films", "films.html")];

/// The folder that Vite writes, if this binary has what is in it.
fn dist() -> Option<PathBuf> {
    if !built() {
        skip("playground/dist was not built; make pages does it, where Node is there");
        return None;
    }
    Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("playground/dist"))
}

/// Without what was compressed beside them.
fn assets(dist: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(dist.join("assets")).expect("assets");
    let files = files.map(|file| file.expect("a file").path());
    files.filter(|file| file.extension().is_some_and(|ending| ending != "br" && ending != "gz")).collect()
}

fn largest_asset(dist: &Path) -> PathBuf {
    let size = |file: &PathBuf| std::fs::metadata(file).expect("a file").len();
    assets(dist).into_iter().max_by_key(size).expect("an asset")
}

async fn get_as(app: &TestApp, path: &str, accept_encoding: &str) -> Answer {
    app.call(Method::GET, path, &[("accept-encoding", accept_encoding)], None).await
}

#[track_caller]
fn assert_page(answer: &Answer, file: &Path) {
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, std::fs::read(file).expect("a file"));
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-cache");
    assert_closed(answer);
}

/// Neither a device nor a window of another site can be reached from a page.
#[track_caller]
fn assert_closed(page: &Answer) {
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
    assert!(page.header("permissions-policy").contains("camera=()"));
}

#[tokio::test]
async fn a_browser_is_led_to_the_pages_and_still_gets_json_at_the_root() {
    let app = TestApp::new(UNLIMITED).await;
    let answer = app.call(Method::GET, "/index.html", &[BROWSER], None).await.expect(303);
    assert_eq!(answer.header("location"), "/playground/films");
    for path in ["/graphql", "/graphql?variables={}"] {
        let answer =
            app.call(Method::GET, path, &[BROWSER, NAVIGATION[0], NAVIGATION[1]], None).await.expect(303);
        assert_eq!(answer.header("location"), "/playground");
        assert!(
            answer
                .headers
                .get_all("vary")
                .iter()
                .any(|vary| vary == "Accept, Sec-Fetch-Dest, Sec-Fetch-Mode")
        );
    }
    let answer = app.call(Method::GET, "/", &[BROWSER], None).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    for (path, place) in [
        ("/playground/", "/playground"),
        ("/playground/films/?id=1", "/playground/films?id=1"),
        ("/playground/rest/", "/playground/rest"),
        ("/playground/basic/", "/playground/basic"),
    ] {
        assert_eq!(app.get(path).await.expect(308).header("location"), place);
    }
}

/// Programs are not led to a page, whatever they accept besides; nor is a query of a person.
#[tokio::test]
async fn graphql_is_answered_unless_a_browser_goes_there_without_a_query() {
    const QUERY: &str = "/graphql?query={__typename}";
    let app = TestApp::new(UNLIMITED).await;
    let [mode, destination] = NAVIGATION;
    let accept = |types: &'static str| ("accept", types);
    for (path, headers, status) in [
        (QUERY, vec![BROWSER, mode, destination], 200),
        (QUERY, vec![BROWSER], 200),
        (QUERY, vec![accept("application/json, text/html;q=0.5")], 200),
        // What Java sends when it is not told what to.
        (QUERY, vec![accept("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2")], 200),
        ("/graphql", vec![BROWSER], 400),
        ("/graphql", vec![BROWSER, mode], 400),
        ("/graphql", vec![BROWSER, destination], 400),
        ("/graphql", vec![BROWSER, ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")], 400),
        ("/graphql", vec![BROWSER, mode, ("sec-fetch-dest", "iframe")], 400),
        ("/graphql", vec![accept("application/json, text/html;q=0.5"), mode, destination], 400),
        ("/graphql", vec![accept("*/*"), mode, destination], 400),
        ("/graphql", vec![accept("text/html;q=0, */*"), mode, destination], 400),
    ] {
        let answer = app.call(Method::GET, path, &headers, None).await.expect(status);
        if status == 200 {
            assert_eq!(answer.json()["data"]["__typename"], "Query", "{headers:?}");
        }
    }
    // What stands in the place of a text asks as well.
    let unknown = app.call(Method::GET, "/graphql?documentId=one", &[BROWSER, mode, destination], None).await;
    assert_eq!(unknown.expect(200).code(), "PERSISTED_QUERY_NOT_FOUND");
    let refused = [accept("application/json;q=0, */*")];
    let answer = app.call(Method::GET, QUERY, &refused, None).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/graphql-response+json; charset=utf-8");
}

#[tokio::test]
async fn the_small_page_is_always_there_and_loads_only_what_is_here() {
    let app = TestApp::new(UNLIMITED).await;
    let page = app.get("/playground/basic").await.expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_closed(&page);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let html = String::from_utf8(page.body.clone()).expect("UTF-8");
    assert!(!html.contains("http://") && !html.contains("https://"));
    assert_eq!(html.contains("make run"), !built(), "only a binary without pages says so");
    for (path, content_type) in [
        ("/playground/basic.js", "text/javascript; charset=utf-8"),
        ("/playground/basic.css", "text/css; charset=utf-8"),
    ] {
        assert!(html.contains(path));
        let answer = app.get(path).await.expect(200);
        assert_eq!(answer.header("content-type"), content_type);
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
    if !built() {
        assert_eq!(app.get("/playground").await.expect(200).body, page.body);
        for path in ["/playground/rest", "/playground/films"] {
            assert_eq!(app.get(path).await.expect(303).header("location"), "/playground/basic");
        }
    }
}

#[tokio::test]
async fn each_page_is_what_was_built_under_a_policy_of_its_own() {
    let Some(dist) = dist() else { return };
    let app = TestApp::new(UNLIMITED).await;
    for (path, file) in PAGES {
        let answer = app.get(path).await;
        assert_page(&answer, &dist.join(file));
        let policy = answer.header("content-security-policy");
        for part in ["default-src 'none'", "script-src 'self';", "base-uri 'none'", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        // Only the editor of GraphiQL needs style elements of its own making.
        assert_eq!(policy.contains("style-src 'self' 'unsafe-inline'"), path == "/playground", "{policy}");
        assert!(
            !policy.contains("unsafe-eval") && !policy.contains("//") && !policy.contains('*'),
            "{policy}"
        );
        let html = String::from_utf8(answer.body).expect("UTF-8");
        assert!(
            !html.contains("<style") && !html.contains(" style=") && !html.contains("<script>"),
            "{html}"
        );
    }
}

#[tokio::test]
async fn a_page_is_asked_for_again_and_sent_again_only_when_it_has_changed() {
    let app = TestApp::new(UNLIMITED).await;
    for path in ["/playground", "/playground/basic", "/playground/basic.js", "/playground/basic.css"] {
        let first = app.get(path).await.expect(200);
        let tag = first.header("etag");
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10, "a strong tag: {tag}");
        for known in [tag.to_owned(), format!("\"other\", {tag}"), format!("W/{tag}"), "*".to_owned()] {
            for method in [Method::GET, Method::HEAD] {
                let again = app.call(method, path, &[("if-none-match", &known)], None).await.expect(304);
                assert!(again.body.is_empty());
                for name in ["etag", "cache-control", "vary", "content-security-policy"] {
                    assert_eq!(again.header(name), first.header(name), "{path} {name}");
                }
                assert!(!again.headers.contains_key("content-type"));
            }
        }
        app.call(Method::GET, path, &[("if-none-match", "\"other\"")], None).await.expect(200);
    }
    let (page, script) = (app.get("/playground/basic").await, app.get("/playground/basic.js").await);
    assert_ne!(page.header("etag"), script.header("etag"), "by content");
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_one_that_is_unknown_is_never_a_page() {
    let app = TestApp::new(UNLIMITED).await;
    for path in [
        "/playground/assets/nothing.js",
        "/playground/assets/",
        "/playground/assets/../basic.js",
        "/playground/assets/..%2Findex.html",
        "/playground/nothing.js",
        "/playground/index.html",
        "/playground/films.html",
        "/playground/rest/x",
    ] {
        let answer = app.get(path).await.expect_problem(404, "NOT_FOUND");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    let Some(dist) = dist() else { return };
    for file in assets(&dist) {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
        let content_type = match name.rsplit_once('.').expect("an ending").1 {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            "ttf" => "font/ttf",
            other => panic!("no type is promised for .{other}"),
        };
        let path = format!("/playground/assets/{name}");
        let answer = get_as(&app, &path, "gzip").await.expect(200);
        let compressed = std::fs::read(format!("{}.gz", file.display())).or_else(|_| std::fs::read(&file));
        assert!(answer.body == compressed.expect("a file"), "{path}");
        assert_eq!(answer.header("content-type"), content_type);
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        // A worker goes by the policy of its own file: without this one it could not import the others.
        assert!(answer.header("content-security-policy").contains("script-src 'self'"));
        // What was made beside it is a form of it, and no file of its own.
        app.get(&format!("{path}.br")).await.expect_problem(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn each_client_gets_the_encoding_that_it_asks_for_with_a_tag_and_a_length_of_its_own() {
    let Some(dist) = dist() else { return };
    let app = TestApp::new(UNLIMITED).await;
    let (html, largest) = (dist.join("index.html"), largest_asset(&dist));
    let name = largest.file_name().and_then(|name| name.to_str()).expect("a name");
    for (path, file) in [("/playground".to_owned(), &html), (format!("/playground/assets/{name}"), &largest)]
    {
        let plain = std::fs::read(file).expect("a file");
        let beside = |ending: &str| std::fs::read(format!("{}.{ending}", file.display())).expect(ending);
        let mut tags = Vec::new();
        for (asked, token, body) in [
            ("gzip, deflate, br, zstd", "br", beside("br")),
            ("gzip, br;q=0", "gzip", beside("gz")),
            ("identity;q=0, *;q=0.5", "br", beside("br")),
            ("*;q=0", "", plain.clone()),
            ("", "", plain.clone()),
        ] {
            if token.is_empty() && plain.len() > 64 * 1024 {
                let refused = get_as(&app, &path, asked).await.expect_problem(406, "NOT_ACCEPTABLE");
                assert!(refused.headers.get_all("vary").iter().any(|value| value == "Accept-Encoding"));
                // Who says nothing takes anything.
                let answer = app.get(&path).await.expect(200);
                assert_eq!(answer.header("content-encoding"), "gzip");
                assert!(answer.body == beside("gz"), "{path}");
                tags.push(format!("none as {asked:?}"));
                continue;
            }
            let answer = get_as(&app, &path, asked).await.expect(200);
            assert_eq!(answer.header("content-encoding"), token, "{asked:?}");
            assert_eq!(answer.header("content-length"), body.len().to_string(), "{asked:?}");
            for varies in ["Accept-Encoding", "Origin"] {
                assert!(answer.headers.get_all("vary").iter().any(|value| value == varies), "{varies}");
            }
            assert!(answer.body == body, "{path} as {asked:?} is not the file that was built");
            tags.push(answer.header("etag").to_owned());
            let head = app.call(Method::HEAD, &path, &[("accept-encoding", asked)], None).await.expect(200);
            assert!(head.body.is_empty());
            for name in ["content-encoding", "content-length", "content-type", "etag", "cache-control"] {
                assert_eq!(head.header(name), answer.header(name), "{name} of HEAD as {asked:?}");
            }
        }
        assert_eq!(tags[0], tags[2]);
        assert!(tags[3] == tags[4] || plain.len() > 64 * 1024);
        assert!(tags[0] != tags[1] && tags[1] != tags[3] && tags[0] != tags[3], "{tags:?}");
        // Another encoding's tag is not this one's.
        let headers = [("accept-encoding", "br"), ("if-none-match", tags[1].as_str())];
        app.call(Method::GET, &path, &headers, None).await.expect(200);
        let mut decompressed = Vec::new();
        GzDecoder::new(&beside("gz")[..]).read_to_end(&mut decompressed).expect("gzip");
        assert!(decompressed == plain);
    }
}

#[tokio::test]
async fn other_methods_are_refused_by_name() {
    let app = TestApp::new(UNLIMITED).await;
    for path in [
        "/playground",
        "/playground/rest",
        "/playground/films",
        "/playground/basic",
        "/playground/assets/x.js",
    ] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let answer = app.call(method, path, &[], None).await.expect_problem(405, "METHOD_NOT_ALLOWED");
            assert_eq!(answer.header("allow"), "GET,HEAD");
        }
    }
}

#[tokio::test]
async fn the_pages_draw_from_flood_alone() {
    let app = TestApp::with("", |config| {
        config.limits = limits("film=1/hour; add_film=1/hour; browse=1/hour; flood=8/hour");
    })
    .await;
    for path in ["/playground", "/playground/films", "/playground/basic", "/playground/basic.js"] {
        for _ in 0..2 {
            let answer = app.get(path).await;
            assert!(answer.status.as_u16() < 400, "{path}: {}", answer.status);
            assert!(!answer.header("ratelimit").contains("browse"), "{}", answer.header("ratelimit"));
        }
    }
    app.get("/playground").await.expect_problem(429, "RATE_LIMITED");
}

/// What axum does with an empty body and a known length is decided by the very last layer, so: over a socket.
#[tokio::test]
async fn over_a_socket_a_304_has_no_length_and_a_head_has_the_one_of_the_page() {
    let data = tempfile::TempDir::new().expect("a folder");
    let server = Server::start(data.path(), &[]);
    let url = format!("{}/playground/basic", server.url);
    let client = reqwest::Client::new();
    let page = client.get(&url).send().await.expect("an answer");
    let tag = page.headers()["etag"].clone();
    let length = page.headers()["content-length"].clone();
    assert_eq!(page.bytes().await.expect("a body").len().to_string(), length.to_str().expect("a text"));
    let head = client.head(&url).send().await.expect("an answer");
    assert_eq!(head.headers()["content-length"], length);
    let known = client.get(&url).header("if-none-match", tag).send().await.expect("an answer");
    assert_eq!(known.status(), 304);
    assert!(known.headers().get("content-length").is_none(), "{:?}", known.headers());
}
