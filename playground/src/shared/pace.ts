import type { Answer } from "./api";
import type { QuotaWindow } from "./quota";

/** How long the next call of the same kind has to wait. */
export interface Rest {
  /** Seconds from the answer on; 0 when it may come at once. */
  seconds: number;
  /** The policy that asks for it. */
  window: QuotaWindow | undefined;
}

/** What an answer says on when the next call of the same kind will pass. */
export function restAfter({
  status,
  quota,
  retryAfter = 0,
}: Pick<Answer, "status" | "quota" | "retryAfter">): Rest {
  const used = quota.filter(({ remaining }) => remaining === 0);
  const longest = used.reduce<QuotaWindow | undefined>(
    (most, window) => ((window.reset ?? 0) > (most?.reset ?? 0) ? window : most),
    undefined,
  );
  const seconds = Math.max(longest?.reset ?? 0, status === 429 || status === 503 ? retryAfter : 0);
  return { seconds, window: longest };
}
