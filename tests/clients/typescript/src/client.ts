// Apollo Client for filmgate: HTTP, a WebSocket for subscriptions, and a link that waits as long as a refusal says.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import { mergeMap, type Observable, of, timer } from "rxjs";
import "./websocket.js";

// What was refused as a whole, before anything ran, can be asked again without a vote counting twice.
const waitOut = (patience: number) =>
  new ApolloLink((operation, forward) => {
    const ask = (): Observable<ApolloLink.Result> => forward(operation).pipe(mergeMap(answer));
    const answer = (result: ApolloLink.Result) => {
      const seconds = result.data ? undefined : result.errors?.[0]?.extensions?.retryAfter;
      const waits = typeof seconds === "number" && seconds <= patience;
      return waits ? timer(seconds * 1000).pipe(mergeMap(ask)) : of(result);
    };
    return ask();
  });

/** `patience`: the most seconds that a call waits for its quota; a longer wait is an error of the call. */
export function connect(url: string, patience = 60) {
  // Apollo reads the body of a refusal (429) only if it is of this type. Accepting it is also Apollo's default.
  const headers = { accept: "application/graphql-response+json, application/json;q=0.9" };
  const socket = createClient({ url: url.replace(/^http/, "ws") });
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    ApolloLink.from([waitOut(patience), new HttpLink({ uri: url, headers })]),
  );
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  return { client, close: () => socket.dispose() };
}
