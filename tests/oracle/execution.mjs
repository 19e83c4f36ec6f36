// Runs each case of execution/ on the server and in graphql-js over the same films, and prints as JSON where the answers
// differ. The server is new, without films, and knows the admin whose session is given.
import { readFileSync, readdirSync } from "node:fs";
import { execute, parse, validate } from "graphql";
import { differences as declared } from "./differences.mjs";
import { Films } from "./films.mjs";
import { schema } from "./reference.mjs";
import { agree, comparable } from "./resolvers.mjs";
import { ask } from "./server.mjs";
import { prepare } from "./twin.mjs";

const [url, session] = process.argv.slice(2);
const folder = new URL("execution/", import.meta.url);
const admin = { authorization: `Bearer ${session}` };

/** Votes and changes come last, so that what is read before does not depend on them. */
const FILES = ["selections.json", "conditions.json", "variables.json", "nodes.json", "pages.json", "errors.json", "changes.json"];
const present = readdirSync(folder).filter((file) => file !== "films.json");
if (JSON.stringify(present) !== JSON.stringify(FILES.toSorted())) throw new Error(`files are not as listed: ${present}`);

const { cursors, accounts } = await prepare(url, admin);
const context = { films: new Films(), accounts };
const [account] = accounts;
const CALLERS = {
  admin: { caller: { kind: "ACCOUNT", role: "ADMIN", name: account.name, account }, headers: admin },
  anonymous: { caller: { kind: "ANONYMOUS", role: "VOTER", name: null, account: null }, headers: {} },
};

const known = Object.fromEntries(declared.map(({ name }) => [name, 0]));
let cases = 0;
let failures = 0;
const differences = [];
for (const file of FILES) {
  for (const { as = "admin", refused, ...request } of JSON.parse(readFileSync(new URL(file, folder), "utf8"))) {
    cases += 1;
    // Numbers and texts can be written in JSON in several ways, which JavaScript does not keep apart.
    if (request.text !== undefined) request.variables = JSON.parse(request.text);
    const document = parse(request.query);
    const [invalid] = validate(schema, document);
    if (invalid) throw new Error(`${request.query} is not valid: ${invalid.message}`);
    const { caller, headers } = CALLERS[as];
    const { variables: variableValues, operationName } = request;
    const contextValue = { ...context, caller };
    const expected = await execute({ schema, document, variableValues, operationName, contextValue });
    // What fails in the reference for another reason than the films is a fault of the reference.
    const strange = expected.data !== undefined && expected.errors?.find(({ extensions }) => extensions?.code === undefined);
    if (strange && !refused) throw new Error(`${request.query}: ${strange.message}`);
    failures += expected.errors !== undefined;
    if (refused) known[refused] += 1;
    const wanted = refused ? comparable({}) : comparable(expected);
    // What changes nothing comes several times: the server remembers it then, and answers it in another way.
    const times = request.query.includes("mutation") ? 1 : 3;
    for (let time = 0; time < times; time += 1) {
      const { json } = await ask(url, cursors.write(request), headers);
      const actual = comparable(cursors.read(json));
      if (agree(wanted, actual)) continue;
      differences.push({ file, case: { as, ...request }, time, expected: wanted, actual, answer: json });
      break;
    }
  }
}
console.log(JSON.stringify({ cases, failures, known, differences }));
process.exit(0);
