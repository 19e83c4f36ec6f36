import type { Call } from "../shared/curl.ts";

/** The arguments of a field, as the server would see them. */
export type Args = Record<string, unknown>;

/** Why there is no call. */
export class NoTwin extends Error {}

/** The REST call for each root field; `rest-twin.ts` finds the field. */
export const TWINS: Record<string, (args: Args, origin: string) => Call> = {
  randomFilm: ({ filter, exclude, unseen }, origin) => {
    const left = { exclude: list(exclude).join(",") || undefined, unseen: unseen || undefined };
    const query = parameters({ ...filters(filter), ...left });
    return get(query ? `${origin}/v1/films/random${query}` : `${origin}/`);
  },
  film: ({ id }, origin) => one(origin, "films", id),
  films: ({ filter, sort, order, ...page }, origin) =>
    get(
      `${origin}/v1/films${parameters({ ...filters(filter), sort: small(sort), order: small(order), ...page })}`,
    ),
  genres: (page, origin) => get(`${origin}/v1/genres${parameters(page)}`),
  studios: (page, origin) => get(`${origin}/v1/studios${parameters(page)}`),
  node: ({ id }, origin) => {
    const [of] = String(id).split(":");
    if (of === "key" || of === "event") throw new NoTwin(`REST has no call for one ${of}`);
    return one(origin, of === "account" ? "accounts" : "films", digits(id));
  },
  rateLimit: (_args, origin) => get(`${origin}/v1/rate_limit`),
  like: ({ id }, origin) => vote(origin, id, "like"),
  dislike: ({ id }, origin) => vote(origin, id, "dislike"),
  removeVote: ({ id }, origin) => ({ ...one(origin, "films", id, "/vote"), method: "DELETE" }),
  addFilm: ({ input }, origin) => withBody("POST", `${origin}/v1/films`, input),
  updateFilm: ({ id, input }, origin) => withBody("PATCH", one(origin, "films", id).url, input),
  removeFilm: ({ id }, origin) => ({ ...one(origin, "films", id), method: "DELETE" }),
  me: (_args, origin) => get(`${origin}/v1/me`),
  myVotes: (page, origin) => get(`${origin}/v1/me/votes${parameters(page)}`),
  signIn: ({ input }, origin) => withBody("POST", `${origin}/v1/session`, input),
  signOut: (_args, origin) => ({ method: "DELETE", url: `${origin}/v1/session` }),
  changePassword: ({ input }, origin) => withBody("PUT", `${origin}/v1/me/password`, input),
  accounts: (args, origin) => get(`${origin}/v1/accounts${parameters(args)}`),
  account: ({ id }, origin) => one(origin, "accounts", digits(id)),
  createAccount: ({ input }, origin) => withBody("POST", `${origin}/v1/accounts`, withSmall("role", input)),
  updateAccount: ({ id, input }, origin) =>
    withBody("PATCH", one(origin, "accounts", digits(id)).url, withSmall("role", input)),
  keys: ({ account, ...page }, origin) =>
    get(`${origin}/v1/keys${parameters({ account: digits(account), ...page })}`),
  createKey: ({ input, account }, origin) =>
    withBody(
      "POST",
      `${origin}/v1/keys${parameters({ account: digits(account) })}`,
      withSmall("role", input),
    ),
  revokeKey: ({ id }, origin) => ({ ...one(origin, "keys", digits(id)), method: "DELETE" }),
  auditEvents: ({ filter, ...page }, origin) => {
    return get(`${origin}/v1/audit_events${parameters({ ...withSmall("event", filter), ...page })}`);
  },
  filmVoted: ({ id }, origin) => events(`${origin}/v1/films/events${parameters({ id })}`),
  filmAdded: (_args, origin) => events(`${origin}/v1/films/events`),
};

function get(url: string): Call {
  return { method: "GET", url };
}

function one(origin: string, what: string, id: unknown, part = ""): Call {
  return get(`${origin}/v1/${what}/${encodeURIComponent(String(id))}${part}`);
}

/** REST says by its path what an id is of; in GraphQL the id says it, as in `account:7`. */
function digits(id: unknown): unknown {
  return typeof id === "string" ? id.replace(/^(account|key):/, "") : id;
}

function vote(origin: string, id: unknown, opinion: string): Call {
  return { ...one(origin, "films", id, `/${opinion}`), method: "POST" };
}

function withBody(method: string, url: string, input: unknown): Call {
  return { method, url, headers: { "Content-Type": "application/json" }, body: JSON.stringify(input) };
}

/** REST writes the value of an enum in small letters. */
function small(value: unknown): string | undefined {
  return typeof value === "string" ? value.toLowerCase() : undefined;
}

function withSmall(name: string, input: unknown): Args {
  const { [name]: value, ...rest } = members(input);
  return typeof value === "string" ? { ...rest, [name]: small(value) } : rest;
}

/** REST calls a text that is looked for by the name that everybody guesses. */
function filters(filter: unknown): Args {
  const { text, ...rest } = members(filter);
  return { q: text, ...rest };
}

function events(url: string): Call {
  return { method: "GET", url, stream: true };
}

/** A query string with its question mark; empty when nothing is said. */
function parameters(values: Args): string {
  const said = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  const query = new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString();
  // A comma between ids needs no escape in a query, and reads better without.
  return query && `?${query.replaceAll("%2C", ",")}`;
}

function members(value: unknown): Args {
  return typeof value === "object" && value !== null ? (value as Args) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
