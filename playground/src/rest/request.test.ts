import { expect, test } from "vitest";
import { addressOf, ENDPOINTS, type Endpoint } from "./endpoints";
import { bodyOf } from "./film-fields";
import { nextPage } from "./next-page";

const endpoint = (id: string) => ENDPOINTS.find((one) => one.id === id) as Endpoint;

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

test("a body has what was filled in, and a year that is no number goes out as text", () => {
  const fields = (year: string) =>
    JSON.parse(
      bodyOf(
        new Map([
          ["name", "A"],
          ["studio", ""],
          ["year", year],
          ["genres", "x, y"],
        ]),
      ),
    );
  expect(fields("1959")).toEqual({ name: "A", year: 1959, genres: ["x", "y"] });
  expect(fields("soon")).toEqual({ name: "A", year: "soon", genres: ["x", "y"] });
});

test("the next page begins where this one ends, in its size and order", () => {
  const call = { method: "GET", url: "http://h/v1/films?sort=likes&last=7&before=b" };
  const page = { films: [], pageInfo: { hasNextPage: true, endCursor: "a=&" } };
  expect(nextPage(call, page)?.url).toBe("http://h/v1/films?sort=likes&first=7&after=a%3D%26");
  expect(nextPage(call, { pageInfo: { hasNextPage: false, endCursor: "a" } })).toBeUndefined();
  expect(nextPage(call, { id: 1 })).toBeUndefined();
  expect(nextPage(call, null)).toBeUndefined();
});
