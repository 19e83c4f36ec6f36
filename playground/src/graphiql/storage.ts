import { parseJson } from "../shared/json.ts";
import { withoutSecrets } from "../shared/secrets.ts";

/** What GraphiQL asks of the place where it keeps tabs and history. */
interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  clear(): void;
  readonly length: number;
}

/**
 * Where GraphiQL keeps what it remembers.
 *
 * It trusts what it finds there and shows an empty page where that is not of its own making, or where the browser
 * stores nothing. So what it could not read is as good as not there, and without a store it remembers for this visit.
 */
export function reliableStorage(store: Store = browserStore() ?? new MemoryStore()): Store {
  return {
    getItem: (key) => {
      const text = store.getItem(key);
      return text === null || !isReadable(key, text) ? null : text;
    },
    setItem: (key, value) => {
      store.setItem(key, discreetly(nameOf(key), value, store.getItem(key.replace(nameOf(key), "query"))));
    },
    removeItem: (key) => store.removeItem(key),
    clear: () => store.clear(),
    get length() {
      return store.length;
    },
  };
}

/** Fields that take a password, which may be in a variable of any name. */
const PRIVATE = /\b(signIn|changePassword|createAccount|updateAccount)\b/;

/** Tabs, history and what is in the editors without the secrets that were typed into them. */
function discreetly(name: string, value: string, shown: string | null): string {
  if (name === "query") return withoutSecrets(value);
  if (name === "variables") return variablesOf(shown, value);
  if (!PRIVATE.test(value)) return value;
  return JSON.stringify(parseJson(value), (_, part) => {
    if (typeof part?.query !== "string") return part;
    const variables = typeof part.variables === "string" ? variablesOf(part.query, part.variables) : null;
    return { ...part, query: withoutSecrets(part.query), variables };
  });
}

function variablesOf(query: string | null, variables: string): string {
  const text = withoutSecrets(variables);
  return PRIVATE.test(query ?? "") ? text.replace(/(:\s*)"(?:[^"\\]|\\.)*"/g, '$1""') : text;
}

function isReadable(key: string, text: string): boolean {
  const name = nameOf(key);
  // They hold secrets and are not kept; what is there comes from elsewhere.
  if (name === "headers") return false;
  if (name === "tabState") return members(text) !== undefined;
  if (name !== "queries" && name !== "favorites") return true;
  const entries = members(text)?.[name];
  return Array.isArray(entries) && entries.every((entry) => typeof entry?.query === "string");
}

/** `graphiql:query` is `query`. */
function nameOf(key: string): string {
  return key.slice(key.indexOf(":") + 1);
}

/** The members of a JSON object; undefined when the text is none. */
function members(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function browserStore(): Store | undefined {
  try {
    // Even to look at it may be forbidden.
    return window.localStorage;
  } catch {
    return undefined;
  }
}

class MemoryStore implements Store {
  #items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }

  clear(): void {
    this.#items.clear();
  }

  get length(): number {
    return this.#items.size;
  }
}
