import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Answer } from "../shared/api";
import { bodyOf, type Field } from "./body-fields";
import { addressOf, ENDPOINTS, type Endpoint } from "./endpoints";
import { kept } from "./history";
import { nextPage } from "./next-page";

const endpoint = (id: string) => ENDPOINTS.find((one) => one.id === id) as Endpoint;

test("there is a form for every endpoint but health and the event stream", () => {
  const { paths } = JSON.parse(readFileSync(new URL("../../../openapi.json", import.meta.url), "utf8"));
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const offered = ENDPOINTS.flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`));
  const missing = described.filter(
    (one) => !offered.includes(one) && !/ \/(health|v1\/films\/events)/.test(one),
  );
  expect(missing).toEqual([]);
});

test("an address has what is sent, empty values too, and nothing else", () => {
  const random = endpoint("random");
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

test("what removes something has no id until somebody fills one in", () => {
  expect(addressOf(endpoint("remove"), new Map())).toBe("/v1/films/{id}");
  expect(addressOf(endpoint("remove"), new Map([["id", "$&"]]))).toBe("/v1/films/%24%26");
});

test("a body has what was filled in, and what is not of its form goes out as text", () => {
  const fields: Field[] = [
    { name: "name", about: "" },
    { name: "studio", about: "" },
    { name: "year", about: "", as: "number" },
    { name: "genres", about: "", as: "list" },
    { name: "disabled", about: "", as: "flag" },
  ];
  const body = (year: string, disabled: string) =>
    JSON.parse(
      bodyOf(fields, new Map(Object.entries({ name: "A", studio: "", year, genres: "x, y", disabled }))),
    );
  expect(body("1959", "true")).toEqual({ name: "A", year: 1959, genres: ["x", "y"], disabled: true });
  expect(body("soon", "no")).toEqual({ name: "A", year: "soon", genres: ["x", "y"], disabled: "no" });
});

test("a secret is not written into the body", () => {
  const fields: Field[] = [
    { name: "name", about: "" },
    { name: "password", about: "", as: "secret" },
  ];
  const body = bodyOf(fields, new Map(Object.entries({ name: "ada", password: "correct horse" })));
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
