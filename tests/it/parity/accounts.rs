//! The table of `parity` for sessions, accounts and keys: equal effect, equal code, equal price.

use axum::http::Method;
use filmgate::service::caller::Role;
use rstest::rstest;
use serde_json::{Value, json};

use super::Played;
use crate::support::{Answer, PASSWORD, Store, TestApp};

struct Case {
    name: &'static str,
    /// By a session of an account with this role, whose id is 1; or without a credential.
    caller: Option<Role>,
    rest: (Method, &'static str, Value),
    graphql: (&'static str, Value),
    code: &'static str,
    /// Of which windows the price is told.
    windows: [&'static str; 2],
    price: [u64; 2],
    /// A question to the database that shows the effect.
    effect: (&'static str, i64),
}

const LIMITS: &str = "film=50/day; add_film=50/day; browse=50/day; login=50/day";
const NEW: &str = "a password of tomorrow";
const ACCOUNTS: &str = "SELECT COUNT(*) FROM account";
const KEYS: &str = "SELECT COUNT(*) FROM api_key";
const SESSIONS: &str = "SELECT COUNT(*) FROM session";
const ENDED: &str = "SELECT COUNT(*) FROM session WHERE revoked_at IS NOT NULL";
const CHANGED: &str = "SELECT COUNT(*) FROM audit_event WHERE event = 'password_changed'";
const EDITORS: &str = "SELECT COUNT(*) FROM account WHERE role = 'editor'";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) { token } }";
const PASSWORDS: &str = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) }";
const CREATE: &str = "mutation($input: CreateAccountInput!) { createAccount(input: $input) { id } }";
const UPDATE: &str =
    "mutation($id: ID!, $input: UpdateAccountInput!) { updateAccount(id: $id, input: $input) { id } }";
const CREATE_KEY: &str = "mutation($account: ID, $input: CreateKeyInput!) {
    createKey(account: $account, input: $input) { apiKey { id } }
}";

