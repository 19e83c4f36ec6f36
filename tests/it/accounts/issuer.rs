//! Tokens of an external issuer: which are believed, and the ways to forge one.

use aws_lc_rs::hmac;
use filmgate::issuer::{Algorithm, Issuer, Refusal, Settings};
use filmgate::service::caller::Role;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

use crate::support::ManualClock;
use crate::support::issuer::{
    AUDIENCE, Answer, ISSUER, JwksServer, NOW, SigningKey, base64url, claims, issuer, settings,
};

const ALGORITHM: Refusal = Refusal::Invalid("its algorithm is not allowed");
const NO_KEY: Refusal = Refusal::Invalid("no key of the set fits it");
const SIGNATURE: Refusal = Refusal::Invalid("its signature is wrong");
const BASE64: Refusal = Refusal::Invalid("a part of it is not base64url");
const PARTS: Refusal = Refusal::Invalid("it has not three parts");
const JSON: Refusal = Refusal::Invalid("a part of it is not a JSON object");
const EXPIRED: Refusal = Refusal::Invalid("it has expired");
const NO_EXPIRY: Refusal = Refusal::Invalid("it does not say when it expires");
const NOT_A_TIME: Refusal = Refusal::Invalid("a time in it is not a number of seconds");
const OTHER_ISSUER: Refusal = Refusal::Invalid("it is of another issuer");
const OTHER_AUDIENCE: Refusal = Refusal::Invalid("it is for another audience");
const NOBODY: Refusal = Refusal::Invalid("it does not say whose it is");

/// An issuer with one key of each kind, and one who trusts it.
struct Scene {
    rsa: &'static SigningKey,
    p256: SigningKey,
    p384: SigningKey,
    ed25519: SigningKey,
    server: JwksServer,
    clock: ManualClock,
    issuer: Issuer,
}

impl Scene {
    async fn new() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let (rsa, p256) = (SigningKey::rsa(), SigningKey::p256());
        let (p384, ed25519) = (SigningKey::p384(), SigningKey::ed25519());
        let keys = vec![rsa.jwk("rsa"), p256.jwk("p256"), p384.jwk("p384"), ed25519.jwk("ed")];
        let server = JwksServer::start(Answer::Keys(keys)).await;
        let clock = ManualClock::new();
        let mut settings = settings(server.source());
        change(&mut settings);
        let issuer = Issuer::new(settings, Arc::new(clock.clone())).expect("an issuer");
        Self { rsa, p256, p384, ed25519, server, clock, issuer }
    }

    async fn refuses(&self, token: &str, refusal: Refusal, why: &str) {
        assert_eq!(self.issuer.verify(token).await, Err(refusal), "{why}: {token}");
    }

    /// The claims of a good token with these changes; null takes one away.
    fn changed(&self, changes: &Value) -> String {
        let mut claims = claims();
        for (name, value) in changes.as_object().expect("an object") {
            match value {
                Value::Null => claims.as_object_mut().expect("an object").remove(name),
                value => claims.as_object_mut().expect("an object").insert(name.clone(), value.clone()),
            };
        }
        self.ed25519.token("EdDSA", "ed", &claims)
    }
}

#[tokio::test]
async fn a_good_token_of_every_algorithm_tells_who_and_what() {
    let scene = Scene::new().await;
    let mut claims = claims();
    claims["role"] = "editor".into();
    claims["aud"] = json!(["other", "films"]);
    for (algorithm, key, kid) in [
        ("RS256", scene.rsa, "rsa"),
        ("RS384", scene.rsa, "rsa"),
        ("RS512", scene.rsa, "rsa"),
        ("PS256", scene.rsa, "rsa"),
        ("PS384", scene.rsa, "rsa"),
        ("PS512", scene.rsa, "rsa"),
        ("ES256", &scene.p256, "p256"),
        ("ES384", &scene.p384, "p384"),
        ("EdDSA", &scene.ed25519, "ed"),
    ] {
        let subject = scene.issuer.verify(&key.token(algorithm, kid, &claims)).await.expect(algorithm);
        assert_eq!((&*subject.issuer, &*subject.subject, subject.role), (ISSUER, "alice", Role::Editor));
        assert_eq!(subject.expires_at, (NOW + 300 + 30) * 1_000);
    }
    for kind in ["jwt", "at+jwt", "application/at+JWT"] {
        let header = json!({"alg": "EdDSA", "kid": "ed", "typ": kind}).to_string();
        let token = scene.ed25519.token_of("EdDSA", &header, &claims.to_string());
        assert!(scene.issuer.verify(&token).await.is_ok(), "{kind}");
    }
    assert_eq!(scene.server.asked(), 1, "one reading serves them all");
}

