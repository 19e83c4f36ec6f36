//! Bodies that are small on the wire and huge when they are expanded.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

use crate::support::{Live, Server, UNLIMITED, Wire, code};

const EXPANDED: usize = 128 * 1024 * 1024;

/// 128 MiB of blanks, which is where JSON may begin.
fn bomb() -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let part = vec![b' '; 1024 * 1024];
    for _ in 0..EXPANDED / part.len() {
        gzip.write_all(&part).expect("it is compressed");
    }
    gzip.finish().expect("it is compressed")
}

fn head(path: &str, more: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}\r\n\r\n")
}

/// Refused before it is read, with a sentence that tells what to do; nobody expands it.
#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_is_refused_and_never_expanded() {
    let bomb = bomb();
    assert!(bomb.len() < EXPANDED / 500);
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(
        folder.path(),
        &[("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_HTTP__MAX_BODY", "1048576")],
    );
    let before = server.memory();
    for path in ["/add_film", "/v1/films", "/graphql"] {
        for _ in 0..3 {
            let mut wire = Wire::connect(server.address()).await;
            let length = format!("Content-Encoding: gzip\r\nContent-Length: {}", bomb.len());
            wire.send(head(path, &length).as_bytes()).await;
            let (status, ..) = wire.answer().await;
            assert_eq!(status, 415, "{path}");
            // Nobody takes it any more.
            let _ = wire.stream.write_all(&bomb).await;
        }
    }
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 32 * 1024, "{grown} KiB more");
    assert_eq!(server.film(1).await["name"], "Frozen");
}

/// Whatever the encoding is called, and however it is told; what is none passes.
#[tokio::test]
async fn every_encoding_is_refused_at_both_surfaces() {
    let live = Live::start(UNLIMITED, &[], |_| {}).await;
    let film = r#"{"name":"N","studio":"S"}"#;
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
    deflated.write_all(film.as_bytes()).expect("it is compressed");
    let deflated = deflated.finish().expect("it is compressed");
    for path in ["/add_film", "/v1/films", "/graphql"] {
        for encoding in
            ["gzip", "x-gzip", "deflate", "br", "zstd", "GZIP", "identity, gzip", "gzip, gzip", "nonsense"]
        {
            let mut wire = live.connect().await;
            let more = format!("Content-Encoding: {encoding}\r\nContent-Length: {}", deflated.len());
            wire.send(&[head(path, &more).as_bytes(), &deflated].concat()).await;
            let (status, head, body) = wire.answer().await;
            assert_eq!((status, code(&body).as_str()), (415, "UNSUPPORTED_MEDIA_TYPE"), "{path} {encoding}");
            assert!(
                head.contains("accept-encoding: identity") && body.contains("Content-Encoding"),
                "{head}{body}"
            );
        }
        // A transfer coding that HTTP/1.1 knows and we do not.
        let mut wire = live.connect().await;
        wire.send(head(path, "Transfer-Encoding: gzip, chunked").as_bytes()).await;
        let (status, _, body) = wire.answer().await;
        assert_eq!((status, code(&body).as_str()), (400, "BAD_REQUEST"), "{path}");
        assert!(body.contains("transfer coding"), "{body}");
        // And one that leaves the end of the body open: the library refuses it by itself.
        let mut wire = live.connect().await;
        wire.send(head(path, "Transfer-Encoding: gzip").as_bytes()).await;
        assert_eq!(wire.answer().await.0, 400, "{path}");
    }
    assert_eq!(live.app.count("SELECT COUNT(*) FROM film").await, 620);
    for more in ["Content-Encoding: identity", "Content-Encoding: Identity", "Content-Encoding:"] {
        let mut wire = live.connect().await;
        let head = head("/v1/films", &format!("{more}\r\nContent-Length: {}", film.len()));
        wire.send(format!("{head}{film}").as_bytes()).await;
        assert!([201, 409].contains(&wire.answer().await.0), "{more}");
    }
    // Without a body there is nothing to expand.
    let mut wire = live.connect().await;
    wire.send(b"GET /v1/films/1 HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n\r\n").await;
    assert_eq!(wire.answer().await.0, 200);
}

/// Bodies that are begun and never end hold so much and no more, and nothing once they are gone.
#[tokio::test(flavor = "multi_thread")]
async fn bodies_on_their_way_are_bounded_for_each_client() {
    const SENT: usize = 900 * 1024;
    const BODIES: usize = 60;
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(
        folder.path(),
        &[("FILMGATE_LIMITS__ENABLED", "false"), ("FILMGATE_HTTP__MAX_BODY", "1048576")],
    );
    let before = server.memory();
    let mut begun = Vec::new();
    for _ in 0..BODIES {
        let mut wire = Wire::connect(server.address()).await;
        wire.send(head("/add_film", "Content-Length: 1048576\r\n").as_bytes()).await;
        // One that is refused meanwhile takes no more.
        let _ = wire.stream.write_all(&vec![b' '; SENT]).await;
        begun.push(wire);
    }
    // 16 MiB have room for eighteen of them.
    let refused = server.await_log(BODIES - 18, |line| line["status"] == 503).len();
    assert!(refused <= BODIES - 12, "{refused} of {BODIES}");
    let grown = server.memory().saturating_sub(before) / 1024;
    assert!(grown < 64, "{grown} MiB more");
    drop(begun);
    server.await_log(BODIES, |line| !line["status"].is_null());
    let mut whole = Wire::connect(server.address()).await;
    whole.send(head("/add_film", "Content-Length: 1048576\r\n").as_bytes()).await;
    whole.send(&vec![b' '; 1024 * 1024]).await;
    assert_eq!(whole.answer().await.0, 400, "read to its end, and no JSON");
}
