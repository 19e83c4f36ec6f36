// Holds what the server says of each document of the corpus against what graphql-js says. Prints what it found as JSON.
import { documents } from "./corpus.mjs";
import { differences as declared, knownIn } from "./differences.mjs";
import { brokenRules, fault, faultBefore, requestOf, rules } from "./reference.mjs";
import { each, faultOf } from "./server.mjs";

const url = process.argv[2];
const all = documents();
const fires = Object.fromEntries(rules.map((rule) => [rule, 0]));
const differences = [];
const known = Object.fromEntries(declared.map(({ name }) => [name, 0]));
const editions = [];
let valid = 0;
await each(all, async (document) => {
  const expected = fault(document);
  valid += expected === null;
  for (const rule of brokenRules(document)) fires[rule] += 1;
  const before = faultBefore(document);
  if ((before === null) !== (expected === null)) editions.push({ document, today: expected, before });
  const actual = await faultOf(url, requestOf(document));
  if ((actual === null) === (expected === null)) return;
  const [name] = knownIn(document, expected);
  if (name) known[name] += 1;
  else differences.push({ document, expected, actual });
});
const twice = all.filter((document, place) => all.indexOf(document) !== place);
console.log(JSON.stringify({ documents: all.length, valid, twice, fires, editions, known, differences }));
process.exit(0);
