import { parseJson } from "./json";

/** Where a browser keeps something: `session` for this tab, `local` for every visit. */
type Place = "session" | "local";

/** What was kept; undefined where nothing was, or where the browser keeps nothing. */
export function recall(place: Place, name: string): unknown {
  try {
    return parseJson(storage(place).getItem(name) ?? "");
  } catch {
    return undefined;
  }
}

/** Keeps it; a browser that refuses is no reason to fail: then it holds for as long as the page is open. */
export function keep(place: Place, name: string, value: unknown): void {
  try {
    storage(place).setItem(name, JSON.stringify(value));
  } catch {
    // See above.
  }
}

function storage(place: Place): Storage {
  return place === "session" ? sessionStorage : localStorage;
}
