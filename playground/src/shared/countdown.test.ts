import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Countdown, clock, inWords } from "./countdown";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watched(seconds: number) {
  const seen: (number | "end")[] = [];
  const countdown = new Countdown();
  countdown.start(
    seconds,
    (left) => seen.push(left),
    () => seen.push("end"),
  );
  return { seen, countdown };
}

test("each second is told once, and the end", () => {
  const { seen } = watched(3);
  vi.advanceTimersByTime(2_999);
  expect(seen).toEqual([3, 2, 1]);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual([3, 2, 1, "end"]);
  vi.advanceTimersByTime(10_000);
  expect(seen).toHaveLength(4);
});

test("a part of a second is rounded up, and ends on time", () => {
  const { seen } = watched(1.4);
  vi.advanceTimersByTime(1_399);
  expect(seen).toEqual([2, 1]);
  vi.advanceTimersByTime(1);
  expect(seen.at(-1)).toBe("end");
});

test("what is stopped or started anew is not heard of again", () => {
  const { seen, countdown } = watched(5);
  countdown.start(
    1,
    () => {},
    () => seen.push("end"),
  );
  vi.advanceTimersByTime(1_000);
  expect(seen).toEqual([5, "end"]);
  countdown.start(
    5,
    () => {},
    () => seen.push("end"),
  );
  countdown.stop();
  vi.advanceTimersByTime(60_000);
  expect(seen).toEqual([5, "end"]);
});

test("seconds are written for the eye and for the ear", () => {
  expect([0, 7, 60, 72, 3600, 3725].map(clock)).toEqual([
    "0:00",
    "0:07",
    "1:00",
    "1:12",
    "1:00:00",
    "1:02:05",
  ]);
  expect([1, 72, 3600, 0].map(inWords)).toEqual(["1 second", "1 minute 12 seconds", "1 hour", "0 seconds"]);
});
