import type { FetcherParams, Observable } from "@graphiql/toolkit";
import { type CloseCode, createClient } from "graphql-ws";
import { failure, noteErrors, type Result } from "./fetcher.ts";
import { refresh } from "./quota-store.ts";

/** Tries in a row, with 1, 2, 4, 8 and 16 seconds and some chance between: each costs one call. */
const RETRIES = 5;

/** One connection a subscription: it closes with it, and the next one sends the headers that were typed by then. */
export function subscribe(params: FetcherParams, headers: Record<string, unknown>): Observable<Result> {
  const start = (next: (result: Result) => void, complete: () => void) => {
    let connected = false;
    const client = createClient({
      url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
      connectionParams: headers,
      retryAttempts: RETRIES,
      // A connection that fell silent is noticed, also while the film gets no votes.
      keepAlive: 20_000,
      // What was there comes back; who was refused at the door is told at once.
      shouldRetry: () => connected,
      on: {
        connected: () => {
          connected = true;
          void refresh("browse");
        },
      },
    });
    const end = () => {
      complete();
      void client.dispose();
    };
    client.subscribe(
      { ...params, operationName: params.operationName ?? null },
      {
        next: (result) => next(result as Result),
        error: (error) => {
          next(refusal(error));
          end();
        },
        complete: end,
      },
    );
    return { unsubscribe: () => void client.dispose() };
  };
  return {
    subscribe: (first: unknown, _error?: unknown, complete?: () => void) => {
      const observer = first as { next(result: Result): void; complete(): void };
      return typeof first === "function"
        ? start(first as (result: Result) => void, complete ?? (() => {}))
        : start(observer.next, observer.complete);
    },
  };
}

/** What refused it, as a result: GraphQL errors as they came, a closed connection in words. */
function refusal(error: unknown): Result {
  if (Array.isArray(error)) {
    noteErrors(error);
    return { errors: error };
  }
  if (error instanceof CloseEvent) {
    const reason = error.reason || CLOSED[error.code as CloseCode] || "";
    return failure(`The connection was closed (${error.code}${reason && `, ${reason}`}).`);
  }
  return failure(error instanceof Error ? error.message : "The server cannot be reached by WebSocket.");
}

const CLOSED: Partial<Record<number, string>> = {
  1001: "the server stops",
  1006: "the server does not answer",
  1013: "the server is busy",
};
