import { expect, test } from "vitest";
import { readQuota } from "./quota";
import { bucketInWords, quotaInWords, windowInWords, windowSentence } from "./quota-words";

const POLICY =
  '"flood-1s";q=100;w=1, "add_film-1s";q=1;w=1, "add_film-1h";q=50;w=3600, "add_film-1d";q=200;w=86400';
const STANDING = '"flood-1s";r=99;t=1, "add_film-1s";r=0;t=1, "add_film-1h";r=49;t=72, "add_film-1d";r=200';

const read = (policy: string, standing: string) =>
  readQuota(new Headers({ "RateLimit-Policy": policy, RateLimit: standing }));

test("a window of a role is of its bucket", () => {
  const windows = read('"voter-add_film-1h";q=9;w=3600', '"voter-add_film-1h";r=9');
  expect(windows.map(({ name, bucket }) => [name, bucket])).toEqual([["voter-add_film-1h", "add_film"]]);
});

test("every window is read, and its bucket is the name without the window", () => {
  const windows = read(POLICY, STANDING);
  expect(windows.map(({ name }) => name)).toEqual(["flood-1s", "add_film-1s", "add_film-1h", "add_film-1d"]);
  expect(windows[2]).toEqual({
    name: "add_film-1h",
    bucket: "add_film",
    quota: 50,
    window: 3600,
    remaining: 49,
    reset: 72,
  });
  expect(windows[3]?.reset).toBeUndefined();
});

test("no headers, or a policy without a standing, are no windows", () => {
  expect(readQuota(new Headers())).toEqual([]);
  expect(read('"film-1s";q=1;w=1, "film-1h";q=50;w=3600', '"film-1h";r=3;t=5')).toHaveLength(1);
});

test("windows are told as a person would", () => {
  expect([1, 2, 60, 120, 3600, 7200, 86_400, 90].map(windowInWords)).toEqual([
    "second",
    "2 seconds",
    "minute",
    "2 minutes",
    "hour",
    "2 hours",
    "day",
    "90 seconds",
  ]);
});

test("the quota in words leaves out the flood, and seconds where there are hours", () => {
  expect(quotaInWords(read(POLICY, STANDING))).toBe("Added films: 49 of 50 left this hour, 200 of 200 today");
  expect(quotaInWords(read('"browse-1s";q=10;w=1', '"browse-1s";r=9;t=1'))).toBe(
    "Browse calls: 9 of 10 left this second",
  );
  expect(quotaInWords(read('"flood-1s";q=100;w=1', '"flood-1s";r=99;t=1'))).toBe("");
});

test("a window says when one more comes, but not when it is full", () => {
  const [, , hour, day] = read(POLICY, STANDING);
  expect(hour && windowSentence(hour)).toBe("49 of 50 left this hour; one more in 1:12");
  expect(day && windowSentence(day)).toBe("200 of 200 left today");
});

test("a call that draws from two buckets tells of both, and one without words of its own is told too", () => {
  const policy = '"film-2m";q=5;w=120, "browse-1h";q=2000;w=3600';
  expect(quotaInWords(read(policy, '"film-2m";r=4, "browse-1h";r=1999'))).toBe(
    "Film calls: 4 of 5 left per 2 minutes; Browse calls: 1,999 of 2,000 left this hour",
  );
  expect(["sign_up", "constructor"].map(bucketInWords)).toEqual(["sign up", "constructor"]);
});
