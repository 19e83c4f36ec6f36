// Documents that nobody has thought of: generated ones, which are valid, and changed ones, which mostly are not. Of each,
// the server must say what graphql-js says; a generated one that reads films is run by both, and answered alike.
import { execute, parse } from "graphql";
import { documents } from "./corpus.mjs";
import { knownIn } from "./differences.mjs";
import { Films } from "./films.mjs";
import { generate } from "./generate.mjs";
import { mutate, shrink, tokens } from "./mutate.mjs";
import { Random } from "./random.mjs";
import { fault, requestOf, schema } from "./reference.mjs";
import { agree, comparable } from "./resolvers.mjs";
import { ask, each, faultOf } from "./server.mjs";
import { prepare } from "./twin.mjs";

const [url, session, seed, count] = process.argv.slice(2);
const { cursors } = await prepare(url, { authorization: `Bearer ${session}` });
const contextValue = {
  films: new Films(),
  accounts: [],
  caller: { kind: "ANONYMOUS", role: "VIEWER", name: null, account: null },
};

/** What can be answered by films in memory. */
const DETERMINED = { Query: ["film", "films", "node", "me", "rateLimit"], introspection: true };
/** Passwords take long to check, and a document may have one such field only. */
const PASSWORDS = /signIn|changePassword/;
const mutations = Object.keys(schema.getMutationType().getFields()).filter((name) => !PASSWORDS.test(name));
const ANYTHING = { Mutation: mutations, introspection: true };
const EVERY_KIND = { kinds: ["query", "query", "mutation", "subscription"], descriptions: true };

const corpus = documents().filter((document) => tokens(document).length > 0 && !PASSWORDS.test(document));
const pool = corpus.map(tokens);

/** The documents, each with how it came about. */
function* candidates(random) {
  for (let number = 0; number < Number(count); number += 1) {
    const choice = random.next();
    if (choice < 0.4) {
      yield { from: "answered", ...generate(random, DETERMINED, { descriptions: true }) };
    } else if (choice < 0.5) {
      yield { from: "generated", ...generate(random, ANYTHING, EVERY_KIND) };
    } else if (choice < 0.75) {
      const { query } = generate(random, ANYTHING, { ...EVERY_KIND, depth: 3, width: 2, fragments: 2 });
      yield { from: "generated and changed", query: mutate(random, query, 1 + random.below(2), pool) };
    } else {
      yield { from: "changed", query: mutate(random, random.of(corpus), 1 + random.below(3), pool) };
    }
  }
}

/** In what server and reference differ about a document; null when they agree. */
async function difference({ from, times, ...request }, expected = fault(request.query)) {
  if (expected === null && from === "answered" && knownIn(request.query, null).length === 0) return answersDiffer({ ...request, times });
  const actual = await faultOf(url, request.variables ? request : requestOf(request.query));
  if ((actual === null) === (expected === null)) return null;
  if (knownIn(request.query, expected).length > 0) return null;
  const kind = expected === null ? "refused, though valid" : "taken, though invalid";
  return { kind, expected, actual };
}

async function answersDiffer({ query, variables, times = 3 }) {
  const document = parse(query);
  const expected = comparable(await execute({ schema, document, variableValues: variables, contextValue }));
  // The server remembers a document that comes again, and answers it in another way.
  for (let time = 0; time < times; time += 1) {
    const { json } = await ask(url, { query, variables });
    const actual = comparable(cursors.read(json));
    if (agree(expected, actual)) continue;
    return { kind: "answered otherwise", time, expected, actual: actual.data === "none" ? json.errors : actual };
  }
  return null;
}

const found = [];
const tally = { valid: 0, invalid: 0 };
await each(candidates(new Random(Number(seed))), async ({ others, ...candidate }) => {
  if (PASSWORDS.test(candidate.query)) return;
  const expected = fault(candidate.query);
  const isValid = expected === null;
  tally[isValid ? "valid" : "invalid"] += 1;
  tally[candidate.from] = (tally[candidate.from] ?? 0) + 1;
  if (!isValid && candidate.variables) throw new Error(`generated, but invalid: ${candidate.query}`);
  let differs = await difference({ ...candidate, times: 1 }, expected);
  if (!differs && candidate.from === "answered" && Object.keys(candidate.variables).length > 0) {
    candidate.variables = others();
    differs = await difference({ ...candidate, times: 2 }, expected);
  }
  if (differs) found.push({ ...candidate, ...differs });
});

/** What a difference is about, without names and values: differences that are alike have one cause. */
function sortOf({ kind, expected, actual }) {
  let told = expected ?? actual;
  if (kind === "answered otherwise") {
    const [wanted, got] = [expected.data + expected.errors, actual.data ? actual.data + actual.errors : JSON.stringify(actual)];
    const place = [...wanted].findIndex((character, number) => character !== got[number]);
    told = `${wanted.slice(place, place + 2)} ${got.slice(place, place + 2)}`;
  }
  return `${kind} ${told.replaceAll(/"[^"]*"|\$\w+|\d+/g, "")}`.slice(0, 120);
}

// One of each sort is made as small as can be.
const sorts = new Map();
for (const one of found.toSorted((a, b) => a.query.length - b.query.length)) {
  const sort = sortOf(one);
  if (!sorts.has(sort)) sorts.set(sort, { ...one, alike: 0 });
  sorts.get(sort).alike += 1;
}
const smallest = [];
for (const one of [...sorts.values()].slice(0, 12)) {
  const { from, variables } = one;
  const still = async (query) => {
    if (one.kind === "answered otherwise" && fault(query) !== null) return false;
    return (await difference({ from, query, variables }))?.kind === one.kind;
  };
  const query = await shrink(one.query, still);
  smallest.push({ alike: one.alike, from, query, variables, ...(await difference({ from, query, variables })) });
}
smallest.sort((a, b) => a.query.length - b.query.length);
console.log(JSON.stringify({ seed: Number(seed), tally, differences: found.length, smallest }));
process.exit(0);
