//! The host that a request names.

use axum::http::Method;

use crate::support::{Store, TestApp, UNLIMITED};

#[tokio::test]
async fn a_foreign_host_is_refused_on_loopback_and_a_named_one_taken() {
    let app = TestApp::on_with(Store::Sqlite, UNLIMITED, |config| {
        config.allowed_hosts = vec!["Films.Example".to_owned()];
    })
    .await;
    for (host, status) in [
        ("localhost", 200),
        ("localhost:3000", 200),
        ("LOCALHOST", 200),
        ("127.0.0.1:3000", 200),
        ("[::1]:3000", 200),
        ("films.example", 200),
        ("FILMS.example:443", 200),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("films.example.evil.example", 403),
        ("127.0.0.1.evil.example", 403),
        ("192.0.2.1", 403),
    ] {
        let answer = app.call(Method::GET, "/", &[("host", host)], None).await;
        assert_eq!(answer.status, status, "{host}");
    }
}