fn case(
    name: &'static str,
    caller: Option<Role>,
    rest: (Method, &'static str, Value),
    graphql: (&'static str, Value),
    code: &'static str,
    price: [u64; 2],
    effect: (&'static str, i64),
) -> Case {
    let windows = ["browse-1d", "login-1d"];
    Case { name, caller, rest, graphql, code, windows, price, effect }
}

/// Roles are written otherwise at each surface.
fn input(mut rest: Value) -> Value {
    if let Some(Value::String(role)) = rest.get_mut("role") {
        *role = role.to_uppercase();
    }
    json!({ "input": rest })
}

fn sessions() -> Vec<Case> {
    let sign_in = |name, body: Value, code, sessions| {
        case(
            name,
            None,
            (Method::POST, "/v1/session", body.clone()),
            (SIGN_IN, input(body)),
            code,
            [0, 1],
            (SESSIONS, sessions),
        )
    };
    let change = |name, caller, body: Value, code, price, changed| {
        case(
            name,
            caller,
            (Method::PUT, "/v1/me/password", body.clone()),
            (PASSWORDS, input(body)),
            code,
            price,
            (CHANGED, changed),
        )
    };
    let sign_out = |name, caller, code, ended| {
        case(
            name,
            caller,
            (Method::DELETE, "/v1/session", Value::Null),
            ("mutation { signOut }", json!({})),
            code,
            [0, 0],
            (ENDED, ended),
        )
    };
    let me = |name, caller| {
        let graphql = ("{ me { kind role name account { id } } }", json!({}));
        case(name, caller, (Method::GET, "/v1/me", Value::Null), graphql, "", [0, 0], (ENDED, 0))
    };
    let passwords = |current, new| json!({"currentPassword": current, "newPassword": new});
    let viewer = Some(Role::Viewer);
    vec![
        sign_in("sign in", json!({"name": "OTHER", "password": PASSWORD}), "", 1),
        sign_in(
            "sign in with a wrong password",
            json!({"name": "other", "password": NEW}),
            "UNAUTHENTICATED",
            0,
        ),
        sign_in(
            "sign in with no name of ours",
            json!({"name": "nobody", "password": NEW}),
            "UNAUTHENTICATED",
            0,
        ),
        sign_out("sign out", viewer, "", 1),
        sign_out("sign out without a session", None, "UNAUTHENTICATED", 0),
        me("who am I", viewer),
        me("who am I without a credential", None),
        change("change the password", viewer, passwords(PASSWORD, NEW), "", [0, 1], 1),
        change("a wrong current password", viewer, passwords(NEW, NEW), "INVALID_INPUT", [0, 1], 0),
        change("a new password that is none", viewer, passwords(PASSWORD, "x"), "INVALID_INPUT", [0, 1], 0),
        change("change nobody's password", None, passwords(PASSWORD, NEW), "UNAUTHENTICATED", [0, 0], 0),
    ]
}

fn accounts() -> Vec<Case> {
    let (admin, editor) = (Some(Role::Admin), Some(Role::Editor));
    let read = |name, caller, path, document, code, price| {
        let rest = (Method::GET, path, Value::Null);
        case(name, caller, rest, (document, json!({})), code, [price, 0], (ACCOUNTS, 2))
    };
    let create = |name, body: Value, code, accounts| {
        case(
            name,
            admin,
            (Method::POST, "/v1/accounts", body.clone()),
            (CREATE, input(body)),
            code,
            [1, 0],
            (ACCOUNTS, accounts),
        )
    };
    let update = |name, path, id, body: Value, code, price, editors| {
        let mut variables = input(body.clone());
        variables["id"] = json!(id);
        let rest = (Method::PATCH, path, body);
        case(name, admin, rest, (UPDATE, variables), code, [price, 0], (EDITORS, editors))
    };
    let list = "{ accounts { edges { node { id } } totalCount } }";
    let one = "{ account(id: 2) { id name role disabled createdAt } }";
    vec![
        read("accounts", admin, "/v1/accounts", list, "", 1),
        read("accounts for an editor", editor, "/v1/accounts", list, "FORBIDDEN", 0),
        read("accounts for nobody", None, "/v1/accounts", list, "FORBIDDEN", 0),
        read("an account", admin, "/v1/accounts/2", one, "", 1),
        read("no id", admin, "/v1/accounts/x", "{ account(id: \"x\") { id } }", "INVALID_INPUT", 0),
        create("make an account", json!({"name": "n", "role": "voter", "password": PASSWORD}), "", 3),
        create(
            "a name that is taken",
            json!({"name": "Other", "role": "voter", "password": PASSWORD}),
            "ACCOUNT_EXISTS",
            2,
        ),
        create("faults", json!({"name": "a b", "role": "voter", "password": "x"}), "INVALID_INPUT", 2),
        update("another role", "/v1/accounts/2", "2", json!({"role": "editor"}), "", 1, 1),
        update("nothing to change", "/v1/accounts/2", "2", json!({}), "", 1, 0),
        update("one's own rights", "/v1/accounts/1", "1", json!({"role": "editor"}), "INVALID_INPUT", 1, 0),
        update("no account", "/v1/accounts/9", "9", json!({"role": "editor"}), "ACCOUNT_NOT_FOUND", 1, 0),
        update("no id to change", "/v1/accounts/x", "x", json!({"role": "editor"}), "INVALID_INPUT", 0, 0),
    ]
}

fn keys() -> Vec<Case> {
    let (admin, voter) = (Some(Role::Admin), Some(Role::Voter));
    let create = |name, caller, path, account: Value, body: Value, code, price, keys| {
        let mut variables = input(body.clone());
        variables["account"] = account;
        let rest = (Method::POST, path, body);
        case(name, caller, rest, (CREATE_KEY, variables), code, [price, 0], (KEYS, keys))
    };
    let read = |name, caller, path, document, code, price| {
        let rest = (Method::GET, path, Value::Null);
        case(name, caller, rest, (document, json!({})), code, [price, 0], (KEYS, 0))
    };
    let own = || Value::Null;
    let named = || json!({"name": "k"});
    let limited = |limits: Value| json!({"name": "k", "limits": limits});
    vec![
        read("keys", voter, "/v1/keys", "{ keys { edges { node { id } } totalCount } }", "", 1),
        read("somebody's keys", admin, "/v1/keys?account=2", "{ keys(account: 2) { totalCount } }", "", 1),
        read("not his", voter, "/v1/keys?account=2", "{ keys(account: 2) { totalCount } }", "FORBIDDEN", 0),
        read(
            "nobody's keys",
            None,
            "/v1/keys",
            "{ keys { edges { node { id } } totalCount } }",
            "UNAUTHENTICATED",
            0,
        ),
        read(
            "no id",
            admin,
            "/v1/keys?account=x",
            "{ keys(account: \"x\") { totalCount } }",
            "INVALID_INPUT",
            0,
        ),
        create("make a key", voter, "/v1/keys", own(), named(), "", 1, 1),
        create("one's own, by id", voter, "/v1/keys?account=1", json!("1"), named(), "", 1, 1),
        create("for another", admin, "/v1/keys?account=2", json!(2), named(), "", 1, 1),
        create("for no account", admin, "/v1/keys?account=9", json!(9), named(), "ACCOUNT_NOT_FOUND", 1, 0),
        create("not for him", voter, "/v1/keys?account=2", json!(2), named(), "FORBIDDEN", 0, 0),
        create(
            "faults",
            voter,
            "/v1/keys",
            own(),
            json!({"name": "", "role": "editor", "expiresAt": "2020-01-01T00:00:00Z"}),
            "INVALID_INPUT",
            1,
            0,
        ),
        create(
            "with limits of its own",
            admin,
            "/v1/keys?account=2",
            json!(2),
            limited(json!("film=20/second")),
            "",
            1,
            1,
        ),
        create("with no limits", voter, "/v1/keys", own(), limited(Value::Null), "", 1, 1),
        create(
            "limits by no admin",
            voter,
            "/v1/keys",
            own(),
            limited(json!("film=9/day")),
            "FORBIDDEN",
            0,
            0,
        ),
        create(
            "such as are none, by no admin",
            voter,
            "/v1/keys",
            own(),
            limited(json!("9/day")),
            "FORBIDDEN",
            0,
            0,
        ),
        create(
            "limits that are none",
            admin,
            "/v1/keys",
            own(),
            limited(json!("9/day")),
            "INVALID_INPUT",
            1,
            0,
        ),
        create(
            "limits by nobody",
            None,
            "/v1/keys",
            own(),
            limited(json!("film=9/day")),
            "UNAUTHENTICATED",
            0,
            0,
        ),
        case(
            "revoke no key",
            voter,
            (Method::DELETE, "/v1/keys/9", Value::Null),
            ("mutation { revokeKey(id: 9) { id } }", json!({})),
            "KEY_NOT_FOUND",
            [1, 0],
            (KEYS, 0),
        ),
        case(
            "revoke no id",
            voter,
            (Method::DELETE, "/v1/keys/x", Value::Null),
            ("mutation { revokeKey(id: \"x\") { id } }", json!({})),
            "INVALID_INPUT",
            [0, 0],
            (KEYS, 0),
        ),
    ]
}

/// Of films, what needs an account.
fn films() -> Vec<Case> {
    const UPDATE: &str =
        "mutation($id: ID!, $input: UpdateFilmInput!) { updateFilm(id: $id, input: $input) { id } }";
    const NAMED: &str = "SELECT COUNT(*) FROM film WHERE id = 2 AND name = 'N' AND year IS NULL";
    const FILMS: &str = "SELECT COUNT(*) FROM film";
    let (admin, editor, voter) = (Some(Role::Admin), Some(Role::Editor), Some(Role::Voter));
    let film = |name, caller, rest, graphql, code, price, effect| Case {
        windows: ["film-1d", "add_film-1d"],
        ..case(name, caller, rest, graphql, code, price, effect)
    };
    let update = |name, caller, path, id, body: Value, code, price, changed| {
        let variables = json!({"id": id, "input": body.clone()});
        let rest = (Method::PATCH, path, body);
        film(name, caller, rest, (UPDATE, variables), code, [0, price], (NAMED, changed))
    };
    let remove = |name, caller, path, document, code, price, films| {
        let rest = (Method::DELETE, path, Value::Null);
        film(name, caller, rest, (document, json!({})), code, [0, price], (FILMS, films))
    };
    let vote = |name, caller, path, document, code, price| {
        let rest = (Method::DELETE, path, Value::Null);
        film(name, caller, rest, (document, json!({})), code, [price, 0], (FILMS, 620))
    };
    let unseen = |name, caller, path: &'static str, code, price| {
        let document = match path.split_once("unseen=").map(|(_, rest)| rest) {
            Some("true") => "{ randomFilm(unseen: true) { id myVote } }",
            Some("false") => "{ randomFilm(unseen: false) { id myVote } }",
            _ => "{ randomFilm(unseen: true, filter: {genre: \"western\"}) { id myVote } }",
        };
        let rest = (Method::GET, path, Value::Null);
        film(name, caller, rest, (document, json!({})), code, [price, 0], (FILMS, 620))
    };
    let named = || json!({"name": "N", "year": null});
    let frozen = json!({"name": "frozen", "studio": "DISNEY", "year": 2013});
    let faults = json!({"name": "", "year": 1, "genres": ["\u{7}"]});
    let withdraw = "mutation { removeVote(id: 1) { likes } }";
    vec![
        update("change a film", admin, "/v1/films/2", "2", named(), "", 1, 1),
        update("nothing to change", admin, "/v1/films/2", "2", json!({"name": null}), "", 1, 0),
        update("into one that is there", admin, "/v1/films/2", "2", frozen, "FILM_EXISTS", 1, 0),
        update("faults", admin, "/v1/films/2", "2", faults, "INVALID_INPUT", 1, 0),
        update("no film", admin, "/v1/films/9999", "9999", named(), "FILM_NOT_FOUND", 1, 0),
        update("no id", admin, "/v1/films/x", "x", named(), "INVALID_INPUT", 0, 0),
        update("as an editor", editor, "/v1/films/2", "2", named(), "FORBIDDEN", 0, 0),
        remove("remove a film", admin, "/v1/films/2", "mutation { removeFilm(id: 2) { id } }", "", 1, 619),
        remove(
            "remove no film",
            admin,
            "/v1/films/9999",
            "mutation { removeFilm(id: 9999) { id } }",
            "FILM_NOT_FOUND",
            1,
            620,
        ),
        remove(
            "remove as an editor",
            editor,
            "/v1/films/2",
            "mutation { removeFilm(id: 2) { id } }",
            "FORBIDDEN",
            0,
            620,
        ),
        unseen("an unseen film", voter, "/v1/films/random?unseen=true", "", 1),
        unseen("an unseen film of a genre", voter, "/v1/films/random?unseen=true&genre=western", "", 1),
        unseen("unseen by nobody", None, "/v1/films/random?unseen=true", "UNAUTHENTICATED", 0),
        unseen("seen or not", None, "/v1/films/random?unseen=false", "", 1),
        vote("take a vote back", voter, "/v1/films/1/vote", withdraw, "", 1),
        vote("take nobody's vote back", None, "/v1/films/1/vote", withdraw, "UNAUTHENTICATED", 0),
        vote("as a viewer", Some(Role::Viewer), "/v1/films/1/vote", withdraw, "FORBIDDEN", 0),
        vote(
            "take back no film's",
            voter,
            "/v1/films/9999/vote",
            "mutation { removeVote(id: 9999) { likes } }",
            "FILM_NOT_FOUND",
            1,
        ),
    ]
}

fn votes() -> Vec<Case> {
    const ALL: &str = "{ myVotes { edges { direction votedAt node { id } } totalCount } }";
    const VOTES: &str = "SELECT COUNT(*) FROM vote";
    let viewer = Some(Role::Viewer);
    let read = |name, caller, path, document, code, price| {
        let rest = (Method::GET, path, Value::Null);
        case(name, caller, rest, (document, json!({})), code, [price, 0], (VOTES, 0))
    };
    vec![
        read("own votes", viewer, "/v1/me/votes", ALL, "", 1),
        read("nobody's votes", None, "/v1/me/votes", ALL, "UNAUTHENTICATED", 0),
        read(
            "too many votes",
            viewer,
            "/v1/me/votes?first=101",
            "{ myVotes(first: 101) { edges { cursor } } }",
            "INVALID_INPUT",
            1,
        ),
        read(
            "votes after the cursor of a film",
            viewer,
            "/v1/me/votes?after=WyJpIiwxLDFd",
            "{ myVotes(after: \"WyJpIiwxLDFd\") { edges { cursor } } }",
            "INVALID_INPUT",
            1,
        ),
    ]
}

pub(super) fn played() -> Vec<Played> {
    let played = |case: Case| Played {
        method: case.rest.0.to_string(),
        path: case.rest.1,
        document: case.graphql.0,
        price: case.windows.into_iter().zip(case.price).collect(),
    };
    [sessions, accounts, keys, films, votes].into_iter().flat_map(|cases| cases()).map(played).collect()
}

/// With the caller's account, whose id is 1, and another one.
async fn app(store: Store, caller: Option<Role>) -> (TestApp, Option<String>) {
    let app = TestApp::on(store, LIMITS).await;
    let own = app.account("own", caller.unwrap_or(Role::Viewer)).await;
    app.account("other", Role::Voter).await;
    let session = match caller {
        Some(_) => Some(app.session(own).await),
        None => None,
    };
    (app, session)
}

async fn check(app: &TestApp, case: &Case, surface: &str, answer: &Answer) {
    let shown =
        format!("{} ({surface}): {} {}", case.name, answer.status, String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.code(), case.code, "{shown}");
    let spent = [50 - app.left(case.windows[0]).await, 50 - app.left(case.windows[1]).await];
    assert_eq!(spent, case.price, "{shown}");
    assert_eq!(app.count(case.effect.0).await, case.effect.1, "{shown}");
}

#[rstest]
#[tokio::test]
async fn both_surfaces_have_the_same_effect_code_and_price(
    #[values(Store::Sqlite, Store::Postgres)] store: Store,
    #[values(sessions, accounts, keys, films, votes)] cases: fn() -> Vec<Case>,
) {
    if store.is_missing() {
        return;
    }
    for case in cases() {
        let (by_rest, session) = app(store, case.caller).await;
        let (method, path, body) = case.rest.clone();
        let body = (!body.is_null()).then_some(body);
        let rest = by_rest.call_as(session.as_deref(), method, path, body).await;
        check(&by_rest, &case, "REST", &rest).await;

        let (by_graphql, session) = app(store, case.caller).await;
        let graphql = by_graphql.graphql_as(session.as_deref(), case.graphql.0, case.graphql.1.clone()).await;
        check(&by_graphql, &case, "GraphQL", &graphql).await;
        let of_graphql = graphql.json().pointer("/errors/0/extensions/fields").cloned();
        let of_rest = if rest.status.is_success() { None } else { rest.json().get("fields").cloned() };
        assert_eq!(of_rest, of_graphql, "{}", case.name);
    }
}
