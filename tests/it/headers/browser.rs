//! What browsers may do here: votes by GET, CORS, the Host check, security headers.

use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{Method, Request, Version};
use serde_json::json;

use filmgate::config::TlsMode;

use crate::support::{TestApp, UNLIMITED};

#[tokio::test]
async fn a_vote_by_get_that_nobody_meant_is_refused() {
    let app = TestApp::new(UNLIMITED).await;
    let cross = ("sec-fetch-site", "cross-site");
    let same_site = ("sec-fetch-site", "same-site");
    for headers in [
        &[("sec-purpose", "prefetch")][..],
        &[("sec-purpose", "prefetch;prerender")],
        &[("purpose", "prefetch")],
        &[("sec-fetch-dest", "image"), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-dest", "embed")],
        &[("sec-fetch-dest", "iframe"), ("sec-fetch-mode", "navigate")],
        &[cross, ("sec-fetch-mode", "cors"), ("origin", "https://evil.example")],
        &[cross, ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "empty")],
        &[cross, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        // Another's page on the same site, which sends no origin so.
        &[same_site, ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "empty")],
        &[same_site, ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
        &[("sec-purpose", "x"), ("sec-purpose", "Prefetch")],
        &[("origin", "http://localhost:5173"), ("origin", "https://evil.example")],
    ] {
        let answer = app.call(Method::GET, "/?like=1", headers, None).await;
        answer.expect_problem(403, "FORBIDDEN");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 0);
    for headers in [
        &[][..],
        &[("sec-fetch-site", "same-origin"), ("sec-fetch-dest", "empty"), ("sec-fetch-mode", "cors")],
        &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
        &[cross, ("sec-fetch-mode", "navigate"), ("sec-fetch-user", "?1"), ("sec-fetch-dest", "document")],
        &[
            cross,
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-dest", "empty"),
            ("origin", "http://localhost:5173"),
        ],
        &[same_site, ("sec-fetch-mode", "cors"), ("origin", "http://localhost:5173")],
    ] {
        app.call(Method::GET, "/?like=1", headers, None).await.expect(200);
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 6);
    // A picture of a random film harms nobody.
    app.call(Method::GET, "/", &[cross, ("sec-fetch-dest", "image")], None).await.expect(200);
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing_by_post() {
    let app = TestApp::new(UNLIMITED).await;
    let foreign = ("origin", "https://evil.example");
    let json_type = ("content-type", "application/json");
    let film = json!({"name": "N", "studio": "S"}).to_string();
    let like = json!({"query": "mutation { like(id: 1) { id } }"}).to_string();
    for (path, headers, body) in [
        ("/v1/films/1/like", &[foreign][..], None),
        ("/v1/films/1/dislike", &[("sec-fetch-site", "cross-site")], None),
        ("/add_film", &[foreign, json_type], Some(film.clone())),
        ("/v1/films", &[foreign, json_type], Some(film)),
        ("/graphql", &[foreign, json_type], Some(like)),
    ] {
        let answer = app.call(Method::POST, path, headers, body).await.expect(403);
        assert_eq!(answer.code(), "FORBIDDEN", "{path}");
    }
    let form = Some("query=mutation{like(id:1){id}}".to_owned());
    for kind in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"] {
        let answer = app.call(Method::POST, "/graphql", &[("content-type", kind)], form.clone()).await;
        answer.expect(415);
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 0);
    assert_eq!(app.count("SELECT COUNT(*) FROM film").await, 620);
    app.call(Method::POST, "/v1/films/1/like", &[("origin", "http://localhost")], None).await.expect(200);
}

#[tokio::test]
async fn cors_trusts_pages_of_this_machine_by_default_and_nobody_else() {
    let app = TestApp::new(UNLIMITED).await;
    for (origin, trusted) in [
        ("http://localhost:5173", true),
        ("http://127.0.0.1:8080", true),
        ("http://localhost", true),
        ("https://localhost:5173", true),
        ("http://[::1]:5173", true),
        ("https://[::1]", true),
        ("https://127.0.0.1:8443", true),
        ("http://films.localhost:3000", true),
        ("http://.localhost", false),
        ("http://[::1].evil.example", false),
        ("http://[::2]", false),
        ("http://notlocalhost", false),
        ("ftp://localhost", false),
        ("http://localhost:80.evil.example", false),
        ("https://evil.example", false),
        ("http://localhost.evil.example", false),
        ("http://localhost:80@evil.example", false),
        ("null", false),
    ] {
        for path in ["/", "/nothing", "/?like=x"] {
            let answer = app.call(Method::GET, path, &[("origin", origin)], None).await;
            let allowed = if trusted { origin } else { "" };
            assert_eq!(answer.header("access-control-allow-origin"), allowed, "{origin} {path}");
            assert_eq!(answer.header("access-control-allow-credentials"), "");
            assert!(answer.headers.get_all("vary").iter().any(|vary| vary == "Origin"));
            if trusted {
                let exposed = answer.header("access-control-expose-headers").to_ascii_lowercase();
                for name in ["retry-after", "ratelimit", "ratelimit-policy", "location", "x-request-id"] {
                    assert!(exposed.split(", ").any(|exposed| exposed == name), "{name}");
                }
            }
        }
    }
    let plain = app.get("/").await;
    assert!(plain.headers.get_all("vary").iter().any(|vary| vary == "Origin"));
    assert!(plain.headers.keys().all(|name| !name.as_str().starts_with("access-control")));
}

#[tokio::test]
async fn listed_origins_are_exact_and_any_must_be_asked_for() {
    let app = TestApp::with(UNLIMITED, |config| {
        config.cors.allowed_origins = Some(vec!["https://films.example".to_owned()]);
    })
    .await;
    for (origin, allowed) in [
        ("https://films.example", "https://films.example"),
        ("http://films.example", ""),
        ("https://films.example:444", ""),
        ("http://localhost:5173", ""),
    ] {
        let answer = app.call(Method::GET, "/", &[("origin", origin)], None).await;
        assert_eq!(answer.header("access-control-allow-origin"), allowed, "{origin}");
    }
    let open =
        TestApp::with(UNLIMITED, |config| config.cors.allowed_origins = Some(vec!["*".to_owned()])).await;
    let answer = open.call(Method::GET, "/", &[("origin", "https://any.example")], None).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn a_preflight_runs_nothing_and_draws_from_flood_alone() {
    let app = TestApp::new("film=1/day; flood=100/second").await;
    let headers = [
        ("origin", "http://localhost:5173"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type,traceparent,baggage,apollographql-client-name"),
    ];
    for path in ["/", "/?like=1", "/graphql", "/add_film", "/nothing"] {
        let answer = app.call(Method::OPTIONS, path, &headers, None).await.expect(204);
        assert!(answer.header("access-control-allow-methods").contains("POST"), "{path}");
        assert_eq!(answer.header("access-control-allow-headers"), headers[2].1);
        assert_eq!(answer.header("ratelimit-policy"), "\"flood-1s\";q=100;w=1");
    }
    let foreign = [("origin", "https://evil.example"), headers[1], headers[2]];
    let answer = app.call(Method::OPTIONS, "/", &foreign, None).await.expect(204);
    assert_eq!(answer.header("access-control-allow-methods"), "");
    assert_eq!(answer.header("access-control-allow-headers"), "");
    app.get("/").await.expect(200);
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 0);
}

#[tokio::test]
async fn on_loopback_a_foreign_host_is_refused() {
    let app =
        TestApp::with(UNLIMITED, |config| config.allowed_hosts = vec!["films.example".to_owned()]).await;
    for (host, status) in [
        ("localhost:3000", 200),
        ("LOCALHOST", 200),
        ("127.0.0.1:3000", 200),
        ("[::1]:3000", 200),
        ("films.example", 200),
        ("FILMS.example.:80", 200),
        ("films.localhost", 200),
        ("[0:0::1]", 200),
        ("[::1].evil", 400),
        ("[::1].evil:3000", 400),
        ("evil@localhost", 400),
        ("localhost:80.evil", 400),
        ("[::2]", 403),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("films.example.evil.example", 403),
        ("", 400),
        ("a b", 400),
    ] {
        let answer = app.call(Method::GET, "/", &[("host", host)], None).await;
        assert_eq!(answer.status, status, "{host:?}");
    }
    let two = app.call(Method::GET, "/", &[("host", "localhost"), ("host", "localhost")], None).await;
    assert_eq!(two.status, 400);
}

#[tokio::test]
async fn beyond_loopback_every_host_is_answered_unless_some_are_named() {
    for (named, host, status) in [
        (&[][..], "anything.example", 200),
        (&["films.example"], "films.example:8080", 200),
        (&["Films.Example"], "films.example", 200),
        (&["films.example"], "localhost", 403),
        (&["[2001:db8::1]"], "[2001:DB8:0::1]:3000", 200),
        (&["[2001:db8::1]"], "[2001:db8::2]", 403),
    ] {
        let app = TestApp::with(UNLIMITED, |config| {
            config.listen = "0.0.0.0:3000".parse().expect("an address");
            config.allowed_hosts = named.iter().map(|name| (*name).to_owned()).collect();
        })
        .await;
        let answer = app.call_from("192.0.2.1:1", Method::GET, "/", &[("host", host)], None).await;
        assert_eq!(answer.status, status, "{named:?} {host}");
        // Nor is any page trusted there by default.
        let page = [("host", host), ("origin", "http://localhost:5173")];
        let answer = app.call_from("192.0.2.1:1", Method::GET, "/", &page, None).await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn security_headers_are_on_every_answer() {
    let app = TestApp::new("flood=6/day").await;
    let mut statuses = Vec::new();
    for path in ["/", "/nothing", "/?like=x", "/graphql", "/v1/films/9999", "/openapi.json", "/"] {
        let answer = app.get(path).await;
        statuses.push(answer.status.as_u16());
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; frame-ancestors 'none'",
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        let is_document = path == "/openapi.json";
        assert_eq!(answer.header("cache-control"), if is_document { "no-cache" } else { "no-store" });
        assert!(!answer.header("x-request-id").is_empty());
    }
    assert_eq!(statuses, [200, 404, 400, 400, 404, 200, 429]);
}

#[tokio::test]
async fn a_request_id_is_taken_over_only_if_it_is_well_formed() {
    let app = TestApp::new(UNLIMITED).await;
    let long = "x".repeat(65);
    for (given, taken) in [
        ("abc-123_X.y", true),
        ("a b", false),
        ("a\"b", false),
        ("<script>", false),
        ("", false),
        (long.as_str(), false),
    ] {
        let answer = app.call(Method::GET, "/", &[("x-request-id", given)], None).await;
        assert_eq!(answer.header("x-request-id") == given, taken, "{given:?}");
        assert!(!answer.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn a_head_of_a_request_that_is_too_large_is_refused() {
    let app = TestApp::new(UNLIMITED).await;
    app.get(&format!("/?x={}", "x".repeat(9_000))).await.expect_problem(414, "URI_TOO_LONG");
    let large = "x".repeat(17_000);
    let answer = app.call(Method::GET, "/", &[("x-large", large.as_str())], None).await;
    answer.expect_problem(431, "HEADER_TOO_LARGE");
    let many: Vec<(&str, &str)> = (0..101).map(|_| ("x-many", "1")).collect();
    app.call(Method::GET, "/", &many, None).await.expect_problem(431, "HEADER_TOO_LARGE");
}

#[tokio::test]
async fn a_credential_that_is_not_one_is_never_an_anonymous_caller() {
    let app = TestApp::new(UNLIMITED).await;
    for header in [("authorization", "Bearer x"), ("x-api-key", "fg_x")] {
        let answer = app.call(Method::GET, "/", &[header], None).await;
        let answer = answer.expect_problem(401, "UNAUTHENTICATED");
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"filmgate\", error=\"invalid_token\"");
    }
    let nothing = app.get("/v1/keys").await.expect_problem(401, "UNAUTHENTICATED");
    assert_eq!(nothing.header("www-authenticate"), "Bearer realm=\"filmgate\"");
}

/// Whoever can put a page at `http://` of our name is somebody in between.
#[tokio::test]
async fn over_tls_a_page_that_came_without_is_not_ours() {
    for (mode, of_plain) in
        [(TlsMode::SelfSigned, 403), (TlsMode::Cert, 403), (TlsMode::Proxy, 403), (TlsMode::Off, 200)]
    {
        let app = TestApp::with(UNLIMITED, |config| {
            config.tls.mode = Some(mode);
            config.allowed_hosts = vec!["films.example".to_owned()];
            config.cors.allowed_origins = Some(Vec::new());
        })
        .await;
        for (origin, status) in
            [("https://films.example", 200), ("http://films.example", of_plain), ("ftp://films.example", 403)]
        {
            let headers = [("host", "films.example"), ("origin", origin)];
            let answer = app.call(Method::POST, "/v1/films/1/like", &headers, None).await;
            assert_eq!(answer.status, status, "{origin}");
        }
    }
}

/// A browser that speaks HTTP/2 names the host in the request's target, and nowhere else.
#[tokio::test]
async fn our_own_pages_may_call_over_http2_too() {
    let app = TestApp::with(UNLIMITED, |config| {
        config.allowed_hosts = vec!["films.example".to_owned()];
        config.cors.allowed_origins = Some(Vec::new());
    })
    .await;
    for (origin, status) in [("https://films.example:3443", 200), ("https://evil.example", 403)] {
        let request = Request::builder()
            .version(Version::HTTP_2)
            .method(Method::POST)
            .uri("https://films.example:3443/v1/films/1/like")
            .header("origin", origin)
            .body(Body::empty())
            .expect("a request");
        let answer = app.front.clone().answer(request, SocketAddr::from(([127, 0, 0, 1], 5_000))).await;
        assert_eq!(answer.status().as_u16(), status, "{origin}");
    }
}

/// A form is of a page that has not asked whether it may.
#[tokio::test]
async fn a_form_does_not_vote() {
    let app = TestApp::new(UNLIMITED).await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        let answer =
            app.call(Method::POST, "/v1/films/1/like", &[("content-type", kind)], Some("a=b".into())).await;
        answer.expect(415);
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, 0);
}
