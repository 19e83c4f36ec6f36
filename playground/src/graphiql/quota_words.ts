import { type QuotaWindow, windowInWords } from "../shared/quota.ts";
import type { Standing } from "./quota_store.ts";

const BUCKETS: Record<string, string> = {
  film: "Film calls",
  add_film: "Added films",
  browse: "Browse calls",
  login: "Sign-ins",
  flood: "Requests of any kind",
};

/** Such as `Film calls`. */
export function bucketInWords(bucket: string): string {
  return BUCKETS[bucket] ?? bucket.replaceAll("_", " ");
}

/**
 * The window of a bucket that bites: the one with the fewest calls left.
 *
 * One of seconds is passed over where there is a longer one: it is full again before it has been read.
 */
export function biting(windows: QuotaWindow[], bucket: string): QuotaWindow | undefined {
  const own = windows.filter((window) => window.bucket === bucket);
  const long = own.filter(({ window }) => window >= 60);
  return (long.length ? long : own).reduce<QuotaWindow | undefined>(
    (least, window) => (!least || window.remaining < least.remaining ? window : least),
    undefined,
  );
}

/** Such as `this hour`, `in 2 minutes`. */
export function spanInWords(seconds: number): string {
  const words = windowInWords(seconds);
  if (words === "day") return "today";
  return /^\d/.test(words) ? `in ${words}` : `this ${words}`;
}

/** Such as `36 s`, `12 min`, `3 h 5 min`. */
export function waitInWords(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

/** The standing in one line, such as `Film calls left: 49 of 50 this hour`. */
export function standingInWords({ windows, bucket, refusal, known }: Standing): string {
  if (refusal) return `Over quota: again in ${waitInWords(refusal.seconds)}`;
  if (!known) return "Quota";
  const window = biting(windows, bucket);
  if (!window) return windows.length ? "Quota" : "No limits";
  const left = `${window.remaining.toLocaleString("en")} of ${window.quota.toLocaleString("en")}`;
  return `${bucketInWords(bucket)} left: ${left} ${spanInWords(window.window)}`;
}
