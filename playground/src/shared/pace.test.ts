import { expect, test } from "vitest";
import { restAfter } from "./pace";

const window = (name: string, remaining: number, reset: number) => ({
  name,
  bucket: "film",
  quota: 50,
  window: 3600,
  remaining,
  reset,
});

test("the window that is used up longest says when the next call passes", () => {
  const quota = [window("film-1s", 0, 1), window("film-1h", 0, 72), window("film-1d", 150, 432)];
  expect(restAfter({ status: 200, quota, retryAfter: undefined })).toEqual({ seconds: 72, window: quota[1] });
});

test("where something is left, nothing has to wait", () => {
  const quota = [window("film-1h", 3, 72)];
  expect(restAfter({ status: 200, quota, retryAfter: undefined })).toEqual({ seconds: 0, window: undefined });
});

test("a refusal waits as it was told, also where no window says so", () => {
  expect(restAfter({ status: 503, quota: [], retryAfter: 7 }).seconds).toBe(7);
  expect(restAfter({ status: 429, quota: [window("film-1s", 0, 1)], retryAfter: 40 }).seconds).toBe(40);
});

test("a refusal that lost its headers on the way is not asked again at once", () => {
  expect(restAfter({ status: 429, quota: [], retryAfter: undefined }).seconds).toBeGreaterThan(1);
  expect(restAfter({ status: 200, quota: [], retryAfter: undefined }).seconds).toBe(0);
});
