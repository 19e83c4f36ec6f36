// What docs/clients.md shows, word for word.

import { connect } from "./client.js";
import { graphql } from "./gql/index.js";

const { client, close } = connect(process.argv[2] ?? "http://127.0.0.1:3000/graphql");
const random = graphql(`query Random { randomFilm { id name year } }`);
const like = graphql(`mutation LikeOne($id: ID!) { like(id: $id) { name likes } }`);
const votes = graphql(`subscription Votes($id: ID!) { filmVoted(id: $id) { name likes } }`);

const film = (await client.query({ query: random })).data?.randomFilm;
if (!film) throw new Error("no film");
console.log(`${film.name} (${film.year ?? "nobody knows when"})`);
const live = client.subscribe({ query: votes, variables: { id: film.id } }).subscribe(({ data }) => {
  console.log(`${data?.filmVoted.likes} likes`);
  live.unsubscribe();
  close();
});
await client.mutate({ mutation: like, variables: { id: film.id } }); // Waits for its quota.
