import type { Call } from "./curl";
import { parseJson } from "./json";
import { type Problem, readProblem } from "./problem";
import { type QuotaWindow, readQuota } from "./quota";
import { authorization, current, hasEnded } from "./session";

/** All that an answer tells. */
export interface Answer {
  status: number;
  ok: boolean;
  /** The server's own words, or the standard ones: HTTP/2 has none. */
  statusText: string;
  /** Milliseconds until the body was there. */
  ms: number;
  headers: [name: string, value: string][];
  /** As it came. */
  text: string;
  /** The body, where it is JSON. */
  json: unknown;
  quota: QuotaWindow[];
  /** Seconds to wait before the next try. */
  retryAfter: number | undefined;
  problem: Problem | undefined;
  /** As of `performance.now()`. */
  at: number;
}

/** No answer came: the server or the network is not there. */
export class NoAnswer extends Error {}

/**
 * Sends a call to this server and reads the whole answer, refusals too.
 *
 * @throws {NoAnswer} when none comes, or when `signal` says that nobody waits for it any more.
 */
export async function send(call: Call, signal?: AbortSignal): Promise<Answer> {
  const start = performance.now();
  const session = call.signed ? current() : undefined;
  let response: Response;
  let text: string;
  try {
    response = await fetch(call.url, request(call, signal));
    text = await response.text();
  } catch (error) {
    throw new NoAnswer(error instanceof Error ? error.message : String(error));
  }
  const at = performance.now();
  if (response.status === 401 && session) await hasEnded(session);
  const json = parseJson(text);
  const problem = response.ok ? undefined : readProblem(json);
  const retryAfter = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return {
    status: response.status,
    ok: response.ok,
    statusText: response.statusText || REASONS[response.status] || "",
    ms: at - start,
    headers: [...response.headers],
    text,
    json,
    quota: readQuota(response.headers),
    retryAfter: Number.isNaN(retryAfter) ? problem?.retryAfter : retryAfter,
    problem,
    at,
  };
}

/** The same; undefined when no answer comes. */
export async function sendIfThere(call: Call, signal?: AbortSignal): Promise<Answer | undefined> {
  try {
    return await send(call, signal);
  } catch (error) {
    if (error instanceof NoAnswer) return undefined;
    throw error;
  }
}

/** What an answer that brings nothing else says, in words for people. */
export function explain({
  problem,
  status,
  statusText,
}: Pick<Answer, "problem" | "status" | "statusText">): string {
  if (problem) return problem.detail;
  const said = `${status} ${statusText}`.trim();
  return `Something between this page and the server answered in its place: ${said}.`;
}

function request(
  { method, headers = {}, body, signed, outlives = false }: Call,
  signal?: AbortSignal,
): RequestInit {
  const sent = new Headers(signed ? authorization() : {});
  for (const [name, value] of Object.entries(headers)) if (value !== "") sent.set(name, value);
  const init: RequestInit = {
    method,
    headers: sent,
    cache: "no-store",
    keepalive: outlives,
    signal: signal ?? null,
  };
  // As a blob without a type: a string would be sent as text/plain where no content type is asked for.
  if (body !== undefined) init.body = new Blob([body]);
  return init;
}

const REASONS: Record<number, string> = {
  200: "OK",
  201: "Created",
  204: "No Content",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Payload Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};