#[tokio::test]
async fn a_token_without_a_signature_is_worth_nothing() {
    let scene = Scene::new().await;
    for name in ["none", "None", "NONE", "nOnE", ""] {
        let header = base64url(json!({"alg": name, "kid": "rsa"}).to_string());
        let message = format!("{header}.{}", base64url(claims().to_string()));
        scene.refuses(&format!("{message}."), ALGORITHM, name).await;
    }
    let good = scene.rsa.token("RS256", "rsa", &claims());
    let (message, _) = good.rsplit_once('.').expect("a signature");
    scene.refuses(&format!("{message}."), SIGNATURE, "its signature cut off").await;
    scene.refuses(message, PARTS, "its signature cut off with the dot").await;
    let other = scene.changed(&json!({"sub": "mallory"}));
    let (_, signature) = other.rsplit_once('.').expect("a signature");
    scene.refuses(&format!("{message}.{signature}"), SIGNATURE, "a signature of another token").await;
}

#[tokio::test]
async fn a_public_key_does_not_do_as_a_secret() {
    let scene = Scene::new().await;
    let jwk = scene.rsa.jwk("rsa");
    let mut secrets = scene.rsa.rsa_public_files();
    let modulus = jwk["n"].as_str().expect("a modulus");
    secrets.push(modulus.as_bytes().to_vec());
    secrets.push(
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, modulus).expect("bytes"),
    );
    secrets.push(jwk.to_string().into_bytes());
    secrets.push(Vec::new());
    for (algorithm, digest) in
        [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)]
    {
        for secret in &secrets {
            let header = base64url(json!({"alg": algorithm, "kid": "rsa"}).to_string());
            let message = format!("{header}.{}", base64url(claims().to_string()));
            let signature = hmac::sign(&hmac::Key::new(digest, secret), message.as_bytes());
            scene.refuses(&format!("{message}.{}", base64url(signature)), ALGORITHM, algorithm).await;
        }
    }
}

#[tokio::test]
async fn a_key_serves_its_own_algorithm_only() {
    let scene = Scene::new().await;
    // What the header says is not what was signed.
    for (said, signed, key, kid, refusal) in [
        ("RS512", "RS256", scene.rsa, "rsa", SIGNATURE),
        ("PS256", "RS256", scene.rsa, "rsa", SIGNATURE),
        ("RS256", "PS256", scene.rsa, "rsa", SIGNATURE),
        ("ES256", "RS256", scene.rsa, "rsa", NO_KEY),
        ("EdDSA", "RS256", scene.rsa, "rsa", NO_KEY),
        ("ES384", "ES256", &scene.p256, "p256", NO_KEY),
        ("RS256", "ES256", &scene.p256, "p256", NO_KEY),
        ("rs256", "RS256", scene.rsa, "rsa", ALGORITHM),
        ("ES512", "ES256", &scene.p256, "p256", ALGORITHM),
    ] {
        let header = json!({"alg": said, "kid": kid}).to_string();
        scene.refuses(&key.token_of(signed, &header, &claims().to_string()), refusal, said).await;
    }
    let narrow = Scene::with(|settings| settings.algorithms = vec![Algorithm::ES256]).await;
    narrow.refuses(&narrow.rsa.token("RS256", "rsa", &claims()), ALGORITHM, "not on the list").await;
    assert!(narrow.issuer.verify(&narrow.p256.token("ES256", "p256", &claims())).await.is_ok());
}

