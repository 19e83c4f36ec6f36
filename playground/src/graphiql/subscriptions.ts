import type { FetcherParams, Observable } from "@graphiql/toolkit";
import { type CloseCode, createClient } from "graphql-ws";
import * as session from "../shared/session.ts";
import { credential, hasOwn } from "./credential.ts";
import { failure, noteErrors, type Result } from "./fetcher.ts";
import { refresh } from "./quota-store.ts";

/** Tries in a row, with 1, 2, 4, 8 and 16 seconds and some chance between: each costs one call. */
const RETRIES = 5;

/** One connection a subscription: it closes with it, and the next one sends the headers that were typed by then. */
export function subscribe(params: FetcherParams, headers: Record<string, unknown>): Observable<Result> {
  const start = (next: (result: Result) => void, complete: () => void) => {
    let connected = false;
    let isRenewed = false;
    const client = createClient({
      url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`,
      connectionParams: () => ({ ...credential(headers), ...headers }),
      retryAttempts: RETRIES,
      retryWait: (tries) => {
        const wait = isRenewed ? 0 : 2 ** tries + 2 * Math.random();
        isRenewed = false;
        return pause(wait);
      },
      // A connection that fell silent is noticed, also while the film gets no votes.
      keepAlive: 20_000,
      // What was there comes back; who was refused is told at once.
      shouldRetry: (error) => connected && !isForbidden(error),
      on: {
        connected: () => {
          connected = true;
          void refresh("browse");
        },
        closed: (event) => {
          if (isForbidden(event)) void session.hasEnded();
        },
      },
    });
    // Whoever signs in or out goes on as who he is now; a socket says it once, when it opens.
    const forgetSession = session.subscribe(() => {
      if (!connected || hasOwn(headers)) return;
      isRenewed = true;
      client.terminate();
    });
    const leave = () => {
      forgetSession();
      void client.dispose();
    };
    const end = () => {
      complete();
      leave();
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
    return { unsubscribe: leave };
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

/** The credential holds no longer. */
function isForbidden(event: unknown): boolean {
  return event instanceof CloseEvent && event.code === 4403;
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

const CLOSED: Partial<Record<number, string>> = {
  1001: "the server stops",
  1006: "the server does not answer",
  1013: "the server is busy",
};
