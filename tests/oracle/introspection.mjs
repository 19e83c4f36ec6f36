// Asks for the schema as the tools of graphql-js do, with every choice of options, and holds what they build from the answer
// against the committed schema. Prints as JSON where they differ.
import { readFileSync } from "node:fs";
import * as today from "graphql";
import * as before from "graphql-16";
import { ask, each } from "./server.mjs";

const url = process.argv[2];
const sdl = readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8");

/** All but `experimentalDirectiveDeprecation`, which asks for what the specification does not have. */
const OPTIONS = [
  "descriptions",
  "specifiedByUrl",
  "directiveIsRepeatable",
  "schemaDescription",
  "inputValueDeprecation",
  "oneOf",
];

function* choices() {
  for (let bits = 0; bits < 2 ** OPTIONS.length; bits += 1) {
    yield Object.fromEntries(OPTIONS.map((option, place) => [option, (bits & (1 << place)) !== 0]));
  }
  const all = Object.fromEntries(OPTIONS.map((option) => [option, true]));
  for (const typeDepth of [3, 9]) yield { ...all, typeDepth };
}

const answers = new Map();
/** The same query is asked once, though both editions may make it. */
async function answer(query) {
  if (!answers.has(query)) answers.set(query, ask(url, { query }));
  return (await answers.get(query)).json;
}

const differences = [];
let built = 0;
for (const [edition, graphql] of Object.entries({ today, before })) {
  const { buildClientSchema, buildSchema, getIntrospectionQuery, graphqlSync, lexicographicSortSchema, printSchema } = graphql;
  const committed = buildSchema(sdl);
  const print = (schema) => printSchema(lexicographicSortSchema(schema));
  await each([...choices()], async (options) => {
    const query = getIntrospectionQuery(options);
    const { data, errors } = await answer(query);
    const actual = errors ? errors[0].message : print(buildClientSchema(data));
    // Without its descriptions, say, the committed schema is what the same query tells of it. With everything, it is
    // itself.
    const all = Object.values(options).every(Boolean);
    const expected = print(all ? committed : buildClientSchema(graphqlSync({ schema: committed, source: query }).data));
    built += 1;
    if (actual !== expected) differences.push({ edition, options, ...apart(expected, actual) });
  });
}
console.log(JSON.stringify({ asked: answers.size, built, differences }));
process.exit(0);

/** The first lines in which two texts differ. */
function apart(expected, actual) {
  const [wanted, got] = [expected.split("\n"), actual.split("\n")];
  const place = wanted.findIndex((line, number) => line !== got[number]);
  return { line: place + 1, expected: wanted[place], actual: got[place] };
}
