// Apollo Client 4 with its cache: two fragments that ask for one field, a vote that changes what is cached, and operations sent by
// their hash first.
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { forms, listening } from "./requests.mjs";

const uri = process.argv[2];
const { sent, fetch } = listening();
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const link = ApolloLink.from([new PersistedQueryLink({ sha256 }), new HttpLink({ uri, fetch })]);
const client = new ApolloClient({ link, cache: new InMemoryCache() });

const twice = gql`
  query Twice {
    ...Title
    ...Studio
  }
  fragment Title on Query {
    randomFilm { id name }
  }
  fragment Studio on Query {
    randomFilm { id studio }
  }
`;
const films = [];
for (let time = 0; time < 10; time += 1) {
  const { data } = await client.query({ query: twice, fetchPolicy: "network-only" });
  films.push(data.randomFilm);
}

const film = gql`
  query Film {
    film(id: 1) { id name likes }
    me { kind account { id } }
  }
`;
const seen = [];
const watched = client.watchQuery({ query: film }).subscribe(({ data, dataState }) => {
  if (dataState === "complete") seen.push(data.film.likes);
});
await client.query({ query: film });
await client.mutate({ mutation: gql`mutation { like(id: 1) { id likes } }` });
watched.unsubscribe();

console.log(JSON.stringify({ films, seen, forms: forms(sent) }));
client.stop();
