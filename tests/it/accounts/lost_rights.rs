//! Rights that are taken away while a call is under way, and the last admin's.

use axum::http::Method;
use filmgate::service::Error;
use filmgate::service::accounts::{AccountChange, AccountDraft, KeyDraft};
use filmgate::service::caller::{Caller, Identity, Role};
use rstest::rstest;
use serde_json::json;

use crate::support::{PASSWORD, Store, TestApp, UNLIMITED};

/// Each use case that changes something, by a caller who was let in before.
async fn changes(app: &TestApp, caller: &Caller, key: i64) -> Vec<(&'static str, Result<(), Error>)> {
    let accounts = app.service.accounts();
    let other = app.account("other", Role::Viewer).await;
    let own = caller.account_id().expect("an account");
    let draft =
        |name: &str| AccountDraft { name: name.to_owned(), role: Role::Admin, password: PASSWORD.into() };
    let key_draft = || KeyDraft { name: "k".to_owned(), role: None, expires_at: None, limits: None };
    let change = AccountChange { role: Some(Role::Admin), ..AccountChange::default() };
    vec![
        ("create_account", accounts.create_account(caller, draft("new")).await.map(drop)),
        ("update_account", accounts.update_account(caller, other, change).await.map(drop)),
        ("create_key for somebody", accounts.create_key(caller, other, key_draft()).await.map(drop)),
        ("create_key", accounts.create_key(caller, own, key_draft()).await.map(drop)),
        ("revoke_key", accounts.revoke_key(caller, key).await.map(drop)),
        ("change_password", accounts.change_password(caller, PASSWORD.into(), PASSWORD.into()).await),
    ]
}

#[rstest]
#[tokio::test]
async fn what_was_allowed_when_a_call_came_is_judged_again_when_it_writes(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
    #[values("lowered", "disabled", "signed out", "expired")] what: &str,
) {
    if store.is_missing() {
        return;
    }
    let app = TestApp::on(store, UNLIMITED).await;
    let id = app.account("ada", Role::Admin).await;
    let chief = app.account("chief", Role::Admin).await;
    let (key, _) = app.key(chief).await;
    let session = app.session(id).await;
    let caller = app.service.accounts().identify(&session).await.expect("a caller");
    app.execute(match what {
        "lowered" => "UPDATE account SET role = 'editor' WHERE name = 'ada'",
        "disabled" => "UPDATE account SET disabled_at = 1 WHERE name = 'ada'",
        "signed out" => "UPDATE session SET revoked_at = 1",
        _ => "UPDATE session SET expires_at = 1",
    })
    .await;
    for (use_case, changed) in changes(&app, &caller, key).await {
        match (what, use_case) {
            // Their own keys and password are still theirs.
            ("lowered", "create_key" | "change_password") => changed.expect(use_case),
            ("lowered", "revoke_key") => assert!(matches!(changed, Err(Error::KeyNotFound)), "{changed:?}"),
            ("lowered", _) => {
                assert!(matches!(changed, Err(Error::Forbidden { .. })), "{use_case}: {changed:?}");
            }
            _ => assert!(matches!(changed, Err(Error::BadCredential)), "{use_case}: {changed:?}"),
        }
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM account WHERE role = 'admin' AND id > 2").await, 0);
}

#[tokio::test]
async fn a_key_that_was_revoked_meanwhile_makes_nothing() {
    let app = TestApp::new(UNLIMITED).await;
    let id = app.account("ada", Role::Admin).await;
    let (key, secret) = app.key(id).await;
    let caller = app.service.accounts().identify(&secret).await.expect("a caller");
    app.service.accounts().revoke_key(&Caller::operator(), key).await.expect("revoked");
    for (use_case, changed) in changes(&app, &caller, key).await {
        // A key is not asked for a password: it changes none anyway.
        let is_refused = matches!(changed, Err(Error::BadCredential | Error::NotSignedIn { .. }));
        assert!(is_refused, "{use_case}: {changed:?}");
    }
    assert_eq!(app.count("SELECT COUNT(*) FROM account").await, 2);
}

/// An account that lowers another is an admin and stays one; somebody of an external issuer is no account.
#[tokio::test]
async fn the_last_admin_cannot_go() {
    let app = TestApp::new(UNLIMITED).await;
    let accounts = app.service.accounts();
    let (issuer, subject) = ("https://id.example".into(), "eve".into());
    let identity = Identity::External { issuer, subject, expires_at: i64::MAX };
    let external = Caller { role: Role::Admin, identity, origin: None, once: None };
    let ada = app.account("ada", Role::Admin).await;
    let bob = app.account("bob", Role::Admin).await;
    let role = |role| AccountChange { role: Some(role), ..AccountChange::default() };
    let disabled = AccountChange { disabled: Some(true), ..AccountChange::default() };
    // A token that has ended since the call came changes nothing any more.
    let (issuer, subject) = ("https://id.example".into(), "eve".into());
    let identity = Identity::External { issuer, subject, expires_at: 0 };
    let ended = Caller { identity, ..external.clone() };
    let refused = accounts.update_account(&ended, bob, disabled.clone()).await;
    assert!(matches!(refused, Err(Error::BadCredential)), "{refused:?}");
    accounts.update_account(&external, bob, disabled.clone()).await.expect("another is there");
    for (change, pointer) in [(role(Role::Editor), "/role"), (disabled.clone(), "/disabled")] {
        let refused = accounts.update_account(&external, ada, change).await;
        let Err(Error::InvalidInput(faults)) = refused else { panic!("{refused:?}") };
        assert_eq!((&*faults[0].pointer, faults.len()), (pointer, 1), "{faults:?}");
    }
    // Of those that are no admin, each can go; and who is at the command line can make another.
    accounts.update_account(&external, bob, role(Role::Viewer)).await.expect("no admin in use");
    accounts.update_account(&Caller::operator(), ada, disabled).await.expect("the operator may");
    // Their own rights nobody takes away.
    let session = app.session(bob).await;
    app.execute("UPDATE account SET role = 'admin', disabled_at = NULL").await;
    let body = json!({"role": "viewer"});
    let path = format!("/v1/accounts/{bob}");
    app.call_as(Some(&session), Method::PATCH, &path, Some(body)).await.expect_problem(422, "INVALID_INPUT");
}
