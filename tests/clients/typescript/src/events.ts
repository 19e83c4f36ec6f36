// The next event of a subscription.
import type { ApolloClient, OperationVariables, TypedDocumentNode } from "@apollo/client";

/**
 * Subscribes, and makes it happen until an event tells of it: the protocol has no message for "you are subscribed", so
 * the first time may come too early. A refusal of the subscription rejects.
 */
export function nextEvent<Data, Variables extends OperationVariables>(
  client: ApolloClient,
  query: TypedDocumentNode<Data, Variables>,
  variables: NoInfer<Variables>,
  happen: () => Promise<unknown>,
): Promise<Data> {
  const options = { query, variables } as ApolloClient.SubscribeOptions<Data, Variables>;
  let resolve!: (data: Data) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<Data>((...settle) => ([resolve, reject] = settle));
  const subscription = client.subscribe(options).subscribe({
    next: ({ data, error }) =>
      data ? resolve(data as Data) : reject(error ?? new Error("an event without data")),
    error: reject,
    complete: () => reject(new Error("the subscription ended without an event")),
  });
  let tries = 0;
  const repeat = setInterval(() => {
    if (++tries > 20) reject(new Error("no event"));
    else happen().catch(reject);
  }, 1100);
  return promise.finally(() => {
    clearInterval(repeat);
    subscription.unsubscribe();
  });
}
