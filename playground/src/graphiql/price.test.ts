import { expect, test } from "vitest";
import { hasPrice, priceInWords } from "./price.ts";

const refused = (code: string, retryAfter?: number) => ({
  message: "",
  extensions: { code, ...(retryAfter === undefined ? {} : { retryAfter }) },
});

test("a price is told in a line", () => {
  const told = (cost: Record<string, number>, refusal: ReturnType<typeof refused> | null = null) =>
    priceInWords({ cost, passes: !refusal, refusal });
  expect(told({})).toBe("Costs nothing");
  expect(told({ film: 1 })).toBe("Costs 1 of Film calls");
  expect(told({ film: 2, browse: 1 })).toBe("Costs 2 of Film calls, 1 of Browse calls");
  expect(told({ film: 1 }, refused("RATE_LIMITED", 3))).toBe("Costs 1 of Film calls: passes in 3 seconds");
  expect(told({ film: 2 }, refused("PRICE_ABOVE_BURST"))).toBe(
    "Costs 2 of Film calls: more than ever passes at once",
  );
  expect(told({ browse: 1 }, refused("FORBIDDEN"))).toBe("Costs 1 of Browse calls: not with your rights");
  expect(told({ film: 1 }, refused("UNAVAILABLE", 5))).toBe("Costs 1 of Film calls: would not pass now");
});

test("what is not a whole document, and what tries a password, has none", () => {
  for (const [query, has] of [
    ["{ randomFilm { id } }", true],
    ["mutation { like(id: 1) { id } }", true],
    ["subscription { filmAdded { id } }", true],
    ["", false],
    ["{ randomFilm {", false],
    ["# a remark", false],
    ["query A { me { name } } query B { me { role } }", false],
    ['mutation { signIn(input: {name: "a", password: "b"}) { token } }', false],
    ['mutation { changePassword(input: {currentPassword: "a", newPassword: "b"}) }', false],
  ] as const) {
    expect([query, hasPrice({ query })]).toEqual([query, has]);
  }
});
