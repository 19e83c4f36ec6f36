// Counts what documents cost in a way of its own, and holds it against what the server draws: graphql-js runs a generated
// document, and each call of a root field's resolver is one. The server's clock stands still, and each of its buckets has
// one window, of a day.
import { readFileSync } from "node:fs";
import { execute, parse } from "graphql";
import { generate } from "./generate.mjs";
import { Random } from "./random.mjs";
import { fault, schema } from "./reference.mjs";
import { ask, call } from "./server.mjs";

const [url, seed, count] = process.argv.slice(2);

const { operations } = (await call(url, "GET", "/v1/operations")).json;
/** The bucket of each root field, such as `Query.film`. */
const buckets = new Map(
  operations.flatMap(({ bucket, graphql }) => graphql.map(({ type, field }) => [`${type}.${field}`, bucket])),
);

// It costs what its type costs, and only films are asked for.
buckets.set("Query.node", buckets.get("Query.film"));

/** Enough of an answer that nothing fails on the way. */
const ANSWERS = {
  films: { edges: [], pageInfo: { hasNextPage: false, hasPreviousPage: false }, totalCount: 0 },
  me: { kind: "ANONYMOUS", role: "EDITOR" },
  rateLimit: { limits: [] },
};
for (const type of ["Query", "Mutation"]) {
  for (const [name, field] of Object.entries(schema.getType(type).getFields())) {
    field.resolve = (_, __, calls, info) => {
      calls.set(info.path.key, `${type}.${name}`);
      return ANSWERS[name] ?? null;
    };
  }
}

/** The roots that anybody may ask for, since what is refused costs nothing. */
const ROOTS = {
  Query: ["film", "films", "node", "randomFilm", "me", "rateLimit"],
  Mutation: ["like", "dislike", "addFilm"],
  introspection: true,
};
const SHAPE = { kinds: ["query", "query", "mutation"], depth: 6, width: 4, fragments: 6, nests: 0.6, conditions: 0.15 };

async function counted({ query, variables, kind }) {
  const calls = new Map();
  const { data } = await execute({ schema, document: parse(query), variableValues: variables, contextValue: calls });
  const cost = {};
  for (const [key, value] of Object.entries(data)) {
    // graphql-js itself answers introspection; that of a name is free.
    const field = calls.get(key) ?? (typeof value === "string" ? `${kind}.__typename` : "Query.__schema");
    const bucket = buckets.get(field);
    if (bucket) cost[bucket] = (cost[bucket] ?? 0) + 1;
  }
  return cost;
}

/** What is left of each bucket. Asking for it is free. */
const { limits } = (await call(url, "GET", "/v1/rate_limit")).json;
const left = new Map(limits.map(({ bucket, remaining }) => [bucket, remaining]));

async function drawn(request) {
  const { status, headers, json } = await ask(url, request);
  if (status === 429 || status === 422) throw new Error(`the quota is too small: ${JSON.stringify(json)}`);
  const cost = {};
  for (const [, bucket, remaining] of (headers.ratelimit ?? "").matchAll(/"(\w+)-1d";r=(\d+)/g)) {
    const now = Number(remaining);
    const used = left.get(bucket) - now;
    left.set(bucket, now);
    if (used > 0) cost[bucket] = used;
  }
  return cost;
}

const same = (one, other) => JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

const differences = [];
const rows = JSON.parse(readFileSync(new URL("costs.json", import.meta.url), "utf8"));
for (const [query, expected] of rows) {
  const actual = await drawn({ query });
  if (!same(expected, actual)) differences.push({ query, expected, actual });
}
const random = new Random(Number(seed));
const tally = { free: 0, dear: 0 };
for (let number = 0; number < Number(count); number += 1) {
  const { others, ...request } = generate(random, ROOTS, SHAPE);
  const invalid = fault(request.query);
  if (invalid) throw new Error(`generated, but invalid: ${request.query}: ${invalid}`);
  // The second time, the document is known and its variables are others.
  if (number % 2) await drawn({ ...request, variables: others() });
  const expected = await counted(request);
  const sum = Object.values(expected).reduce((one, other) => one + other, 0);
  tally.free += sum === 0;
  tally.dear += sum > 2;
  const actual = await drawn(request);
  if (!same(expected, actual)) differences.push({ ...request, expected, actual });
}
differences.sort((one, other) => one.query.length - other.query.length);
console.log(JSON.stringify({ rows: rows.length, generated: Number(count), tally, differences: differences.slice(0, 20) }));
process.exit(0);
