import { Countdown } from "../shared/countdown.ts";
import { type QuotaWindow, readQuota } from "../shared/quota.ts";
import { authorization } from "../shared/session.ts";

/** How the caller stands, as far as the page knows. */
export interface Standing {
  /** Every window that was heard of, in the server's order. */
  windows: QuotaWindow[];
  /** What the last call that cost something drew from. */
  bucket: string;
  /** What refused the last call, until it lets one through again. */
  refusal: { bucket: string; seconds: number } | undefined;
  /** False until the server has told; with no window then, limits are switched off. */
  known: boolean;
}

let standing: Standing = { windows: [], bucket: "film", refusal: undefined, known: false };
const listeners = new Set<() => void>();
const countdown = new Countdown();

function change(part: Partial<Standing>): void {
  standing = { ...standing, ...part };
  for (const listener of listeners) listener();
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function snapshot(): Standing {
  return standing;
}

/** Takes in what an answer says; `quietly` keeps the bucket that is shown, for calls that nobody asked for. */
export function note(headers: Headers, quietly = false): void {
  const told = readQuota(headers);
  const bucket = told.findLast((window) => window.bucket !== "flood")?.bucket;
  // An answer without them may be that of something on the way.
  if (!told.length) return;
  change({ windows: merged(told), known: true, ...(bucket && !quietly ? { bucket } : {}) });
}

/** Shows a refusal and counts down to its end. */
export function noteRefusal(seconds: number, policies: string[]): void {
  const violated = standing.windows.find(({ name }) => policies.includes(name));
  const bucket = violated?.bucket ?? standing.bucket;
  countdown.start(
    seconds,
    (left) => change({ bucket, refusal: { bucket, seconds: left } }),
    () => {
      change({ refusal: undefined });
      void refresh();
    },
  );
}

/** Asks the server for all windows, which is free. A failure is left for the next call to show. */
export async function refresh(bucket?: string): Promise<void> {
  try {
    const response = await fetch("/v1/rate_limit", { cache: "no-store", headers: authorization() });
    if (!response.ok) return;
    const { limits } = (await response.json()) as { limits: (QuotaWindow & { reset: number | null })[] };
    const windows = limits.map((window) => ({ ...window, reset: window.reset ?? undefined }));
    change({ windows, known: true, ...(bucket ? { bucket } : {}) });
  } catch {
    // The page works without.
  }
}

/** Whoever signs in or out has other windows of the same buckets. */
function merged(told: QuotaWindow[]): QuotaWindow[] {
  const fresh = new Map(told.map((window) => [window.name, window]));
  const buckets = new Set(told.map(({ bucket }) => bucket));
  const known = standing.windows.flatMap((window) => {
    const newer = fresh.get(window.name);
    fresh.delete(window.name);
    return newer ?? (buckets.has(window.bucket) ? [] : window);
  });
  return [...known, ...fresh.values()];
}
