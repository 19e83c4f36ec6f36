//! Accounts of a test, and calls with a credential.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::Method;
use filmgate::clock::Clock as _;
use filmgate::service::accounts::{AccountDraft, KeyDraft};
use filmgate::service::caller::Caller;
use filmgate::service::caller::Role;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::{Answer, TestApp};

/// Of every account of a test.
pub(crate) const PASSWORD: &str = "correct horse battery";

impl TestApp {
    /// Makes an account; its id.
    pub(crate) async fn account(&self, name: &str, role: Role) -> i64 {
        let draft = AccountDraft { name: name.to_owned(), role, password: PASSWORD.into() };
        self.service.accounts().create_account(&Caller::operator(), draft).await.expect("an account").id
    }

    /// Makes a key that allows what its account does: its id and itself.
    pub(crate) async fn key(&self, account: i64) -> (i64, String) {
        let draft = KeyDraft { name: "a key".to_owned(), role: None, expires_at: None, limits: None };
        let new =
            self.service.accounts().create_key(&Caller::operator(), account, draft).await.expect("a key");
        (new.key.id, new.secret.expose_secret().to_owned())
    }

    /// A session as a sign-in makes it, without the slow hash; its token.
    pub(crate) async fn session(&self, account: i64) -> String {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        const HOUR: u128 = 3_600_000;
        let token = format!("fgs_{:0>43}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let (hash, now) = (blake3::hash(token.as_bytes()).to_hex(), self.clock.now().as_millis());
        self.execute(&format!(
            "INSERT INTO session (account_id, token_hash, network, created_at, expires_at) \
             VALUES ({account}, '{hash}', '203.0.113.77', {now}, {})",
            now + HOUR
        ))
        .await;
        token
    }

    /// Signs in through REST, from an address.
    pub(crate) async fn sign_in_from(&self, address: &str, name: &str, password: &str) -> Answer {
        let body = json!({ "name": name, "password": password }).to_string();
        let headers = [("content-type", "application/json")];
        let peer = format!("{address}:5000");
        self.call_from(&peer, Method::POST, "/v1/session", &headers, Some(body)).await
    }

    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Answer {
        self.sign_in_from("127.0.0.1", name, password).await
    }

    /// A call with a credential, in the header that fits it.
    pub(crate) async fn call_as(
        &self,
        credential: Option<&str>,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let shown = credential.map(header_of);
        let mut headers = vec![
            ("content-type", "application/json"),
            ("accept", "application/json, application/graphql-response+json"),
        ];
        headers.extend(shown.as_ref().map(|(name, value)| (*name, value.as_str())));
        self.call(method, path, &headers, body.map(|body| body.to_string())).await
    }

    pub(crate) async fn get_as(&self, credential: &str, path: &str) -> Answer {
        self.call_as(Some(credential), Method::GET, path, None).await
    }

    /// A GraphQL request with a credential.
    pub(crate) async fn graphql_as(&self, credential: Option<&str>, query: &str, variables: Value) -> Answer {
        let shown = credential.map(header_of);
        let mut headers =
            vec![("content-type", "application/json"), ("accept", "application/graphql-response+json")];
        headers.extend(shown.as_ref().map(|(name, value)| (*name, value.as_str())));
        let body = json!({ "query": query, "variables": variables }).to_string();
        self.call(Method::POST, "/graphql", &headers, Some(body)).await
    }

    /// What is left of a window of the caller at 127.0.0.1.
    pub(crate) async fn left(&self, window: &str) -> u64 {
        let limits = self.get("/v1/rate_limit").await.expect(200).json();
        let limits = limits["limits"].as_array().expect("limits");
        let limit = limits.iter().find(|limit| limit["name"] == window).expect(window);
        limit["remaining"].as_u64().expect("a number")
    }
}

/// The header that a credential is shown in.
pub(crate) fn header_of(credential: &str) -> (&'static str, String) {
    if credential.starts_with("fg_") {
        ("x-api-key", credential.to_owned())
    } else {
        ("authorization", format!("Bearer {credential}"))
    }
}
