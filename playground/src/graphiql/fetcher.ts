import type { Fetcher, FetcherOpts, FetcherParams, SyncExecutionResult } from "@graphiql/toolkit";
import { current, hasEnded } from "../shared/session.ts";
import { credential, hasOwn } from "./credential.ts";
import { isSubscription, withOwnName } from "./operation.ts";
import { note, noteRefusal } from "./quota-store.ts";

/** With it a refusal keeps its real status and still comes as `{errors}`. */
export const ACCEPT = "application/graphql-response+json, application/json;q=0.9";

/** What is shown in the place of a result. */
export type Result = Exclude<SyncExecutionResult, { subscribe: unknown } | AsyncIterable<unknown>>;

/** Seconds up to which the schema is asked for again by itself after a refusal. */
const PATIENCE = 30;

/** Fields after which the session of this tab may be over. */
const ENDING = /\b(signOut|revokeKey)\b/;

/** Runs what GraphiQL hands over: subscriptions over a WebSocket, all else as a POST. */
export const fetcher: Fetcher = async (given, options = {}) => {
  const params = withOwnName<FetcherParams>(given);
  // Not by the document that GraphiQL has read: that may be the one before, too.
  if (isSubscription(params)) {
    // Most visits never need it.
    const { subscribe } = await import("./subscriptions.ts");
    return subscribe(params, options.headers ?? {});
  }
  if (params.operationName !== "IntrospectionQuery") return (await post(params, options)).result;
  const session = current();
  const first = await post(params, options, true);
  // The schema is there for everybody, also for whose session has just ended.
  if (session && !current()) return (await post(params, options, true)).result;
  if (first.retryAfter === undefined || first.retryAfter > PATIENCE) return first.result;
  await new Promise((resolve) => setTimeout(resolve, (first.retryAfter ?? 0) * 1000));
  return (await post(params, options, true)).result;
};

async function post(params: FetcherParams, { headers = {} }: FetcherOpts, quietly = false) {
  const session = hasOwn(headers) ? undefined : current();
  try {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: { Accept: ACCEPT, "Content-Type": "application/json", ...credential(headers), ...headers },
      body: JSON.stringify(params),
    });
    note(response.headers, quietly);
    const body = await response.text();
    if (session && (response.status === 401 || ENDING.test(params.query))) await hasEnded(session);
    const result = readResult(response, body);
    const retryAfter = response.status === 429 ? refused(response, result) : undefined;
    return { result, retryAfter };
  } catch (error) {
    // Not thrown: GraphiQL would show the stack of this page.
    return {
      result: failure(`No answer from the server: ${error instanceof Error ? error.message : error}`),
    };
  }
}

function readResult(response: Response, body: string): Result {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) return value as Result;
  } catch {
    // Something on the way answered, and not in JSON.
  }
  return failure(`HTTP ${response.status} ${response.statusText}: ${body.slice(0, 1000)}`);
}

function refused(response: Response, result: Result): number {
  const told = noteErrors(result.errors ?? []);
  if (told !== undefined) return told;
  const seconds = Number(response.headers.get("Retry-After"));
  noteRefusal(seconds, []);
  return seconds;
}

/** Counts down where one of the errors is a quota's; its seconds. */
export function noteErrors(errors: readonly { extensions?: Record<string, unknown> }[]): number | undefined {
  const refusal = errors.find(({ extensions }) => extensions?.code === "RATE_LIMITED")?.extensions;
  if (typeof refusal?.retryAfter !== "number") return undefined;
  const policies = refusal["violated-policies"];
  noteRefusal(refusal.retryAfter, Array.isArray(policies) ? policies.map(String) : []);
  return refusal.retryAfter;
}

export function failure(message: string): Result {
  return { errors: [{ message }] } as unknown as Result;
}
