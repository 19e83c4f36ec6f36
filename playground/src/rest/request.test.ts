import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Answer } from "../shared/api";
import { bodyText } from "./body-fields";
import { addressOf, type Endpoint, endpointsOf, headersOf } from "./endpoints";
import { kept } from "./history";
import { nextPage } from "./next-page";
import { type As, type Field, fieldOf, resolved } from "./schema";

const DOCUMENT = JSON.parse(readFileSync(new URL("../../../openapi.json", import.meta.url), "utf8"));
const ENDPOINTS = endpointsOf(DOCUMENT);
const endpoint = (id: string) => ENDPOINTS.find((one) => one.id === id) as Endpoint;
const field = (name: string, as: As = "text", isNullable = false): Field => ({
  name,
  about: "",
  as,
  options: [],
  isNullable,
});

test("there is a form for every call of the document but the event stream", () => {
  const described = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const offered = ENDPOINTS.map(({ method, path }) => `${method} ${path}`);
  expect(described.filter((one) => !offered.includes(one))).toEqual(["GET /v1/films/events"]);
  expect(new Set(ENDPOINTS.map(({ id }) => id)).size).toBe(ENDPOINTS.length);
  for (const { title, group } of ENDPOINTS) expect(title && group).toBeTruthy();
});

test("a form has the parameters, members, choices and secrets of the document", () => {
  const { parameters } = endpoint("films");
  const sort = parameters.find(({ name }) => name === "sort");
  expect(sort?.options).toContain("rating");
  expect(parameters.find(({ name }) => name === "first")?.as).toBe("number");
  for (const { value } of parameters) expect(value).toBeUndefined();
  const members = new Map(endpoint("addFilm").body?.map((one) => [one.name, one]));
  expect(members.get("year")).toMatchObject({ as: "number", isNullable: true });
  expect(members.get("genres")?.as).toBe("list");
  expect(members.get("name")?.about).toMatch(/required$/);
  expect([...members.keys()].slice(0, 2).sort()).toEqual(["name", "studio"]);
  const password = endpoint("signIn").body?.find(({ name }) => name === "password");
  expect(password).toMatchObject({ as: "secret" });
  expect(password?.value).toBeUndefined();
  const role = endpoint("updateAccount").body?.find(({ name }) => name === "role");
  expect(role?.options).toContain("editor");
  for (const { value } of endpoint("updateFilm").body ?? []) expect(value).toBeUndefined();
});

test("QUERY is offered where the document says that it takes a form", () => {
  const taking = ENDPOINTS.filter(({ takesQuery }) => takesQuery).map(
    ({ method, path }) => `${method} ${path}`,
  );
  expect(taking).toEqual(["GET /v1/films"]);
  const document = (example: string) => ({
    paths: { "/a": { get: { responses: { 200: { headers: { "Accept-Query": { example } } } } } } },
  });
  expect(endpointsOf(document("application/sql"))[0]?.takesQuery).toBe(false);
  expect(endpointsOf(document("application/x-www-form-urlencoded"))[0]?.takesQuery).toBe(true);
});

test("what a value may be is told once", () => {
  const about = (schema: object, description?: string) =>
    fieldOf("a", resolved({}, schema), description).about;
  expect(about({ type: "integer", minimum: 0, maximum: 100 })).toBe("0 to 100");
  expect(about({ type: "integer", minimum: 0, maximum: 100 }, "how many, at most 100")).toBe(
    "how many, at most 100; from 0",
  );
  expect(about({ type: "string", minLength: 1, maxLength: 64 }, "A seed.")).toBe(
    "A seed; 1 to 64 characters",
  );
  expect(about({ oneOf: [{ $ref: "#/a" }, { type: "null" }] })).toBe("");
});

test("a schema is read through its references, and one that goes round ends", () => {
  const document = {
    a: { b: { type: "string", enum: ["x"] }, round: { $ref: "#/a/round" } },
    c: { allOf: [{ $ref: "#/d" }, { properties: { two: { type: "boolean" } }, required: ["two"] }] },
    d: { type: "object", properties: { one: {} }, required: ["one"] },
  };
  const role = resolved(document, { oneOf: [{ $ref: "#/a/b", description: "why" }, { type: "null" }] });
  expect(role).toEqual({ type: ["string", "null"], enum: ["x"], description: "why" });
  expect(resolved(document, { $ref: "#/c" })).toMatchObject({
    properties: { one: {}, two: { type: "boolean" } },
    required: ["one", "two"],
  });
  expect(resolved(document, { $ref: "#/a/round" })).toEqual({});
  expect(resolved(document, { $ref: "#/nowhere/at/all" })).toEqual({});
  for (const none of [null, 7, [], {}, { paths: null }, { paths: { "/": null } }])
    expect(endpointsOf(none)).toEqual([]);
});

