// Changes documents a token at a time, and makes them smaller.
import { Kind, Lexer, Source, TokenKind, parse, print, visit } from "graphql";

/** The tokens of a document; none where it has a character that belongs to no token. */
export function tokens(document) {
  const found = [];
  try {
    const lexer = new Lexer(new Source(document));
    for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
      found.push(document.slice(token.start, token.end));
    }
  } catch {
    return [];
  }
  return found;
}

/** The document with so many changes: a token taken out, put in or exchanged, a run of tokens repeated or brought along. */
export function mutate(random, document, changes, pool) {
  const changed = tokens(document);
  for (let change = 0; change < changes; change += 1) {
    const place = random.below(changed.length + 1);
    const other = random.of(pool);
    const from = random.below(other.length);
    switch (random.below(5)) {
      case 0:
        changed.splice(place, 1);
        break;
      case 1:
        changed.splice(place, 0, other[from]);
        break;
      case 2:
        changed.splice(Math.min(place, changed.length - 1), 1, other[from]);
        break;
      case 3:
        changed.splice(place, 0, ...other.slice(from, from + 1 + random.below(6)));
        break;
      default: {
        const start = random.below(changed.length + 1);
        changed.splice(place, 0, ...changed.slice(start, start + 1 + random.below(8)));
      }
    }
  }
  return changed.join(" ");
}

/**
 * The smallest document found for which `isStill` holds: parts are taken out of what parses, then tokens out of what is
 * left.
 */
export async function shrink(document, isStill) {
  let best = document;
  for (let smaller = document; smaller !== undefined; ) {
    best = smaller;
    smaller = undefined;
    for (const candidate of withoutAPart(best)) {
      if (candidate.length < best.length && (await isStill(candidate))) {
        smaller = candidate;
        break;
      }
    }
  }
  let left = tokens(best);
  if (!(await isStill(left.join(" ")))) return best;
  for (let width = Math.min(12, left.length); width >= 1; width -= 1) {
    for (let place = 0; place + width <= left.length; ) {
      const smaller = left.toSpliced(place, width);
      if (smaller.length > 0 && (await isStill(smaller.join(" ")))) left = smaller;
      else place += 1;
    }
  }
  return left.join(" ");
}

/** What may go from a document that stays one. */
const PARTS = [Kind.FIELD, Kind.FRAGMENT_SPREAD, Kind.INLINE_FRAGMENT, Kind.DIRECTIVE, Kind.ARGUMENT, Kind.OBJECT_FIELD];

/** The document without one of its parts, and without fragments and variables that nothing needs then; the largest part first. */
function* withoutAPart(text) {
  let document;
  try {
    document = parse(text);
  } catch {
    return;
  }
  const parts = [];
  visit(document, {
    enter(node) {
      if (PARTS.includes(node.kind)) parts.push(node);
    },
  });
  const size = ({ loc }) => loc.end - loc.start;
  for (const part of parts.toSorted((one, other) => size(other) - size(one))) {
    yield print(tidy(visit(document, { enter: (node) => (node === part ? null : undefined) })));
    // What stands in a fragment may stand without it.
    if (part.kind !== Kind.INLINE_FRAGMENT) continue;
    const unwrap = ({ selections }) => selections.flatMap((node) => (node === part ? part.selectionSet.selections : [node]));
    const enter = (node) => (node.selections?.includes(part) ? { ...node, selections: unwrap(node) } : undefined);
    yield print(tidy(visit(document, { SelectionSet: { enter } })));
  }
}

function tidy(document) {
  const spread = new Set();
  const used = new Set();
  visit(document, {
    FragmentSpread: ({ name }) => void spread.add(name.value),
    Variable: (node, _, parent) => void (parent.kind === Kind.VARIABLE_DEFINITION || used.add(node.name.value)),
  });
  const tidied = visit(document, {
    FragmentDefinition: ({ name }) => (spread.has(name.value) ? undefined : null),
    VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
    SelectionSet: { leave: (node) => (node.selections.length === 0 ? { ...node, selections: [TYPENAME] } : undefined) },
  });
  return tidied.definitions.length < document.definitions.length ? tidy(tidied) : tidied;
}

const TYPENAME = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } };
