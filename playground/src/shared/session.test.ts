import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { begin, current, endedFor, forget, hasEnded, readSession, type Session, subscribe } from "./session";
import { endOf } from "./sign-in";

const ADA: Session = { token: "fgs_a", name: "ada", role: "voter", endsAt: undefined, isBrought: false };

/** What the server says of whoever asks, in turn; an error where it does not answer. */
function serve(...answers: (Response | Error)[]) {
  const asked = vi.fn(async (_url: string, _init: RequestInit) => {
    const answer = answers.shift() ?? new Error("asked once too often");
    if (answer instanceof Error) throw answer;
    return answer;
  });
  vi.stubGlobal("fetch", asked);
  return asked;
}

const me = (role: string) => Response.json({ kind: "account", name: "ada", role });
const refused = () => new Response("{}", { status: 401 });

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  forget();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a session that the server does not know is dropped, and whose it was is remembered", async () => {
  begin(ADA);
  const asked = serve(refused());
  expect(await hasEnded()).toBe(true);
  expect(asked.mock.calls[0]?.[1].headers).toEqual({ Authorization: "Bearer fgs_a" });
  expect([current(), endedFor()]).toEqual([undefined, "ada"]);
  forget();
  expect(endedFor()).toBeUndefined();
});

test("a server that is busy, broken or gone has ended no session", async () => {
  begin(ADA);
  for (const answer of [new Error("gone"), new Response("", { status: 503 }), new Response("<html>")]) {
    serve(answer);
    expect(await hasEnded()).toBe(false);
    expect(current()).toBe(ADA);
  }
});

test("a role that was changed is told", async () => {
  begin(ADA);
  const heard = vi.fn();
  const leave = subscribe(heard);
  serve(me("editor"), me("editor"));
  await hasEnded();
  await hasEnded();
  leave();
  expect(current()?.role).toBe("editor");
  expect(heard).toHaveBeenCalledTimes(1);
});

test("what is said of a session that was left in between does not end the next one", async () => {
  begin(ADA);
  serve(refused());
  const answer = hasEnded();
  begin({ ...ADA, token: "fgs_b" });
  expect(await answer).toBe(false);
  expect(current()?.token).toBe("fgs_b");
});

test("the server is asked when the session should have ended, and not before", async () => {
  const asked = serve(refused());
  // Longer than a timer can wait.
  const days = 40 * 86_400_000;
  begin({ ...ADA, endsAt: Date.now() + days });
  await vi.advanceTimersByTimeAsync(days - 1000);
  expect(asked).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toHaveBeenCalledTimes(1);
  expect(endedFor()).toBe("ada");
});

test("a session that the server keeps beyond its time is not asked after over and over", async () => {
  const asked = serve(me("editor"), me("editor"));
  begin({ ...ADA, endsAt: Date.now() + 1000 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.mock.calls.length).toBeLessThanOrEqual(2);
  expect(current()?.name).toBe("ada");
});

test("what is stored is believed only where it is of our making", () => {
  expect(readSession(JSON.parse(JSON.stringify({ ...ADA, endsAt: 7 })))).toEqual({ ...ADA, endsAt: 7 });
  for (const json of [undefined, null, 7, "x", [], {}, { ...ADA, token: "" }, { ...ADA, role: 1 }]) {
    expect(readSession(json)).toBeUndefined();
  }
});

test("the end is told by this machine's clock, whatever the server's says", () => {
  vi.setSystemTime("2030-01-01T00:00:00Z");
  const end = (headers: [string, string][]) => endOf("2026-06-01T13:00:00Z", { headers });
  expect(end([["date", "Mon, 01 Jun 2026 12:00:00 GMT"]])).toBe(Date.now() + 3_600_000);
  expect(end([])).toBe(Date.parse("2026-06-01T13:00:00Z"));
  expect(endOf("soon", { headers: [] })).toBeUndefined();
});