#[tokio::test]
async fn the_id_of_a_key_is_compared_and_nothing_else() {
    let scene = Scene::new().await;
    for kid in ["../../../../dev/null", "rsa\u{0}", "RSA", "", "rsa' OR 1=1", "http://127.0.0.1/", "p256"] {
        scene.refuses(&scene.rsa.token("RS256", kid, &claims()), NO_KEY, kid).await;
    }
    let without = |algorithm: &str| json!({ "alg": algorithm }).to_string();
    let token = scene.rsa.token_of("RS256", &without("RS256"), &claims().to_string());
    assert!(scene.issuer.verify(&token).await.is_ok(), "one key fits, so it need not be named");
    let two = JwksServer::start(Answer::Keys(vec![scene.rsa.jwk("a"), SigningKey::new_rsa().jwk("b")])).await;
    let two = issuer(&two, &scene.clock);
    let several = Refusal::Invalid("it names no key, and several fit it");
    assert_eq!(two.verify(&token).await, Err(several));
    assert!(two.verify(&scene.rsa.token("RS256", "a", &claims())).await.is_ok());
    for kid in [json!(1), json!(["rsa"]), json!({"a": 1}), Value::Null] {
        let header = json!({"alg": "RS256", "kid": kid}).to_string();
        let token = scene.rsa.token_of("RS256", &header, &claims().to_string());
        scene.refuses(&token, Refusal::Invalid("the id of its key is not a string"), "kid").await;
    }
}

#[tokio::test]
async fn a_token_cannot_bring_its_own_key() {
    let scene = Scene::new().await;
    let attacker = SigningKey::new_rsa();
    let trap = JwksServer::start(Answer::Keys(vec![attacker.jwk("rsa")])).await;
    let certificate = json!([base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        &attacker.rsa_public_files()[1]
    )]);
    for (name, value) in [
        ("jku", json!(trap.url())),
        ("x5u", json!(trap.url())),
        ("jwk", attacker.jwk("rsa")),
        ("x5c", certificate),
        ("x5t", json!("abc")),
    ] {
        let mut header = json!({"alg": "RS256", "kid": "rsa"});
        header[name] = value.clone();
        let forged = attacker.token_of("RS256", &header.to_string(), &claims().to_string());
        scene.refuses(&forged, SIGNATURE, name).await;
        // And in a good token it is passed over.
        let good = scene.rsa.token_of("RS256", &header.to_string(), &claims().to_string());
        assert!(scene.issuer.verify(&good).await.is_ok(), "{name}");
    }
    assert_eq!(trap.asked(), 0);
}

#[tokio::test]
async fn demands_of_a_header_are_not_passed_over() {
    let scene = Scene::new().await;
    for crit in [json!(["exp"]), json!(["b64"]), json!([]), Value::Null] {
        let header = json!({"alg": "RS256", "kid": "rsa", "crit": crit, "b64": false}).to_string();
        let token = scene.rsa.token_of("RS256", &header, &claims().to_string());
        let demands = Refusal::Invalid("its header has demands that are not known here");
        scene.refuses(&token, demands, "crit").await;
    }
    for kind in [json!("logout+jwt"), json!("dpop+jwt"), json!("secevent+jwt"), json!(""), json!(1)] {
        let header = json!({"alg": "RS256", "kid": "rsa", "typ": kind}).to_string();
        let token = scene.rsa.token_of("RS256", &header, &claims().to_string());
        let other = Refusal::Invalid("it is not of a type that grants access");
        scene.refuses(&token, other, &kind.to_string()).await;
    }
}