test("an address has what is sent, empty values too, and nothing else", () => {
  const random = endpoint("randomFilmOrVote");
  expect(addressOf(random, new Map())).toBe("/");
  expect(addressOf(random, new Map([["like", ""]]))).toBe("/?like=");
  expect(
    addressOf(
      random,
      new Map([
        ["dislike", "2"],
        ["like", "a b&c"],
      ]),
    ),
  ).toBe("/?like=a%20b%26c&dislike=2");
  expect(addressOf(endpoint("like"), new Map([["id", "1/2"]]))).toBe("/v1/films/1%2F2/like");
});

test("a header is sent as one, where its box is ticked", () => {
  const like = endpoint("like");
  const values = new Map([
    ["id", "1"],
    ["Idempotency-Key", "8e03978e40d543dd"],
  ]);
  expect(addressOf(like, values)).toBe("/v1/films/1/like");
  expect(headersOf(like, values)).toEqual({ "Idempotency-Key": "8e03978e40d543dd" });
  expect(headersOf(like, new Map())).toEqual({});
});

test("a list goes as the document says, with commas or by its name again and again", () => {
  const document = (explode: boolean) => ({
    paths: {
      "/a": {
        get: {
          parameters: [
            { name: "id", in: "query", explode, schema: { type: "array", items: { type: "integer" } } },
          ],
        },
      },
    },
  });
  const values = new Map([["id", "1, 2"]]);
  expect(addressOf(endpointsOf(document(true))[0] as Endpoint, values)).toBe("/a?id=1&id=2");
  expect(addressOf(endpointsOf(document(false))[0] as Endpoint, values)).toBe("/a?id=1,%202");
});

test("what removes something has no id until somebody fills one in", () => {
  const { parameters } = endpoint("removeFilm");
  expect(parameters.find(({ name }) => name === "id")?.value).toBeUndefined();
  expect(addressOf(endpoint("removeFilm"), new Map())).toBe("/v1/films/{id}");
  expect(addressOf(endpoint("removeFilm"), new Map([["id", "$&"]]))).toBe("/v1/films/%24%26");
});

test("a body has what was filled in, and what is not of its form goes out as text", () => {
  const fields = [
    field("name"),
    field("studio"),
    field("year", "number", true),
    field("genres", "list"),
    field("disabled", "flag"),
  ];
  const body = (year: string, disabled: string) =>
    JSON.parse(
      bodyText(fields, new Map(Object.entries({ name: "A", studio: "", year, genres: "x, y", disabled }))),
    );
  expect(body("1959", "true")).toEqual({ name: "A", year: 1959, genres: ["x", "y"], disabled: true });
  expect(body("soon", "no")).toEqual({ name: "A", year: "soon", genres: ["x", "y"], disabled: "no" });
  expect(body("null", "")).toEqual({ name: "A", year: null, genres: ["x", "y"] });
});

test("a secret is not written into the body", () => {
  const fields = [field("name"), field("password", "secret")];
  const body = bodyText(fields, new Map(Object.entries({ name: "ada", password: "correct horse" })));
  expect(JSON.parse(body)).toEqual({ name: "ada", password: "$FILMGATE_PASSWORD" });
});

test("what is kept of a call and its answer has no secret", () => {
  const call = { method: "POST", url: "/v1/session", body: '{"name":"ada","password":"correct horse"}' };
  const text = '{"id":1,"key":"fg_secret","token":"fgs_secret","name":"kept"}';
  const answer = { status: 201, text, json: JSON.parse(text) } as Answer;
  const entry = kept({ call, answer, reason: "" });
  expect(JSON.stringify(entry)).not.toMatch(/secret|horse/);
  expect(entry.answer?.json).toMatchObject({ id: 1, name: "kept" });
});

test("the next page begins where this one ends, in its size and order", () => {
  const call = { method: "GET", url: "http://h/v1/films?sort=likes&last=7&before=b" };
  const page = { films: [], pageInfo: { hasNextPage: true, endCursor: "a=&" } };
  expect(nextPage(call, page)?.url).toBe("http://h/v1/films?sort=likes&first=7&after=a%3D%26");
  expect(nextPage(call, { pageInfo: { hasNextPage: false, endCursor: "a" } })).toBeUndefined();
  expect(nextPage(call, { id: 1 })).toBeUndefined();
  expect(nextPage(call, null)).toBeUndefined();
});
