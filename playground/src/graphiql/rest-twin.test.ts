import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { buildSchema } from "graphql";
import { test } from "vitest";
import { curlLine } from "../shared/curl.ts";
import type { Operation } from "./operation.ts";
import { restTwin } from "./rest-twin.ts";
import { sampleTabs } from "./tabs.ts";
import { TWINS } from "./twins.ts";

const schema = buildSchema(readFileSync(new URL("../../../schema.graphql", import.meta.url), "utf8"));
const HOST = "http://films.test";

function line(operation: Operation): string {
  const twin = restTwin(schema, operation, HOST);
  return "call" in twin ? curlLine(twin.call) : `none: ${twin.reason}`;
}

const LINES: [what: string, operation: Operation, line: string][] = [
  ["a random film", { query: "{ randomFilm { id } }" }, `curl '${HOST}/'`],
  ["an empty filter", { query: "{ randomFilm(filter: {}, exclude: []) { id } }" }, `curl '${HOST}/'`],
  [
    "a filter in the query",
    {
      query:
        '{ randomFilm(filter: { genre: "Sci-Fi & Fantasy", yearFrom: 1990 }, exclude: [1, "2"]) { id } }',
    },
    `curl '${HOST}/v1/films/random?genre=Sci-Fi+%26+Fantasy&yearFrom=1990&exclude=1,2'`,
  ],
  [
    "a filter in variables",
    {
      query: "query($f: FilmFilter, $x: [ID!] = [7]) { randomFilm(filter: $f, exclude: $x) { id } }",
      variables: { f: { studio: "L'Étoile", minVotes: 0, yearTo: null } },
    },
    `curl '${HOST}/v1/films/random?studio=L%27%C3%89toile&minVotes=0&exclude=7'`,
  ],
  [
    "a variable within a literal",
    { query: "query($y: Int) { randomFilm(filter: { yearTo: $y }) { id } }", variables: { y: 1950 } },
    `curl '${HOST}/v1/films/random?yearTo=1950'`,
  ],
  [
    "a random film that is unseen",
    { query: "{ randomFilm(unseen: true) { id } }" },
    `curl '${HOST}/v1/films/random?unseen=true'`,
  ],
  ["one that may be seen", { query: "{ randomFilm(unseen: false) { id } }" }, `curl '${HOST}/'`],
  [
    "own votes",
    { query: "{ myVotes(first: 5) { edges { direction } } }" },
    `curl '${HOST}/v1/me/votes?first=5'`,
  ],
  [
    "films at random",
    { query: '{ films(sort: SHUFFLED, seed: "tonight", first: 5) { edges { cursor } } }' },
    `curl '${HOST}/v1/films?sort=shuffled&seed=tonight&first=5'`,
  ],
  ["a film by its id", { query: "{ film(id: 12) { id } }" }, `curl '${HOST}/v1/films/12'`],
  [
    "an id that is none",
    { query: '{ film(id: "../a b?") { id } }' },
    `curl '${HOST}/v1/films/..%2Fa%20b%3F'`,
  ],
  [
    "films by a text, from the worst",
    { query: '{ films(filter: { text: "toy story", yearFrom: 1990 }, order: ASC) { edges { cursor } } }' },
    `curl '${HOST}/v1/films?q=toy+story&yearFrom=1990&order=asc'`,
  ],
  ["all films", { query: "{ films { edges { cursor } } }" }, `curl '${HOST}/v1/films'`],
  [
    "a page",
    {
      query: "query($s: FilmSort, $a: String) { films(sort: $s, first: 3, after: $a) { edges { cursor } } }",
      variables: { s: "LIKES", a: "a+b/c=" },
    },
    `curl '${HOST}/v1/films?sort=likes&first=3&after=a%2Bb%2Fc%3D'`,
  ],
  [
    "the last of a list",
    { query: '{ films(filter: { genre: "Drama" }, last: 2, before: "x") { edges { cursor } } }' },
    `curl '${HOST}/v1/films?genre=Drama&last=2&before=x'`,
  ],
  ["a like", { query: "mutation { like(id: 3) { id } }" }, `curl -X POST '${HOST}/v1/films/3/like'`],
  [
    "a dislike",
    { query: "mutation($i: ID!) { dislike(id: $i) { id } }", variables: { i: "4" } },
    `curl -X POST '${HOST}/v1/films/4/dislike'`,
  ],
  [
    "a film to add",
    {
      query: 'mutation($n: String!) { addFilm(input: { name: $n, studio: "S", genres: "One" }) { id } }',
      variables: { n: "It's" },
    },
    `curl '${HOST}/v1/films' -H 'Content-Type: application/json' --data-raw '{"name":"It'\\''s","studio":"S","genres":["One"]}'`,
  ],
  ["quotas", { query: "{ rateLimit { limits { name } } }" }, `curl '${HOST}/v1/rate_limit'`],
  [
    "events of a kind",
    { query: "{ auditEvents(filter: { event: ROLE_CHANGED }, first: 3) { edges { cursor } } }" },
    `curl '${HOST}/v1/audit_events?event=role_changed&first=3'`,
  ],
  [
    "live votes",
    { query: "subscription { filmVoted(id: 1) { id } }" },
    `curl -N '${HOST}/v1/films/events?id=1'`,
  ],
  ["live additions", { query: "subscription { filmAdded { id } }" }, `curl -N '${HOST}/v1/films/events'`],
  ["an alias", { query: "{ a: film(id: 1) { id } }" }, `curl '${HOST}/v1/films/1'`],
  [
    "a fragment at the root",
    { query: "{ ...F } fragment F on Query { ... on Query { film(id: 5) { id } } }" },
    `curl '${HOST}/v1/films/5'`,
  ],
  [
    "one of two by a directive",
    {
      query: "query($n: Boolean!) { film(id: 1) { id } rateLimit @skip(if: $n) { limits { name } } }",
      variables: { n: true },
    },
    `curl '${HOST}/v1/films/1'`,
  ],
  [
    "the operation that is named",
    { query: "query A { film(id: 1) { id } } query B { film(id: 2) { id } }", operationName: "B" },
    `curl '${HOST}/v1/films/2'`,
  ],
];