#[tokio::test]
async fn a_token_counts_in_its_time_only() {
    let scene = Scene::new().await;
    let not_yet = Refusal::Invalid("it is not valid yet");
    let future = Refusal::Invalid("it was issued in the future");
    // The leeway is 30 seconds.
    for changes in [
        json!({"exp": NOW - 29}),
        json!({"exp": 1_795_391_970.5}),
        json!({"exp": 9_999_999_999_i64}),
        json!({"nbf": NOW + 30}),
        json!({"iat": NOW + 30}),
        json!({"iat": null}),
        json!({"iat": 0}),
    ] {
        let token = scene.changed(&changes);
        assert!(scene.issuer.verify(&token).await.is_ok(), "{changes}");
    }
    for (changes, refusal) in [
        (json!({"exp": NOW - 30}), EXPIRED),
        (json!({"exp": 0}), EXPIRED),
        (json!({"exp": null}), NO_EXPIRY),
        (json!({"exp": (NOW + 300).to_string()}), NOT_A_TIME),
        (json!({"exp": -1}), NOT_A_TIME),
        (json!({"exp": 1e300}), NOT_A_TIME),
        (json!({"exp": u64::MAX}), NOT_A_TIME),
        (json!({"exp": true}), NOT_A_TIME),
        (json!({"exp": [NOW + 300]}), NOT_A_TIME),
        (json!({"nbf": NOW + 31}), not_yet),
        (json!({"nbf": "soon"}), NOT_A_TIME),
        (json!({"iat": NOW + 31}), future),
        (json!({"iat": {}}), NOT_A_TIME),
    ] {
        scene.refuses(&scene.changed(&changes), refusal, &changes.to_string()).await;
    }
    let token = scene.changed(&json!({}));
    scene.clock.advance(Duration::from_secs(329));
    assert!(scene.issuer.verify(&token).await.is_ok());
    scene.clock.advance(Duration::from_secs(1));
    scene.refuses(&token, EXPIRED, "later").await;
}

#[tokio::test]
async fn a_token_is_from_the_issuer_for_us_and_of_somebody() {
    let scene = Scene::new().await;
    for changes in [json!({"aud": "films"}), json!({"aud": ["x", AUDIENCE]}), json!({"sub": "x".repeat(255)})]
    {
        assert!(scene.issuer.verify(&scene.changed(&changes)).await.is_ok(), "{changes}");
    }
    for (changes, refusal) in [
        (json!({"iss": null}), OTHER_ISSUER),
        (json!({"iss": ""}), OTHER_ISSUER),
        (json!({"iss": "https://id.example/"}), OTHER_ISSUER),
        (json!({"iss": "https://ID.example"}), OTHER_ISSUER),
        (json!({"iss": "https://id.example.evil"}), OTHER_ISSUER),
        (json!({"iss": [ISSUER]}), OTHER_ISSUER),
        (json!({"aud": null}), OTHER_AUDIENCE),
        (json!({"aud": ""}), OTHER_AUDIENCE),
        (json!({"aud": []}), OTHER_AUDIENCE),
        (json!({"aud": "Filmgate"}), OTHER_AUDIENCE),
        (json!({"aud": "filmgate "}), OTHER_AUDIENCE),
        (json!({"aud": ["other"]}), OTHER_AUDIENCE),
        (json!({"aud": [["filmgate"]]}), OTHER_AUDIENCE),
        (json!({"aud": ["filmgate", 1]}), OTHER_AUDIENCE),
        (json!({"aud": {"filmgate": true}}), OTHER_AUDIENCE),
        (json!({"sub": null}), NOBODY),
        (json!({"sub": ""}), NOBODY),
        (json!({"sub": "  "}), NOBODY),
        (json!({"sub": 7}), NOBODY),
        (json!({"sub": "x".repeat(256)}), NOBODY),
        (json!({"sub": "alice\n"}), NOBODY),
        (json!({"sub": "alice\u{202e}"}), NOBODY),
        (json!({"role": 1}), Refusal::Invalid("its role is neither a string nor a list of strings")),
    ] {
        scene.refuses(&scene.changed(&changes), refusal, &changes.to_string()).await;
    }
}

