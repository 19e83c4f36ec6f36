import { parseJson } from "./json";

/** Who this tab is signed in as. */
export interface Session {
  /** A session token, an API key, or the token of another issuer. It is kept here and in no other place. */
  token: string;
  name: string;
  /** Such as `editor`. */
  role: string;
  /** By this machine's clock, in milliseconds; undefined when the page was not told. */
  endsAt: number | undefined;
  /** Brought along rather than made by signing in: it is not ours to revoke. */
  isBrought: boolean;
}

/** What the server knows of a caller (`GET /v1/me`). */
export interface Me {
  kind: string;
  name: string;
  role: string;
}

/** Of this tab alone: another tab does not see it, and it ends with the tab. */
const STORED = "filmgate.session";
/** A timer cannot wait longer: 2^31 - 1 ms. */
const LONGEST_WAIT = 0x7fffffff;

const listeners = new Set<() => void>();
let session = readStored();
let ended: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The session of this tab; the same object until it changes. */
export function current(): Session | undefined {
  return session;
}

/** Whose session the server has ended, until somebody signs in or out. */
export function endedFor(): string | undefined {
  return ended;
}

/** Who the caller is, as it may be kept: empty without a session, and never the token. */
export function callerMark(): string {
  if (!session) return "";
  // What was brought along need not have a name.
  return session.isBrought ? `token:${digest(session.token)}` : `account:${session.name}`;
}

/** Hears of every change. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function begin(next: Session): void {
  ended = undefined;
  change(next);
}

/** Forgets the session, as its owner wishes. */
export function forget(): void {
  ended = undefined;
  change(undefined);
}

/** The header that says who asks; none when nobody is signed in. */
export function authorization(): Record<string, string> {
  return session ? { Authorization: `Bearer ${session.token}` } : {};
}

/**
 * Asks the server whether the session still holds, which is free; true when it has ended, and is dropped by that.
 *
 * A 401 alone does not say so: a wrong password in a form is one, too.
 */
export async function hasEnded(of = session): Promise<boolean> {
  if (!of || session?.token !== of.token) return false;
  const headers = { Authorization: `Bearer ${of.token}` };
  const response = await fetch("/v1/me", { headers, cache: "no-store" }).catch(() => undefined);
  const me = response?.ok ? readMe(parseJson(await response.text().catch(() => ""))) : undefined;
  // Somebody may have signed in or out in between.
  if (session?.token !== of.token) return false;
  if (response?.status === 401) {
    ended = of.name;
    change(undefined);
    return true;
  }
  if (me && (me.name !== session.name || me.role !== session.role)) change({ ...session, ...named(me) });
  return false;
}

export function readMe(json: unknown): Me | undefined {
  const { kind, name, role } = (json ?? {}) as Record<string, unknown>;
  if (typeof kind !== "string" || typeof role !== "string") return undefined;
  return { kind, role, name: typeof name === "string" ? name : "" };
}

/** What a caller is called; another issuer need not name anybody. */
export function named({ name, role }: Me): Pick<Session, "name" | "role"> {
  return { name: name || "somebody", role };
}

/** FNV-1a: 32 bits tell two tokens apart, and do not bring one back. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}

function change(next: Session | undefined): void {
  session = next;
  store(next);
  watch();
  for (const listener of listeners) listener();
}

/** Asks when the session should have ended. The server decides, and clocks differ. */
function watch(): void {
  clearTimeout(timer);
  if (session?.endsAt === undefined) return;
  const left = session.endsAt - Date.now();
  timer = setTimeout(() => (left > LONGEST_WAIT ? watch() : void hasEnded()), wait(left));
}

function wait(left: number): number {
  return Math.min(Math.max(left, 0), LONGEST_WAIT);
}

function readStored(): Session | undefined {
  try {
    return readSession(parseJson(sessionStorage.getItem(STORED) ?? ""));
  } catch {
    // A browser may keep nothing: then a session ends with the page.
    return undefined;
  }
}

/** What was stored; undefined when it is not of our making. */
export function readSession(json: unknown): Session | undefined {
  const { token, name, role, endsAt, isBrought } = (json ?? {}) as Record<string, unknown>;
  if (typeof token !== "string" || !token || typeof name !== "string" || typeof role !== "string") {
    return undefined;
  }
  const end = typeof endsAt === "number" ? endsAt : undefined;
  return { token, name, role, endsAt: end, isBrought: isBrought === true };
}

function store(next: Session | undefined): void {
  try {
    if (next) sessionStorage.setItem(STORED, JSON.stringify(next));
    else sessionStorage.removeItem(STORED);
  } catch {
    // See above.
  }
}

// A page that is shown again by the way back knows only what was so when it was left.
globalThis.addEventListener?.("pageshow", ({ persisted }: PageTransitionEvent) => {
  if (!persisted) return;
  const stored = readStored();
  if (stored?.token !== session?.token) change(stored);
});
watch();
if (session) void hasEnded();
