import { afterEach, expect, test } from "vitest";
import { begin, forget } from "../shared/session.ts";
import { credential } from "./credential.ts";

afterEach(forget);

test("the session goes along unless somebody typed a credential of his own", () => {
  expect(credential({})).toEqual({});
  begin({ token: "fgs_a", name: "ada", role: "voter", endsAt: undefined, isBrought: false });
  expect(credential({})).toEqual({ Authorization: "Bearer fgs_a" });
  expect(credential({ "X-Other": "1" })).toEqual({ Authorization: "Bearer fgs_a" });
  for (const name of ["authorization", "AUTHORIZATION", "x-api-key", "X-API-Key"]) {
    expect(credential({ [name]: "" })).toEqual({});
  }
});
