//! A vote by GET that another site, an image or a prefetch causes.

use axum::http::Method;

use crate::support::{TestApp, UNLIMITED};

#[tokio::test]
async fn a_cross_site_vote_by_get_is_refused_unless_a_person_clicked() {
    let app = TestApp::new(UNLIMITED).await;
    let mut votes = 0;
    for (headers, status) in [
        (&[][..], 200),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")], 403),
        (&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-user", "?1")], 200),
        (&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")], 403),
        (&[("sec-fetch-site", "same-origin"), ("sec-fetch-dest", "image")], 403),
        (&[("sec-fetch-site", "same-origin"), ("sec-fetch-dest", "embed")], 403),
        (&[("sec-purpose", "prefetch")], 403),
        (&[("sec-fetch-site", "same-origin")], 200),
    ] {
        let answer = app.call(Method::GET, "/?like=1", headers, None).await;
        assert_eq!(answer.status, status, "{headers:?}");
        votes += i64::from(status == 200);
        assert_eq!(app.count("SELECT COUNT(*) FROM vote").await, votes, "{headers:?}");
    }
}
