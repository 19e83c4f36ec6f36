// urql with graphcache, which knows the schema: a vote changes the page that shows the film, and operations are sent by their hash
// first.
import { Client, fetchExchange, gql } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { persistedExchange } from "@urql/exchange-persisted";
import { getIntrospectionQuery } from "graphql";
import { forms, listening } from "./requests.mjs";

const url = process.argv[2];
const introspect = { method: "POST", headers: { "content-type": "application/json" } };
const answer = await fetch(url, { ...introspect, body: JSON.stringify({ query: getIntrospectionQuery() }) });
const { data: schema } = await answer.json();

const warnings = [];
console.warn = (...told) => warnings.push(told.join(" "));
const { sent, fetch: fetchAndNote } = listening();
const client = new Client({
  url,
  fetch: fetchAndNote,
  preferGetMethod: false,
  exchanges: [
    cacheExchange({ schema, keys: keyless("FilmConnection", "FilmEdge", "PageInfo", "Me") }),
    persistedExchange({ preferGetForPersistedQueries: false }),
    fetchExchange,
  ],
});

/** Types that have no id, so that they are kept with what holds them. */
function keyless(...types) {
  return Object.fromEntries(types.map((type) => [type, () => null]));
}

const page = gql`
  query Page {
    films(first: 2, sort: YEAR) {
      edges { node { ...Title } }
      edges { node { ...Votes } cursor }
      pageInfo { hasNextPage }
    }
    me { kind account { id } }
  }
  fragment Title on Film { id name }
  fragment Votes on Film { id likes dislikes }
`;
const seen = [];
const watched = client.query(page, {}).subscribe(({ data, error }) => {
  if (error) throw error;
  seen.push(data.films.edges.map(({ node, cursor }) => ({ ...node, hasCursor: Boolean(cursor) })));
});
while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
const [first] = seen[0];
const vote = gql`
  mutation Like($id: ID!) {
    like(id: $id) { id likes }
  }
`;
const { error } = await client.mutation(vote, { id: first.id }).toPromise();
if (error) throw error;
// What the cache has of the film is in both.
const again = gql`
  query Again($id: ID!) {
    film(id: $id) { id likes ...Title }
  }
  fragment Title on Film { id name }
`;
const { data } = await client.query(again, { id: first.id }).toPromise();
watched.unsubscribe();
console.log(JSON.stringify({ seen, again: data.film, warnings, forms: forms(sent) }));
