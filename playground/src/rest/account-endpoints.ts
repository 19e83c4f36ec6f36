import type { Field } from "./body-fields";
import type { Endpoint, Parameter } from "./endpoints";

const id = (of: string): Parameter => ({ name: "id", in: "path", about: `of the ${of}, in digits` });
const after: Parameter = { name: "after", in: "query", about: "cursor; what comes after it" };
const owner: Parameter = { name: "account", in: "query", about: "id of another account, for admins" };

const role: Field = { name: "role", about: "viewer, voter, editor or admin" };
const password: Field = { name: "password", about: "at least 12 characters", as: "secret" };

export const ACCOUNT_ENDPOINTS: Endpoint[] = [
  {
    id: "sign-in",
    group: "Who you are",
    methods: ["POST"],
    path: "/v1/session",
    title: "Sign in",
    about: "Answers with a token. To have this page use one, sign in above.",
    parameters: [],
    body: [
      { name: "name", about: "of your account" },
      { ...password, about: "is not kept in the list of calls" },
    ],
  },
  {
    id: "sign-out",
    group: "Who you are",
    methods: ["DELETE"],
    path: "/v1/session",
    title: "Sign out",
    about: "Revokes the session at once, that of this page too.",
    parameters: [],
  },
  {
    id: "me",
    group: "Who you are",
    methods: ["GET", "HEAD"],
    path: "/v1/me",
    title: "Who am I",
    about: "Asking is free.",
    parameters: [],
  },
  {
    id: "password",
    group: "Who you are",
    methods: ["PUT"],
    path: "/v1/me/password",
    title: "Change your password",
    about: "Ends all your other sessions.",
    parameters: [],
    body: [
      { name: "currentPassword", about: "the one until now", as: "secret" },
      { ...password, name: "newPassword" },
    ],
  },
  {
    id: "accounts",
    group: "Accounts, for admins",
    methods: ["GET", "HEAD"],
    path: "/v1/accounts",
    title: "All accounts",
    about: "With their roles.",
    parameters: [],
  },
  {
    id: "create-account",
    group: "Accounts, for admins",
    methods: ["POST"],
    path: "/v1/accounts",
    title: "Create an account",
    about: "Answers with the account.",
    parameters: [],
    body: [{ name: "name", about: "nobody else has it, whatever the case" }, password, role],
  },
  {
    id: "account",
    group: "Accounts, for admins",
    methods: ["GET", "HEAD"],
    path: "/v1/accounts/{id}",
    title: "One account",
    about: "By its id.",
    parameters: [{ ...id("account"), value: "1" }],
  },
  {
    id: "change-account",
    group: "Accounts, for admins",
    methods: ["PATCH"],
    path: "/v1/accounts/{id}",
    title: "Change an account",
    about: "A new password, and disabling, end its sessions.",
    parameters: [id("account")],
    body: [role, password, { name: "disabled", about: "true or false", as: "flag" }],
  },
  {
    id: "keys",
    group: "API keys",
    methods: ["GET", "HEAD"],
    path: "/v1/keys",
    title: "Your keys",
    about: "Without their secrets.",
    parameters: [owner],
  },
  {
    id: "create-key",
    group: "API keys",
    methods: ["POST"],
    path: "/v1/keys",
    title: "Create a key",
    about: "The key is told this once, and not kept in the list of calls.",
    parameters: [owner],
    body: [
      { name: "name", about: "what it is for", value: "Trying out" },
      { ...role, about: "at most your own, which it is when left out" },
      { name: "expiresAt", about: "such as 2030-01-31T12:00:00Z; left out, it does not expire" },
      { name: "limits", about: "its own, by admins alone: film=20/second, browse=50/second" },
    ],
  },
  {
    id: "revoke-key",
    group: "API keys",
    methods: ["DELETE"],
    path: "/v1/keys/{id}",
    title: "Revoke a key",
    about: "It holds at once.",
    parameters: [id("key")],
  },
  {
    id: "audit",
    group: "Audit, for admins",
    methods: ["GET", "HEAD"],
    path: "/v1/audit_events",
    title: "Who did what",
    about: "The latest first, a page at a time.",
    parameters: [
      { name: "event", in: "query", about: "such as sign_in_failed" },
      { name: "actor", in: "query", about: "who did it, as events name them" },
      { name: "since", in: "query", about: "from then on, such as 2026-01-31T12:00:00Z" },
      { name: "until", in: "query", about: "before then" },
      { name: "first", in: "query", about: "how many, at most 100", value: "10" },
      after,
    ],
  },
];
