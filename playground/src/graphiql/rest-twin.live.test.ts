import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery } from "graphql";
import { beforeAll, describe, test } from "vitest";
import { curlLine } from "../shared/curl.ts";
import { graphqlCall } from "./graphql-call.ts";
import type { Operation } from "./operation.ts";
import { restTwin } from "./rest-twin.ts";

// Runs both lines of an operation in a shell against a server with its limits switched off:
// FILMGATE_URL=http://127.0.0.1:3001 npm test
const HOST = process.env.FILMGATE_URL ?? "";

const FILM = "{ id name studio year genres likes dislikes }";

describe.skipIf(!HOST)("Both lines of an operation, against a server", () => {
  let schema: GraphQLSchema;
  beforeAll(async () => {
    const { data } = await graphql({ query: getIntrospectionQuery() });
    schema = buildClientSchema(data as never);
  });

  function twinLine(operation: Operation): string {
    const twin = restTwin(schema, operation, HOST);
    assert.ok("call" in twin, "reason" in twin ? twin.reason : "");
    return curlLine(twin.call);
  }

  async function rest(operation: Operation) {
    return shell(twinLine(operation));
  }

  test("tell the same film by its id", async () => {
    const query = `query Film($id: ID!) { film(id: $id) ${FILM} }`;
    const variables = { id: "1" };
    const { data } = await graphql({ query, variables, operationName: "Film" });
    assert.deepEqual(await rest({ query, variables }), byNumber(data.film));
  });

  test("tell the same film at random, where only one matches", async () => {
    const query = `query($f: FilmFilter, $x: [ID!]) { randomFilm(filter: $f, exclude: $x) ${FILM} }`;
    const variables = { f: { studio: "disney", yearFrom: 2013, yearTo: 2013, genre: "Animation" }, x: [] };
    const { data } = await graphql({ query, variables });
    assert.deepEqual(await rest({ query, variables }), byNumber(data.randomFilm));
    assert.equal(data.randomFilm.name, "Frozen");
  });

  test("tell the same page", async () => {
    const query = `query($after: String) {
      films(filter: { genre: "Drama", yearFrom: 1950 }, sort: YEAR, first: 3, after: $after) {
        edges { node ${FILM} }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        totalCount
      }
    }`;
    let after: string | null = null;
    for (let page = 0; page < 2; page++) {
      const variables: Record<string, unknown> = { after };
      const { films } = (await graphql({ query, variables })).data;
      const nodes = films.edges.map(({ node }: { node: JsonFilm }) => byNumber(node));
      assert.deepEqual(await rest({ query, variables }), {
        films: nodes,
        pageInfo: films.pageInfo,
        totalCount: films.totalCount,
      });
      assert.equal(nodes.length, 3);
      after = films.pageInfo.endCursor;
    }
  });

  for (const list of ["genres", "studios"]) {
    test(`tell the same ${list}`, async () => {
      const query = `{ ${list}(first: 3) {
        edges { node { name films } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        totalCount
      } }`;
      const { edges, ...page } = (await graphql({ query })).data[list];
      const nodes = edges.map(({ node }: { node: unknown }) => node);
      assert.deepEqual(await rest({ query }), { [list]: nodes, ...page });
      assert.equal(nodes.length, 3);
    });
  }

  for (const [opinion, count] of [
    ["like", "likes"],
    ["dislike", "dislikes"],
  ] as const) {
    test(`record a ${opinion} each`, async () => {
      const query = `mutation($id: ID!) { ${opinion}(id: $id) ${FILM} }`;
      const variables = { id: 2 };
      const { data } = await graphql({ query, variables });
      const before = byNumber(data[opinion]);
      assert.deepEqual(await rest({ query, variables }), { ...before, [count]: before[count] + 1 });
    });
  }

  test("add the same film, which passes once", async () => {
    const query = `mutation($in: AddFilmInput!) { addFilm(input: $in) ${FILM} }`;
    const variables = {
      in: { name: `L'été "${Date.now()}" $HOME`, studio: "<b>", genres: ["A", "B"], year: 1999 },
    };
    const added = await rest({ query, variables });
    assert.deepEqual({ ...added, id: 0 }, { id: 0, ...variables.in, likes: 0, dislikes: 0 });
    const { errors } = await graphql({ query, variables });
    assert.equal(errors[0].extensions.code, "FILM_EXISTS");
  });

  test("tell the same quotas", async () => {
    const query = "{ rateLimit { limits { name tier bucket quota window remaining reset } } }";
    const { data } = await graphql({ query });
    for (const window of data.rateLimit.limits) window.bucket = window.bucket.toLowerCase();
    assert.deepEqual(await rest({ query }), data.rateLimit);
  });

  test("tell the same vote as it comes", async () => {
    const query = `subscription { filmVoted(id: 3) ${FILM} }`;
    const lines = [twinLine({ query }), curlLine(graphqlCall({ query }, {}, HOST))];
    const streams = lines.map((line) => firstData(line));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { like } = (await graphql({ query: `mutation { like(id: 3) ${FILM} }` })).data;
    const [overRest, overGraphql] = (await Promise.all(streams)) as [
      unknown,
      { data: { filmVoted: JsonFilm } },
    ];
    assert.deepEqual(overRest, byNumber(like));
    assert.deepEqual(overGraphql.data.filmVoted, like);
  });
});

interface JsonFilm {
  id: string;
  likes: number;
  dislikes: number;
}

/** REST has a film's id as a number, and leaves out a year that nobody knows. */
function byNumber(film: JsonFilm) {
  const { year, ...rest } = film as JsonFilm & { year: number | null };
  return { ...rest, id: Number(film.id), ...(year === null ? {} : { year }) };
}

async function graphql(operation: Operation) {
  return shell(curlLine(graphqlCall(operation, {}, HOST)));
}

// biome-ignore lint/suspicious/noExplicitAny: what a server answers is judged by the tests.
async function shell(line: string): Promise<any> {
  const { stdout } = await promisify(execFile)("sh", ["-c", line.replace(/^curl /, "curl -sS ")]);
  return JSON.parse(stdout);
}

/** The first event of a stream that has data. */
function firstData(line: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const process = spawn("sh", ["-c", `exec ${line.replace(/^curl /, "curl -sS --max-time 10 ")}`]);
    let text = "";
    process.stdout.on("data", (chunk) => {
      text += chunk;
      const data = /^data: ?(\{.*\})\r?\n/m.exec(text)?.[1];
      if (!data) return;
      process.kill();
      resolve(JSON.parse(data));
    });
    process.on("close", () => reject(new Error(`The stream ended: ${text}`)));
  });
}