for (const [what, operation, expected] of LINES) {
  test(`The twin of ${what}`, () => assert.equal(line(operation), expected));
}

const NONE: [what: string, operation: Operation, reason: RegExp][] = [
  ["two root fields", { query: "{ a: film(id: 1) { id } b: film(id: 2) { id } }" }, /several/],
  ["the schema", { query: "{ __schema { queryType { name } } }" }, /__schema has no REST twin/],
  ["no root field", { query: "{ film(id: 1) @skip(if: true) { id } }" }, /asks for nothing/],
  ["what does not parse", { query: "{ film(" }, /Syntax Error/],
  ["what does not validate", { query: "{ film { id } }" }, /argument "id"/],
  ["a variable that is missing", { query: "query($i: ID!) { film(id: $i) { id } }" }, /\$i/],
  [
    "an unnamed choice",
    { query: "query A { film(id: 1) { id } } query B { film(id: 2) { id } }" },
    /which of them/,
  ],
];

for (const [what, operation, reason] of NONE) {
  test(`No twin of ${what}, with the reason`, () => assert.match(line(operation), reason));
}

test("Without a schema there is no twin", () => {
  assert.deepEqual(restTwin(null, { query: "{ film(id: 1) { id } }" }, HOST), {
    reason: "The schema has not been read yet",
  });
});

test("Every sample tab has a twin", () => {
  const variables = (text: string | null) => (text === null ? {} : JSON.parse(text));
  const lines = sampleTabs().map((tab) => line({ query: tab.query, variables: variables(tab.variables) }));
  assert.equal(lines.length, 7);
  for (const found of lines) assert.match(found, /^curl /);
});

test("Every root field has a twin", () => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const fields = roots.flatMap((type) => Object.keys(type?.getFields() ?? {}));
  assert.deepEqual(
    fields.filter((name) => !Object.hasOwn(TWINS, name)),
    [],
  );
});

test("An id is written as each surface writes it", () => {
  assert.equal(TWINS.account?.({ id: "account:7" }, HOST).url, `${HOST}/v1/accounts/7`);
  assert.equal(TWINS.keys?.({ account: "account:7" }, HOST).url, `${HOST}/v1/keys?account=7`);
  assert.equal(TWINS.revokeKey?.({ id: "key:7" }, HOST).url, `${HOST}/v1/keys/7`);
  assert.equal(TWINS.node?.({ id: "account:7" }, HOST).url, `${HOST}/v1/accounts/7`);
  assert.equal(TWINS.node?.({ id: "7" }, HOST).url, `${HOST}/v1/films/7`);
  assert.equal(line({ query: '{ node(id: "key:7") { id } }' }), "none: REST has no call for one key");
});

test("A role is written as each surface writes it", () => {
  const input = { name: "ada", role: "EDITOR", expiresAt: "2030-01-31T12:00:00Z" };
  const body = TWINS.createKey?.({ account: "7", input }, HOST);
  assert.equal(body?.url, `${HOST}/v1/keys?account=7`);
  assert.deepEqual(JSON.parse(body?.body ?? ""), { ...input, role: "editor" });
  assert.equal(TWINS.updateAccount?.({ id: "7", input: { disabled: true } }, HOST).body, '{"disabled":true}');
});
