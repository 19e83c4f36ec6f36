// Relay's runtime over what its compiler has made of src/Walk.js. Its store keeps everything by id alone, whatever its type.
import {
  Environment,
  Network,
  RecordSource,
  Store,
  commitMutation,
  createOperationDescriptor,
  fetchQuery,
  getSingularSelector,
} from "relay-runtime";
import WalkFilmRefetchQuery from "./src/__generated__/WalkFilmRefetchQuery.graphql.js";
import WalkLikeMutation from "./src/__generated__/WalkLikeMutation.graphql.js";
import WalkPageRefetchQuery from "./src/__generated__/WalkPageRefetchQuery.graphql.js";
import WalkQuery from "./src/__generated__/WalkQuery.graphql.js";
import Walk_film from "./src/__generated__/Walk_film.graphql.js";
import Walk_page from "./src/__generated__/Walk_page.graphql.js";

const [url, session] = process.argv.slice(2);
const headers = { "content-type": "application/json", authorization: `Bearer ${session}` };
const texts = [];
const network = Network.create(async ({ id, name, text }, variables) => {
  texts.push(text);
  // With persistConfig the compiler gives an id in the place of the text.
  const document = id ? { documentId: id } : { query: text };
  const body = JSON.stringify({ ...document, variables, operationName: name });
  return (await fetch(url, { method: "POST", headers, body })).json();
});
const environment = new Environment({ network, store: new Store(new RecordSource()) });

async function get(query, variables) {
  environment.retain(createOperationDescriptor(query, variables));
  return fetchQuery(environment, query, variables, { fetchPolicy: "network-only" }).toPromise();
}

const read = (fragment, from) => environment.lookup(getSingularSelector(fragment, from)).data;

const first = await get(WalkQuery, { count: 2 });
const film = read(Walk_film, first.film);
const page = () => read(Walk_page, first).films;
const before = page().edges.map(({ node }) => node.id);
await get(WalkPageRefetchQuery, { count: 2, cursor: page().pageInfo.endCursor });
const after = page().edges.map(({ node }) => node.id);

await new Promise((onCompleted, onError) => {
  commitMutation(environment, { mutation: WalkLikeMutation, variables: { id: film.id }, onCompleted, onError });
});
const liked = read(Walk_film, first.film);
const again = await get(WalkFilmRefetchQuery, { id: film.id });
const refetched = read(Walk_film, again.node);

const source = environment.getStore().getSource();
const records = [film.id, first.me.account.id].map((id) => source.get(id));
console.log(JSON.stringify({ film, before, after, liked, refetched, account: first.me.account, records, texts }));