#[tokio::test]
async fn there_is_one_way_to_write_a_token() {
    let scene = Scene::new().await;
    let good = scene.changed(&json!({}));
    assert!(scene.issuer.verify(&good).await.is_ok());
    let (message, signature) = good.rsplit_once('.').expect("a signature");
    let (header, body) = message.split_once('.').expect("claims");
    // The last letter of 64 bytes carries four bits of nothing.
    let last = signature.chars().next_back().expect("a letter");
    let beside = char::from_u32(last as u32 + 1).expect("a letter");
    let beside = format!("{message}.{}{beside}", &signature[..signature.len() - 1]);
    for (token, refusal) in [
        (String::new(), PARTS),
        (header.to_owned(), PARTS),
        (message.to_owned(), PARTS),
        (format!("{good}."), PARTS),
        (format!("{good}.{signature}.{signature}"), PARTS),
        (format!(" {good}"), BASE64),
        (format!("{good} "), SIGNATURE),
        (format!("{good}\n"), SIGNATURE),
        (format!("{good}="), SIGNATURE),
        (format!("{good}=="), SIGNATURE),
        (format!("{message}.{}", signature.replacen(last, "+", 1)), SIGNATURE),
        (beside, SIGNATURE),
        (format!("{message}.\u{e9}{signature}"), SIGNATURE),
        (format!("..{signature}"), JSON),
        ("..".to_owned(), JSON),
        ("x".repeat(8_193), Refusal::Invalid("it is too long")),
    ] {
        scene.refuses(&token, refusal, "its form").await;
    }
    // Well signed, but not well written.
    let sign = |header: &str, body: &str| {
        let message = format!("{header}.{body}");
        format!("{message}.{}", base64url(scene.ed25519.sign("EdDSA", message.as_bytes())))
    };
    assert!(scene.issuer.verify(&sign(header, body)).await.is_ok());
    for padded in [format!("{body}="), format!("{body}=="), format!("{body} "), format!("{body}\r\n")] {
        scene.refuses(&sign(header, &padded), BASE64, "its claims").await;
        scene.refuses(&sign(&padded, body), BASE64, "its header").await;
    }
    scene.refuses(&sign(header, &base64url("[]")), JSON, "a list").await;
    scene.refuses(&sign(header, &base64url("{}{}")), JSON, "two objects").await;
    scene.refuses(&sign(header, &base64url("{\"a\":\u{7f}")), JSON, "half an object").await;
    scene.refuses(&sign(header, &base64url([0xFF, 0xFE])), JSON, "no text").await;
    let longest = |length: usize| {
        let mut claims = claims();
        claims["x"] = "y".repeat(length).into();
        scene.ed25519.token("EdDSA", "ed", &claims)
    };
    assert!(scene.issuer.verify(&longest(5_700)).await.is_ok());
    scene.refuses(&longest(6_500), Refusal::Invalid("it is too long"), "its length").await;
}

#[tokio::test]
async fn what_is_said_twice_is_not_believed() {
    let scene = Scene::new().await;
    let text = claims().to_string();
    let with = |more: &str| text.replacen('{', &format!("{{{more},"), 1);
    let good_header = r#"{"alg":"EdDSA","kid":"ed"}"#;
    let token = scene.ed25519.token_of("EdDSA", good_header, &with(r#""x":1"#));
    assert!(scene.issuer.verify(&token).await.is_ok());
    for twice in [
        r#""sub":"mallory""#,
        r#""exp":1"#,
        r#""aud":"x""#,
        r#""x":{"a":1,"a":2}"#,
        r#""\u0073ub":"mallory""#,
    ] {
        let token = scene.ed25519.token_of("EdDSA", good_header, &with(twice));
        scene.refuses(&token, JSON, twice).await;
    }
    for header in [
        r#"{"alg":"none","alg":"EdDSA","kid":"ed"}"#,
        r#"{"alg":"EdDSA","kid":"other","kid":"ed"}"#,
        r#"{"alg":"EdDSA","kid":"ed","\u0061lg":"none"}"#,
    ] {
        scene.refuses(&scene.ed25519.token_of("EdDSA", header, &text), JSON, header).await;
    }
}

#[tokio::test]
async fn nothing_that_is_printed_shows_a_token_or_a_key() {
    let scene = Scene::new().await;
    let token = scene.changed(&json!({"sub": "CaNaRy", "exp": 1}));
    let refusal = scene.issuer.verify(&token).await.expect_err("expired");
    let modulus = scene.rsa.jwk("rsa")["n"].as_str().expect("a modulus")[..20].to_owned();
    for text in [format!("{refusal:?}"), refusal.to_string(), format!("{:?}", scene.issuer)] {
        for secret in ["CaNaRy", &token[..20], &modulus] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    // The bearer is told nothing that helps, whatever it was.
    assert_eq!(refusal.to_string(), NO_KEY.to_string());
}
