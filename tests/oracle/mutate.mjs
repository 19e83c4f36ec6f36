// Changes documents a token at a time, and makes them smaller.
import { Lexer, Source, TokenKind } from "graphql";

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

/** The smallest document found for which `isStill` holds, by taking tokens out. */
export async function shrink(document, isStill) {
  let best = tokens(document);
  if (!(await isStill(best.join(" ")))) return document;
  for (let width = Math.max(1, best.length >> 1); width >= 1; width >>= 1) {
    for (let place = 0; place + width <= best.length; ) {
      const smaller = best.toSpliced(place, width);
      if (smaller.length > 0 && (await isStill(smaller.join(" ")))) best = smaller;
      else place += 1;
    }
    // What opens and what closes go together.
    for (let open = 0; width === 1 && open < best.length; open += 1) {
      for (let close = open + 1; close < best.length; close += 1) {
        const smaller = best.toSpliced(close, 1).toSpliced(open, 1);
        if (!"{([:".includes(best[open]) && best[open] !== "...") continue;
        if (smaller.length > 0 && (await isStill(smaller.join(" ")))) {
          best = smaller;
          close = open;
        }
      }
    }
  }
  return best.join(" ");
}
