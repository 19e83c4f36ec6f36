// Everything that this client can do, against the server named on the command line; prints what it saw as JSON.
import { connect } from "./client.js";
import { refusal } from "./errors.js";
import { nextEvent } from "./events.js";
import * as operations from "./operations.js";
import { walk } from "./walk.js";

const [url = "http://127.0.0.1:3000"] = process.argv.slice(2);
const { client, close } = connect(`${url}/graphql`);
const refused = (call: Promise<unknown>) => call.then(() => undefined, refusal);

const random = await client.query({ query: operations.randomFilm, fetchPolicy: "no-cache" });
const genre = await client.query({
  query: operations.randomFilm,
  variables: { filter: { genre: "western", yearTo: 1970 } },
  fetchPolicy: "no-cache",
});
const liked = await client.mutate({ mutation: operations.like, variables: { id: "1" } });
const disliked = await client.mutate({ mutation: operations.dislike, variables: { id: "2" } });
const input = { name: "Night Train", studio: "Kadr", year: 1959, genres: ["Drama", "Thriller"] };
const added = await client.mutate({ mutation: operations.addFilm, variables: { input } });

const again = await refused(client.mutate({ mutation: operations.addFilm, variables: { input } }));
const invalid = await refused(
  client.mutate({
    mutation: operations.addFilm,
    variables: { input: { name: " ", studio: "", year: 1066 } },
  }),
);
const unknown = await refused(client.mutate({ mutation: operations.like, variables: { id: "999999" } }));
// The like before it was charged, although there was no film, so this one comes too early.
const impatient = connect(`${url}/graphql`, 0);
const tooEarly = await refused(
  impatient.client.mutate({ mutation: operations.like, variables: { id: "1" } }),
);
impatient.close();
const patient = await client.mutate({ mutation: operations.like, variables: { id: "1" } });

const walked = await walk(client, 50, "YEAR");
// A subscription does not wait for its quota: what the walk drew comes back first.
await new Promise((resolve) => setTimeout(resolve, 1_000));

const voted = await nextEvent(client, operations.filmVoted, { id: "3" }, () => fetch(`${url}/?like=3`));
let count = 0;
const announced = await nextEvent(client, operations.filmAdded, {}, () =>
  fetch(`${url}/add_film`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name: `Announced ${++count}`, studio: "Kadr" }),
  }),
);
const nobody = await refused(nextEvent(client, operations.filmVoted, { id: "999999" }, async () => {}));
close();

console.log(
  JSON.stringify({
    random: random.data?.randomFilm,
    western: genre.data?.randomFilm,
    liked: liked.data?.like,
    disliked: disliked.data?.dislike,
    added: added.data?.addFilm,
    again,
    invalid,
    unknown,
    tooEarly,
    patient: patient.data?.like,
    walked: walked.map((film) => film.id),
    voted: voted.filmVoted,
    announced: announced.filmAdded,
    nobody,
  }),
);
