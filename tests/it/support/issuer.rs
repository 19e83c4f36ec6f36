//! An issuer of tokens: keys that sign, and a server that publishes what it is told to.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaKeyPair, RsaPublicKeyComponents,
};
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use filmgate::issuer::{ALGORITHMS, Issuer, Roles, Settings, Source};
use filmgate::service::caller::Role;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::ManualClock;

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const AUDIENCE: &str = "filmgate";

/// A private key.
pub(crate) enum SigningKey {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Made once, since that takes a while.
    pub(crate) fn rsa() -> &'static Self {
        static KEY: OnceLock<SigningKey> = OnceLock::new();
        KEY.get_or_init(Self::new_rsa)
    }

    pub(crate) fn new_rsa() -> Self {
        Self::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key")))
    }

    pub(crate) fn p256() -> Self {
        Self::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
    }

    pub(crate) fn p384() -> Self {
        Self::P384(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).expect("a key"))
    }

    pub(crate) fn ed25519() -> Self {
        Self::Ed25519(Ed25519KeyPair::generate().expect("a key"))
    }

    /// What an issuer publishes of it.
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let point = |curve: &str, point: &[u8]| {
            let (x, y) = point[1..].split_at(point.len() / 2);
            json!({"kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y)})
        };
        let mut jwk = match self {
            Self::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "n": base64url(&public.n), "e": base64url(&public.e)})
            }
            Self::P256(pair) => point("P-256", pair.public_key().as_ref()),
            Self::P384(pair) => point("P-384", pair.public_key().as_ref()),
            Self::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key().as_ref())})
            }
        };
        jwk["kid"] = kid.into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// The public key as files hold it: PKCS#1, and SPKI in DER and PEM.
    pub(crate) fn rsa_public_files(&self) -> Vec<Vec<u8>> {
        let Self::Rsa(pair) = self else { panic!("an RSA key") };
        let public = pair.public_key();
        let spki = public.as_der().expect("DER").as_ref().to_vec();
        let lines: Vec<String> = STANDARD
            .encode(&spki)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", lines.join("\n"));
        vec![public.as_ref().to_vec(), spki, pem.clone().into_bytes(), format!("{pem}\n").into_bytes()]
    }

    pub(crate) fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let padding: &'static dyn aws_lc_rs::signature::RsaEncoding = match algorithm {
                    "RS256" => &RSA_PKCS1_SHA256,
                    "RS384" => &RSA_PKCS1_SHA384,
                    "RS512" => &RSA_PKCS1_SHA512,
                    "PS256" => &RSA_PSS_SHA256,
                    "PS384" => &RSA_PSS_SHA384,
                    "PS512" => &RSA_PSS_SHA512,
                    other => panic!("no RSA algorithm: {other}"),
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, message, &mut signature).expect("a signature");
                signature
            }
            Self::P256(pair) | Self::P384(pair) => {
                pair.sign(&random, message).expect("a signature").as_ref().to_vec()
            }
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// A token whose parts are text, so that it can be wrong in every way.
    pub(crate) fn token_of(&self, algorithm: &str, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", base64url(header), base64url(claims));
        let signature = base64url(self.sign(algorithm, message.as_bytes()));
        format!("{message}.{signature}")
    }

    pub(crate) fn token(&self, algorithm: &str, kid: &str, claims: &Value) -> String {
        let header = json!({"alg": algorithm, "typ": "JWT", "kid": kid});
        self.token_of(algorithm, &header.to_string(), &claims.to_string())
    }
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Seconds since the epoch of [`ManualClock::new`].
pub(crate) const NOW: i64 = 1_795_392_000;

/// Good ones, for five minutes.
pub(crate) fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": NOW, "exp": NOW + 300})
}

/// Everything allowed, and the defaults besides.
pub(crate) fn settings(source: Source) -> Settings {
    Settings {
        issuer: ISSUER.to_owned(),
        audience: vec![AUDIENCE.to_owned(), "films".to_owned()],
        source,
        algorithms: ALGORITHMS.to_vec(),
        leeway: Duration::from_secs(30),
        refresh: Duration::from_hours(1),
        roles: Roles { claim: "role".to_owned(), names: Vec::new(), max: Role::Editor, default: Role::Voter },
    }
}

/// One who trusts this server.
pub(crate) fn issuer(server: &JwksServer, clock: &ManualClock) -> Issuer {
    Issuer::new(settings(server.source()), Arc::new(clock.clone())).expect("an issuer")
}

/// What a [`JwksServer`] answers.
#[derive(Clone)]
pub(crate) enum Answer {
    Keys(Vec<Value>),
    Body(Vec<u8>),
    Status(u16),
    Redirect(String),
    /// The keys, after a while.
    Slow(Duration, Vec<Value>),
}

/// Publishes keys on a port that the system chooses, and counts who asks.
pub(crate) struct JwksServer {
    address: SocketAddr,
    state: Arc<Published>,
    task: tokio::task::JoinHandle<()>,
}

struct Published {
    answer: Mutex<Answer>,
    asked: AtomicUsize,
}

impl JwksServer {
    pub(crate) async fn start(answer: Answer) -> Self {
        let state = Arc::new(Published { answer: Mutex::new(answer), asked: AtomicUsize::new(0) });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(publish).with_state(Arc::clone(&state));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { address, state, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/jwks.json", self.address)
    }

    pub(crate) fn source(&self) -> Source {
        self.url().parse().expect("a source")
    }

    pub(crate) fn answers(&self, answer: Answer) {
        *self.state.answer.lock().expect("a lock") = answer;
    }

    /// How often it was asked, for whatever path.
    pub(crate) fn asked(&self) -> usize {
        self.state.asked.load(Ordering::SeqCst)
    }
}

impl Drop for JwksServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn publish(State(state): State<Arc<Published>>) -> Response {
    state.asked.fetch_add(1, Ordering::SeqCst);
    let answer = state.answer.lock().expect("a lock").clone();
    match answer {
        Answer::Keys(keys) => axum::Json(json!({ "keys": keys })).into_response(),
        Answer::Body(body) => body.into_response(),
        Answer::Status(status) => http::StatusCode::from_u16(status).expect("a status").into_response(),
        Answer::Redirect(to) => axum::response::Redirect::temporary(&to).into_response(),
        Answer::Slow(time, keys) => {
            tokio::time::sleep(time).await;
            axum::Json(json!({ "keys": keys })).into_response()
        }
    }
}
