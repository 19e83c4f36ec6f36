import { clock } from "./countdown";
import type { QuotaWindow } from "./quota";

const BUCKETS: Record<string, string> = {
  film: "Film calls",
  add_film: "Added films",
  browse: "Browse calls",
  login: "Sign-ins",
  flood: "Requests of any kind",
};

/** Such as `Film calls`. */
export function bucketInWords(bucket: string): string {
  return Object.hasOwn(BUCKETS, bucket) ? (BUCKETS[bucket] ?? "") : bucket.replaceAll("_", " ");
}

/**
 * What is left, such as `Film calls: 49 of 50 left this hour, 199 of 200 today`; empty when no limit applied.
 *
 * A window of seconds is named only where its bucket has no longer one: it is full again before it has been read. And
 * `flood` stands before every call and is never what a person runs out of.
 */
export function quotaInWords(windows: QuotaWindow[]): string {
  const buckets = new Set(windows.map(({ bucket }) => bucket).filter((bucket) => bucket !== "flood"));
  return [...buckets].map((bucket) => bucketSentence(bucket, windows)).join("; ");
}

/** What is left of a bucket where that is little, such as `9 of 50 votes left this hour`; otherwise empty. */
export function scarceInWords(windows: QuotaWindow[], bucket: string, noun: string): string {
  const scarce = windows.filter(
    (one) => one.bucket === bucket && one.window >= 60 && one.remaining * 5 <= one.quota,
  );
  return scarce
    .map((window) => `${leftInWords(window)} ${noun} left ${spanInWords(window.window)}`)
    .join(", ");
}

function bucketSentence(bucket: string, windows: QuotaWindow[]): string {
  const own = windows.filter((window) => window.bucket === bucket);
  const long = own.filter(({ window }) => window >= 60);
  const parts = (long.length ? long : own).map(
    (window, index) => `${leftInWords(window)} ${index ? "" : "left "}${spanInWords(window.window)}`,
  );
  return `${bucketInWords(bucket)}: ${parts.join(", ")}`;
}

/** Such as `49 of 50 left this hour; one more in 1:12`. */
export function windowSentence(window: QuotaWindow): string {
  const more = moreInWords(window);
  return `${leftInWords(window)} left ${spanInWords(window.window)}${more && `; one more in ${more}`}`;
}

/** Such as `1,049 of 2,000`. */
export function leftInWords({ remaining, quota }: QuotaWindow): string {
  return `${remaining.toLocaleString("en")} of ${quota.toLocaleString("en")}`;
}

/** When one more passes, such as `1:12`; empty for a window that is full. */
export function moreInWords({ remaining, quota, reset }: QuotaWindow): string {
  return reset && remaining < quota ? clock(reset) : "";
}

/** Such as `this hour`, `per 2 minutes`. */
export function spanInWords(seconds: number): string {
  const words = windowInWords(seconds);
  if (words === "day") return "today";
  return /^\d/.test(words) ? `per ${words}` : `this ${words}`;
}

/** Such as `second`, `hour`, `2 minutes`. */
export function windowInWords(seconds: number): string {
  for (const [unit, length] of [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const) {
    if (seconds % length === 0) return seconds === length ? unit : `${seconds / length} ${unit}s`;
  }
  return seconds === 1 ? "second" : `${seconds} seconds`;
}
