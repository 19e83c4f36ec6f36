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
    setItem: (key, value) => store.setItem(key, value),
    removeItem: (key) => store.removeItem(key),
    clear: () => store.clear(),
    get length() {
      return store.length;
    },
  };
}

function isReadable(key: string, text: string): boolean {
  const name = key.slice(key.indexOf(":") + 1);
  // They hold secrets and are not kept; what is there comes from elsewhere.
  if (name === "headers") return false;
  if (name === "tabState") return members(text) !== undefined;
  if (name !== "queries" && name !== "favorites") return true;
  const entries = members(text)?.[name];
  return Array.isArray(entries) && entries.every((entry) => typeof entry?.query === "string");
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
