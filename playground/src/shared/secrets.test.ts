import { expect, test } from "vitest";
import { discreet, withoutSecrets, withSecrets } from "./secrets";

test("a secret is found as JSON and as GraphQL write it, and nothing else is touched", () => {
  expect(withoutSecrets('{"password":"a\\"b\\\\","name":"password"}')).toBe(
    '{"password":"$FILMGATE_PASSWORD","name":"password"}',
  );
  expect(withoutSecrets('{ "newPassword" : "x", "currentPassword": "y" }')).toBe(
    '{ "newPassword" : "$FILMGATE_NEW_PASSWORD", "currentPassword": "$FILMGATE_PASSWORD" }',
  );
  expect(withoutSecrets('signIn(input: { name: "n", password: """a "b" """ })')).toBe(
    'signIn(input: { name: "n", password: "$FILMGATE_PASSWORD" })',
  );
  for (const text of [
    "{ password }",
    "password: $password",
    '{"passwords":"a"}',
    '{"password":7}',
    '"token"',
  ]) {
    expect(withoutSecrets(text)).toBe(text);
  }
});

test("a string that somebody is still typing is a secret too, and ends with its line", () => {
  expect(withoutSecrets('password: "half\n  name: "n"')).toBe('password: "$FILMGATE_PASSWORD"\n  name: "n"');
});

test("what was typed beside the body goes out with it, whatever it is", () => {
  const call = {
    method: "POST",
    url: "/",
    body: '{"name":"$FILMGATE_PASSWORD x","password":"$FILMGATE_PASSWORD"}',
  };
  const secret = "$& \"'\\ $FILMGATE_PASSWORD";
  expect(JSON.parse(withSecrets(call, new Map([["password", secret]])).body ?? "")).toEqual({
    name: "$FILMGATE_PASSWORD x",
    password: secret,
  });
  expect(withSecrets({ method: "GET", url: "/" }, new Map([["password", "x"]]))).toEqual({
    method: "GET",
    url: "/",
  });
});

test("a call that is kept has variables, and says whether it has some", () => {
  const call = { method: "POST", url: "/", body: '{"password":"x"}' };
  expect(discreet(call)).toEqual({ ...call, body: '{"password":"$FILMGATE_PASSWORD"}', hasSecrets: true });
  expect(discreet({ ...call, body: "{}" }).hasSecrets).toBe(false);
});
