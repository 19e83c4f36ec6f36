import { clock } from "./countdown";
import { type QuotaWindow, windowInWords } from "./quota";

/** `flood` stands before every call and is never what a person runs out of. */
export function ofInterest(windows: QuotaWindow[]): QuotaWindow[] {
  return windows.filter(({ bucket }) => bucket !== "flood");
}

/**
 * What is left, such as `49 of 50 left this hour, 199 of 200 today`; empty when no limit applied.
 *
 * A window of seconds is named only where there is no longer one: it is full again before it has been read.
 */
export function quotaInWords(windows: QuotaWindow[]): string {
  const seen = ofInterest(windows);
  const long = seen.filter(({ window }) => window >= 60);
  return (long.length ? long : seen)
    .map((window, index) => `${window.remaining} of ${window.quota} ${index ? "" : "left "}${when(window)}`)
    .join(", ");
}

/** Such as `film, hour: 49 of 50 left; one more in 1:12`. */
export function windowSentence(window: QuotaWindow): string {
  const more = window.reset && window.remaining < window.quota ? `; one more in ${clock(window.reset)}` : "";
  return `${window.remaining} of ${window.quota} left ${when(window)}${more}`;
}

function when({ window }: QuotaWindow): string {
  const words = windowInWords(window);
  if (words === "day") return "today";
  return /^\d/.test(words) ? `per ${words}` : `this ${words}`;
}
