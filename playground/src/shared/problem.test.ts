import { expect, test } from "vitest";
import { pointerParts, readProblem } from "./problem";

test("a refusal is read with its faults", () => {
  const problem = readProblem({
    type: "/problems/INVALID_INPUT",
    title: "Unprocessable Entity",
    status: 422,
    detail: "name must not be empty; year is wrong.",
    instance: "4f0c",
    code: "INVALID_INPUT",
    fields: [{ pointer: "/name", detail: "must not be empty" }, { pointer: 7 }, null],
  });
  expect(problem).toMatchObject({
    code: "INVALID_INPUT",
    detail: "name must not be empty; year is wrong.",
    instance: "4f0c",
  });
  expect(problem?.fields).toEqual([{ pointer: "/name", detail: "must not be empty" }]);
});

test("what names the film and the quotas is read too", () => {
  expect(readProblem({ detail: "there", code: "FILM_EXISTS", filmId: 7 })?.filmId).toBe("7");
  expect(readProblem({ detail: "there", code: "FILM_EXISTS", filmId: "<img>" })?.filmId).toBeUndefined();
  expect(readProblem({ detail: "x", retryAfter: 7 })?.retryAfter).toBe(7);
  expect(readProblem({ detail: "x", retryAfter: "soon" })?.retryAfter).toBeUndefined();
  expect(readProblem({ detail: "x", "violated-policies": ["film-1h", 1] })?.violated).toEqual(["film-1h"]);
});

test("what is no problem of ours is none", () => {
  for (const body of [undefined, null, "Bad gateway", [], {}, { detail: 1 }]) {
    expect(readProblem(body)).toBeUndefined();
  }
});

test("a JSON pointer is taken apart, escapes and all", () => {
  expect(pointerParts("/genres/2")).toEqual(["genres", "2"]);
  expect(pointerParts("/a~1b~01")).toEqual(["a/b~1"]);
  expect(pointerParts("")).toEqual([]);
});
