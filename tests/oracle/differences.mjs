// Where the server knowingly differs from graphql-js. It refuses what it differs in, and takes nothing that graphql-js
// refuses, but for what the specification has as it is written.
import { Kind, parse, visit } from "graphql";

/**
 * Each with its reason, and how to tell whether a document has it that graphql-js takes, or a text has it that graphql-js
 * refuses.
 */
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
  },
  {
    name: "a name for __typename beside another field",
    reason:
      "Fields of one name in the answer have one type (section 5.3.2), though they be of different objects. graphql-js knows " +
      "no type of `__typename`, and lets it stand beside anything.",
    isIn: (document) => {
      const fields = { typename: new Set(), other: new Set() };
      visit(document, {
        Field: ({ alias, name }) =>
          void fields[name.value === "__typename" ? "typename" : "other"].add((alias ?? name).value),
      });
      return [...fields.typename].some((key) => fields.other.has(key));
    },
  },
  {
    name: "an escape of more than eight digits",
    reason: "`\\u{0000000041}` has a value by the specification (section 2.9.4), which bounds that, and not the digits.",
    isInText: (text) => /\\u\{0[0-9a-f]{8,}\}/i.test(text),
  },
];

function has(document, isMeant) {
  let found = false;
  visit(document, { enter: (node) => void (found ||= isMeant(node)) });
  return found;
}

/** The names of the differences that a document has, of which graphql-js says this fault; null where it takes it. */
export function knownIn(text, fault) {
  const document = fault === null ? parse(text) : undefined;
  const known = differences.filter(({ isIn, isInText }) => (document ? isIn?.(document) : isInText?.(text)));
  return known.map(({ name }) => name);
}
