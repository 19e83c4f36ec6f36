import type { Call } from "../shared/curl.ts";
import { ACCEPT } from "./fetcher.ts";
import { isSubscription, type Operation } from "./operation.ts";

/** The operation as the page sends it; a subscription as Server-Sent Events, since curl speaks no WebSocket. */
export function graphqlCall(operation: Operation, headers: Record<string, string>, origin: string): Call {
  const { query, variables, operationName } = operation;
  const stream = isSubscription(operation);
  const body = JSON.stringify({
    query,
    ...(variables && Object.keys(variables).length ? { variables } : {}),
    ...(operationName ? { operationName } : {}),
  });
  return {
    method: "POST",
    url: `${origin}/graphql`,
    headers: {
      "Content-Type": "application/json",
      Accept: stream ? "text/event-stream" : ACCEPT,
      ...headers,
    },
    body,
    stream,
  };
}
