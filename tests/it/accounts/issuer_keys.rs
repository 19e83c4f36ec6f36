//! The keys of an external issuer: where they come from, how they change, and what happens when they cannot be had.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use filmgate::issuer::{Issuer, Refusal, Source};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::ManualClock;
use crate::support::issuer::{Answer, JwksServer, SigningKey, base64url, claims, issuer, settings};

const NO_KEY: Refusal = Refusal::Invalid("no key of the set fits it");

/// A good token for as long as the tests turn the clock.
fn token(key: &SigningKey, kid: &str) -> String {
    let mut claims = claims();
    claims["exp"] = 9_999_999_999_i64.into();
    key.token(if matches!(key, SigningKey::Ed25519(_)) { "EdDSA" } else { "RS256" }, kid, &claims)
}

fn set(keys: &[Value]) -> Vec<u8> {
    json!({ "keys": keys }).to_string().into_bytes()
}

#[tokio::test]
async fn keys_rotate_with_an_overlap() {
    let (old, new) = (SigningKey::ed25519(), SigningKey::ed25519());
    let clock = ManualClock::new();
    let server = JwksServer::start(Answer::Keys(vec![old.jwk("1")])).await;
    let issuer = issuer(&server, &clock);
    assert!(issuer.verify(&token(&old, "1")).await.is_ok());
    server.answers(Answer::Keys(vec![old.jwk("1"), new.jwk("2")]));
    clock.advance(Duration::from_secs(30));
    assert!(issuer.verify(&token(&new, "2")).await.is_ok(), "an unknown key is looked for at once");
    assert!(issuer.verify(&token(&old, "1")).await.is_ok());
    assert_eq!(server.asked(), 2);
    // The old one is withdrawn, and no token of its makes anybody look: the hour does.
    server.answers(Answer::Keys(vec![new.jwk("2")]));
    clock.advance(Duration::from_secs(3_599));
    assert!(issuer.verify(&token(&old, "1")).await.is_ok());
    assert_eq!(server.asked(), 2);
    clock.advance(Duration::from_secs(1));
    assert_eq!(issuer.verify(&token(&old, "1")).await, Err(NO_KEY), "not even the first token after it");
    assert!(issuer.verify(&token(&new, "2")).await.is_ok());
    assert_eq!(server.asked(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_storm_of_unknown_keys_is_one_fetch_in_half_a_minute() {
    let key = SigningKey::ed25519();
    let clock = ManualClock::new();
    let server = JwksServer::start(Answer::Slow(Duration::from_millis(200), vec![key.jwk("1")])).await;
    let issuer = Arc::new(issuer(&server, &clock));
    let storm = |round: usize| {
        let issuer = Arc::clone(&issuer);
        let tokens: Vec<String> = (0..200).map(|place| token(&key, &format!("{round}-{place}"))).collect();
        async move {
            let mut tasks = tokio::task::JoinSet::new();
            for token in tokens {
                let issuer = Arc::clone(&issuer);
                tasks.spawn(async move { issuer.verify(&token).await });
            }
            tasks.join_all().await
        }
    };
    assert!(storm(0).await.iter().all(|refused| *refused == Err(NO_KEY)));
    assert_eq!(server.asked(), 1, "the very first ones wait for the same keys");
    clock.advance(Duration::from_secs(29));
    assert!(storm(1).await.iter().all(|refused| *refused == Err(NO_KEY)));
    assert_eq!(server.asked(), 1);
    clock.advance(Duration::from_secs(1));
    assert!(storm(2).await.iter().all(|refused| *refused == Err(NO_KEY)));
    assert_eq!(server.asked(), 2);
    assert!(issuer.verify(&token(&key, "1")).await.is_ok(), "and nobody else is in its way");
}

#[tokio::test]
async fn without_keys_nobody_can_tell_and_nobody_is_anonymous() {
    let key = SigningKey::ed25519();
    let clock = ManualClock::new();
    for answer in [
        Answer::Status(500),
        Answer::Status(404),
        Answer::Status(204),
        Answer::Body(b"<html>Sign in</html>".to_vec()),
        Answer::Body(b"{}".to_vec()),
        Answer::Body(br#"{"keys":{}}"#.to_vec()),
        Answer::Body([set(&[key.jwk("1")]), vec![b' '; 256 * 1024]].concat()),
    ] {
        let server = JwksServer::start(answer).await;
        let issuer = issuer(&server, &clock);
        issuer.warm_up().await;
        for _ in 0..10 {
            assert_eq!(issuer.verify(&token(&key, "1")).await, Err(Refusal::Unavailable));
        }
        assert_eq!(server.asked(), 1, "once, however many ask");
        // A token that is none needs no keys to be refused.
        assert_eq!(issuer.verify("a.b").await, Err(Refusal::Invalid("it has not three parts")));
        server.answers(Answer::Keys(vec![key.jwk("1")]));
        clock.advance(Duration::from_secs(5));
        assert!(issuer.verify(&token(&key, "1")).await.is_ok(), "and it recovers by itself");
    }
    let gone = JwksServer::start(Answer::Status(200)).await;
    let source = gone.source();
    drop(gone);
    let issuer = Issuer::new(settings(source), Arc::new(clock.clone())).expect("it starts all the same");
    assert_eq!(issuer.verify(&token(&key, "1")).await, Err(Refusal::Unavailable));
}

#[tokio::test]
async fn known_keys_go_on_while_the_issuer_is_down() {
    let key = SigningKey::ed25519();
    let clock = ManualClock::new();
    let server = JwksServer::start(Answer::Keys(vec![key.jwk("1")])).await;
    let issuer = issuer(&server, &clock);
    assert!(issuer.verify(&token(&key, "1")).await.is_ok());
    server.answers(Answer::Status(503));
    clock.advance(Duration::from_hours(1));
    for _ in 0..10 {
        assert!(issuer.verify(&token(&key, "1")).await.is_ok());
        // This may be a new key, or nonsense: nobody can tell.
        assert_eq!(issuer.verify(&token(&key, "2")).await, Err(Refusal::Unavailable));
    }
    assert_eq!(server.asked(), 2);
    server.answers(Answer::Keys(vec![key.jwk("2")]));
    clock.advance(Duration::from_secs(30));
    assert!(issuer.verify(&token(&key, "2")).await.is_ok());
    assert_eq!(issuer.verify(&token(&key, "1")).await, Err(NO_KEY));
}

#[tokio::test]
async fn a_slow_issuer_holds_nobody_for_long() {
    let key = SigningKey::ed25519();
    let clock = ManualClock::new();
    let server = JwksServer::start(Answer::Keys(vec![key.jwk("1")])).await;
    let issuer = issuer(&server, &clock);
    assert!(issuer.verify(&token(&key, "1")).await.is_ok());
    server.answers(Answer::Slow(Duration::from_mins(10), Vec::new()));
    clock.advance(Duration::from_hours(1));
    let stale = token(&key, "1");
    let verified = timeout(Duration::from_mins(1), issuer.verify(&stale)).await;
    assert!(verified.expect("it gives up by itself").is_ok());
    // From now on only one in the background tries, and nobody waits.
    clock.advance(Duration::from_secs(30));
    let many = async {
        for _ in 0..100 {
            assert!(issuer.verify(&stale).await.is_ok());
        }
    };
    timeout(Duration::from_secs(3), many).await.expect("nobody waits for the one in the background");
    assert!(server.asked() <= 3, "{}", server.asked());
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    let key = SigningKey::ed25519();
    let elsewhere = JwksServer::start(Answer::Keys(vec![key.jwk("1")])).await;
    let server = JwksServer::start(Answer::Redirect(elsewhere.url())).await;
    let issuer = issuer(&server, &ManualClock::new());
    assert_eq!(issuer.verify(&token(&key, "1")).await, Err(Refusal::Unavailable));
    assert_eq!((server.asked(), elsewhere.asked()), (1, 0));
}

#[tokio::test]
async fn keys_that_are_of_no_use_spoil_nothing() {
    let good = SigningKey::ed25519();
    let weak = json!({"kty": "RSA", "kid": "weak", "n": base64url([0xFF; 128]), "e": "AQAB"});
    let huge = json!({"kty": "RSA", "kid": "huge", "n": base64url([0xFF; 1_025]), "e": "AQAB"});
    let changed = |key: &SigningKey, changes: &[(&str, Value)]| {
        let mut jwk = key.jwk("changed");
        for (name, value) in changes {
            jwk[*name] = value.clone();
        }
        jwk
    };
    let rsa = SigningKey::rsa();
    let padded = format!("{}==", rsa.jwk("x")["n"].as_str().expect("a modulus"));
    for useless in [
        weak,
        huge,
        json!(1),
        json!({}),
        json!({"kty": "oct", "kid": "changed", "k": base64url([1; 32])}),
        json!({"kty": "OKP", "crv": "X25519", "kid": "changed", "x": base64url([1; 32])}),
        json!({"kty": "EC", "crv": "P-521", "kid": "changed", "x": "AA", "y": "AA"}),
        changed(&SigningKey::p256(), &[("x", json!("AAAA"))]),
        changed(&SigningKey::p256(), &[("y", Value::Null)]),
        changed(rsa, &[("use", json!("enc"))]),
        changed(rsa, &[("key_ops", json!(["encrypt"]))]),
        changed(rsa, &[("alg", json!("ES256"))]),
        changed(rsa, &[("alg", json!("HS256"))]),
        changed(rsa, &[("alg", json!("RSA-OAEP"))]),
        changed(rsa, &[("d", json!("AQAB"))]),
        changed(rsa, &[("e", json!("AQ"))]),
        changed(rsa, &[("e", json!("Ag"))]),
        changed(rsa, &[("e", json!(""))]),
        changed(rsa, &[("n", json!(padded))]),
        changed(rsa, &[("kid", json!(7))]),
    ] {
        let server = JwksServer::start(Answer::Keys(vec![useless.clone(), good.jwk("good")])).await;
        let issuer = issuer(&server, &ManualClock::new());
        assert!(issuer.verify(&token(&good, "good")).await.is_ok(), "{useless}");
        assert_eq!(issuer.verify(&token(rsa, "changed")).await, Err(NO_KEY), "{useless}");
    }
    // And what is said of a key but does not hinder it.
    for changes in [
        vec![],
        vec![("alg", json!("RS256"))],
        vec![("use", Value::Null), ("key_ops", json!(["verify"]))],
        vec![("x5c", json!(["nonsense"])), ("x5u", json!("http://127.0.0.1:1/"))],
        vec![("n", json!(base64url([&[0], &*decoded(&rsa.jwk("x")["n"])].concat())))],
    ] {
        let server = JwksServer::start(Answer::Keys(vec![changed(rsa, &changes)])).await;
        let issuer = issuer(&server, &ManualClock::new());
        assert!(issuer.verify(&token(rsa, "changed")).await.is_ok(), "{changes:?}");
    }
}

fn decoded(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("a string");
    base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text).expect("bytes")
}

#[tokio::test]
async fn a_set_of_very_many_keys_is_cut() {
    let key = SigningKey::ed25519();
    let keys = |before: usize| {
        (0..before).map(|place| key.jwk(&place.to_string())).chain([key.jwk("last")]).collect::<Vec<_>>()
    };
    for (before, found) in [(63, true), (64, false)] {
        let server = JwksServer::start(Answer::Keys(keys(before))).await;
        let issuer = issuer(&server, &ManualClock::new());
        assert_eq!(issuer.verify(&token(&key, "last")).await.is_ok(), found, "{before}");
    }
}

fn from_file(path: &Path, clock: &ManualClock) -> Result<Issuer, String> {
    let source: Source = path.to_str().expect("a path").parse().expect("a source");
    Issuer::new(settings(source), Arc::new(clock.clone())).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_file_of_keys_counts_as_soon_as_it_changes() {
    let (old, new) = (SigningKey::ed25519(), SigningKey::ed25519());
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("keys.json");
    let clock = ManualClock::new();
    std::fs::write(&path, set(&[old.jwk("1")])).expect("a file");
    let issuer = from_file(&path, &clock).expect("an issuer");
    assert!(issuer.verify(&token(&old, "1")).await.is_ok());
    std::fs::write(&path, set(&[new.jwk("2")])).expect("a file");
    clock.advance(Duration::from_secs(1));
    assert_eq!(issuer.verify(&token(&old, "1")).await, Err(NO_KEY));
    assert!(issuer.verify(&token(&new, "2")).await.is_ok());
    // Half-written, or gone: the known keys go on.
    for broken in [Some(&b"{\"keys\":["[..]), None] {
        match broken {
            Some(text) => std::fs::write(&path, text).expect("a file"),
            None => std::fs::remove_file(&path).expect("it was there"),
        }
        clock.advance(Duration::from_secs(1));
        assert!(issuer.verify(&token(&new, "2")).await.is_ok());
        assert_eq!(issuer.verify(&token(&old, "1")).await, Err(Refusal::Unavailable));
    }
    std::fs::write(&path, set(&[old.jwk("1")])).expect("a file");
    clock.advance(Duration::from_secs(1));
    assert!(issuer.verify(&token(&old, "1")).await.is_ok());
}

#[test]
fn a_file_without_keys_stops_the_start() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("keys.json");
    let told = || from_file(&path, &ManualClock::new()).expect_err("no issuer");
    assert!(told().contains("cannot be read"), "{}", told());
    for (content, word) in [
        (b"{".to_vec(), "not a JSON Web Key Set"),
        (set(&[]), "no key that can be used"),
        (set(&[json!({"kty": "oct", "k": "AQ"})]), "no key that can be used"),
        (vec![b' '; 300_000], "more than 262144 bytes"),
    ] {
        std::fs::write(&path, content).expect("a file");
        assert!(told().starts_with("auth.jwt.jwks: ") && told().contains(word), "{}", told());
    }
}
