// Apollo Client by the hashes that graphql-codegen has written beside its types, against a server that runs no other
// documents; prints what it saw as JSON.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import type { DocumentNode } from "graphql";
import { films, like } from "./operations.js";

const [uri = "http://127.0.0.1:3000/graphql"] = process.argv.slice(2);
const sent: { query?: string }[] = [];
const noting: typeof fetch = (target, options) => {
  sent.push(JSON.parse(String(options?.body)));
  return fetch(target, options);
};
// The generator's hash of a document.
const generateHash = (document: DocumentNode) =>
  String((document as { __meta__?: { hash?: string } }).__meta__?.hash);
const link = ApolloLink.from([
  new PersistedQueryLink({ generateHash }),
  new HttpLink({ uri, fetch: noting }),
]);
const client = new ApolloClient({ link, cache: new InMemoryCache() });

const { data } = await client.query({ query: films, variables: { first: 2, sort: "NEWEST" } });
const [edge] = data?.films.edges ?? [];
if (!edge) throw new Error("no film");
const liked = await client.mutate({ mutation: like, variables: { id: edge.node.id } });
// The same without a client: by the name that the generator has given the document.
const documentId = generateHash(like as DocumentNode);
const headers = { "content-type": "application/json" };
const post = async (request: object) =>
  (await fetch(uri, { method: "POST", headers, body: JSON.stringify(request) })).json();
const again = await post({ documentId, variables: { id: edge.node.id } });
const byHash = sent.every(({ query }) => query === undefined);
const other = await post({ query: "{ me { role } }" });
console.log(
  JSON.stringify({
    film: edge.node.id,
    liked: liked.data?.like,
    again: again.data?.like?.likes,
    byHash,
    other: other.errors[0].extensions.code,
  }),
);
client.stop();
