// Where the server knowingly differs from graphql-js. It refuses what it differs in, and takes nothing that graphql-js
// refuses.
import { Kind, parse, visit } from "graphql";

/** Each with its reason, and how to tell whether a document has it. */
export const differences = [
  {
    name: "an empty selection",
    reason: "graphql-js 17 reads `{}`; in the specification of September 2025 a selection set has at least one selection.",
    isIn: (document) => has(document, (node) => node.kind === Kind.SELECTION_SET && node.selections.length === 0),
  },
  {
    name: "an argument that is null by a variable",
    reason:
      "A variable with a default may stand where null may not, and null be sent for it. In graphql-js the field fails while " +
      "it runs; the server finds it before it draws the price, and runs nothing. Cases say so by `refused`.",
    isIn: () => false,
  },
];

function has(document, isMeant) {
  let found = false;
  visit(document, { enter: (node) => void (found ||= isMeant(node)) });
  return found;
}

/** The names of the differences that a document has; none where it does not parse. */
export function knownIn(text) {
  let document;
  try {
    document = parse(text);
  } catch {
    return [];
  }
  return differences.filter(({ isIn }) => isIn(document)).map(({ name }) => name);
}
