import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { curlLine } from "./curl";

/** The words that a real shell makes of a line. */
function words(line: string, env: Record<string, string> = {}): string[] {
  const script = `curl() { for word; do printf '%s\\0' "$word"; done; }\n${line}`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8", env }).split("\0").slice(0, -1);
}

test("a shell reads back what was meant, whatever it is", () => {
  for (const body of [
    '{"name":"It\'s a \\"test\\""}',
    "$(touch /tmp/x) `id` $HOME !! \\ * ~",
    "two\nlines\tand a tab",
    "''",
    "@file",
    "日本語 🎬 עברית",
    "",
  ]) {
    const call = {
      method: "POST",
      url: "http://h/add_film",
      headers: { "Content-Type": "application/json" },
      body,
    };
    expect(words(curlLine(call))).toEqual([
      "http://h/add_film",
      "-H",
      "Content-Type: application/json",
      "--data-raw",
      body,
    ]);
  }
});

test("an address is a word too, and no pattern", () => {
  expect(words(curlLine({ method: "GET", url: "http://h/?like=1&dislike=2#'" }))).toEqual([
    "http://h/?like=1&dislike=2#'",
  ]);
  expect(words(curlLine({ method: "GET", url: "http://h/?like=[1-3]" }))).toEqual([
    "--globoff",
    "http://h/?like=[1-3]",
  ]);
});

test("methods are named only where curl would take another", () => {
  const line = (method: string, body?: string) =>
    curlLine({ method, url: "/", ...(body !== undefined && { body }) });
  expect(line("GET")).toBe("curl '/'");
  expect(line("HEAD")).toBe("curl -I '/'");
  expect(line("POST")).toBe("curl -X POST '/'");
  expect(line("POST", "x")).toBe("curl '/' --data-raw 'x'");
  expect(line("PUT", "x")).toBe("curl -X PUT '/' --data-raw 'x'");
});

test("a header without a value is taken away", () => {
  const call = { method: "POST", url: "/", headers: { "Content-Type": "" }, body: "x" };
  expect(curlLine(call)).toBe("curl '/' -H 'Content-Type:' --data-raw 'x'");
});

test("a credential is a variable, and so are the secrets of a body", () => {
  const body =
    '{"name":"$FILMGATE_X is no secret","password":"$FILMGATE_PASSWORD","note":"it\'s $HOME \\"$FILMGATE_PASSWORD\\""}';
  const line = curlLine({ method: "POST", url: "/", body, signed: true, hasSecrets: true });
  const env = { FILMGATE_TOKEN: "fg_'\"`$x", FILMGATE_PASSWORD: "`id` 'horse'" };
  expect(words(line, env)).toEqual([
    "/",
    "-H",
    `Authorization: Bearer ${env.FILMGATE_TOKEN}`,
    "--data-raw",
    body.replaceAll("$FILMGATE_PASSWORD", () => env.FILMGATE_PASSWORD),
  ]);
});
