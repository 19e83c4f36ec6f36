import type { Answer } from "./api";
import type { QuotaWindow } from "./quota";

/** How long the next call of the same kind has to wait. */
export interface Rest {
  /** Seconds from the answer on; 0 when it may come at once. */
  seconds: number;
  /** The policy that asks for it. */
  window: QuotaWindow | undefined;
}

/** Seconds after a refusal that does not say how long: something on the way took it out. */
const UNTOLD = 5;

/** What an answer says on when the next call of the same kind will pass. */
export function restAfter({
  status,
  quota,
  retryAfter = UNTOLD,
}: Pick<Answer, "status" | "quota" | "retryAfter">): Rest {
  const used = quota.filter(({ remaining }) => remaining === 0);
  const longest = used.reduce<QuotaWindow | undefined>(
    (most, window) => ((window.reset ?? 0) > (most?.reset ?? 0) ? window : most),
    undefined,
  );
  const seconds = Math.max(longest?.reset ?? 0, status === 429 || status === 503 ? retryAfter : 0);
  return { seconds, window: longest };
}
