import type { Call } from "../shared/curl";

/** The call for the page after this one; undefined when there is none. */
export function nextPage(call: Call, json: unknown): Call | undefined {
  const info = (json as { pageInfo?: { hasNextPage?: unknown; endCursor?: unknown } } | null | undefined)
    ?.pageInfo;
  if (call.method !== "GET" || info?.hasNextPage !== true || typeof info.endCursor !== "string")
    return undefined;
  const url = new URL(call.url);
  // `last` and `before` walk the other way; the page after this one is asked for by its size and its end.
  const size = url.searchParams.get("first") ?? url.searchParams.get("last");
  url.searchParams.delete("last");
  url.searchParams.delete("before");
  if (size !== null) url.searchParams.set("first", size);
  url.searchParams.set("after", info.endCursor);
  return { method: "GET", url: url.href };
}
