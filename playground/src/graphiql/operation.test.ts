import { expect, test } from "vitest";
import { isSubscription, withOwnName } from "./operation.ts";

const name = (query: string, operationName?: string | null) =>
  withOwnName({ query, operationName }).operationName;

test("the name of the operation before gives way to that of the one which is there", () => {
  expect(name("mutation Like { like(id: 1) { id } }", "RandomFilm")).toBe("Like");
  expect(name("query A { film(id: 1) { ...F } } fragment F on Film { id }", "B")).toBe("A");
});

test("an operation without a name is sent without one", () => {
  expect(withOwnName({ query: "{ randomFilm { id } }", operationName: "Like" })).toEqual({
    query: "{ randomFilm { id } }",
  });
});

test("a name that is right, missing, or could mean several is left alone", () => {
  expect(name("query A { a } query B { b }", "B")).toBe("B");
  expect(name("query A { a } query B { b }", "C")).toBe("C");
  expect(name("query A { a }", "A")).toBe("A");
  expect(name("query A { a }", null)).toBeNull();
  expect(name("query A {", "B")).toBe("B");
});

test("what stood there before does not make a mutation a subscription", () => {
  const like = withOwnName({ query: "mutation Like { like(id: 1) { id } }", operationName: "LiveVotes" });
  expect(isSubscription(like)).toBe(false);
  expect(isSubscription({ query: "subscription S { filmAdded { id } }", operationName: "S" })).toBe(true);
});
