// openapi-fetch over the types that openapi-typescript makes of the document; prints what it saw as JSON.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Film = components["schemas"]["Film"];
type Problem = components["schemas"]["Problem"];

const baseUrl = process.argv[2] ?? "http://127.0.0.1:3000";
const client = createClient<paths>({ baseUrl });

/** What can be done about a refusal. Each code is one that there is: another word does not compile. */
function remedy({ code, filmId, fields, retryAfter }: Problem): string {
  switch (code) {
    case "FILM_EXISTS":
      return `film ${filmId} is there`;
    case "INVALID_INPUT":
      return (fields ?? []).map(({ pointer }) => pointer).join(" ");
    case "RATE_LIMITED":
      return `wait ${retryAfter} s`;
    default:
      return code;
  }
}

/** The ids of all films, page by page. */
async function walk(first: number): Promise<Film["id"][]> {
  const seen: Film["id"][] = [];
  let after: string | null = null;
  do {
    const query: { first: number; after?: string } = after === null ? { first } : { first, after };
    const { data, error } = await client.GET("/v1/films", { params: { query } });
    if (error) throw new Error(error.detail);
    seen.push(...data.films.map(({ id }) => id));
    after = data.pageInfo.hasNextPage ? data.pageInfo.endCursor : null;
  } while (after !== null);
  return seen;
}

const [film] = (await client.GET("/v1/films", { params: { query: { first: 1, sort: "name" } } })).data?.films ?? [];
if (!film) throw new Error("no film");

// The id that came out goes in as it is: into a path, into a query, and into a list.
const path = { id: film.id };
const once = { "Idempotency-Key": crypto.randomUUID() };
const like = () => client.POST("/v1/films/{id}/like", { params: { path, header: once } });
const liked = await like();
const again = await like();
const documented = await client.GET("/", { params: { query: { dislike: film.id } } });
const picked = await client.GET("/v1/films/random", {
  params: { query: { studio: film.studio, exclude: [film.id, film.id + 1] } },
});

const body = { name: "Night Train", studio: "Kadr", year: 1959, genres: ["Drama"] };
const added = await client.POST("/v1/films", { body });
const refused = [
  await client.POST("/v1/films", { body }),
  await client.POST("/v1/films", { body: { name: " ", studio: "", year: 1066 } }),
  await client.GET("/v1/films/{id}", { params: { path: { id: 999_999 } } }),
];

console.log(
  JSON.stringify({
    film,
    liked: liked.data,
    again: again.data,
    replayed: [liked, again].map(({ response }) => response.headers.get("Idempotency-Replayed")),
    documented: documented.data,
    picked: picked.data ?? picked.error?.code,
    added: added.data,
    location: added.response.headers.get("Location"),
    refused: refused.map(({ error }) => error && remedy(error)),
    walked: await walk(100),
  }),
);
