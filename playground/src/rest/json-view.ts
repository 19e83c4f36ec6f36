import { create } from "../shared/dom";

/** A token of JSON: a string that is a name, another string, a number, a word. */
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;
/** Colours cost an element each: what is longer stays plain. */
const LONGEST = 200_000;

/** JSON in colours. It goes in as text: names of films come from anybody. */
export function jsonNodes(json: unknown): (Node | string)[] {
  const text = JSON.stringify(json, null, 2) ?? "";
  if (text.length > LONGEST) return [text];
  const nodes: (Node | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [token, string, colon = ""] = match;
    nodes.push(text.slice(end, match.index));
    const kind = string === undefined ? "number" : colon ? "name" : "string";
    nodes.push(create("span", { class: kind }, string ?? token), colon);
    end = match.index + token.length;
  }
  nodes.push(text.slice(end));
  return nodes;
}
