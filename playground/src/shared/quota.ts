// The quota headers of an answer: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/

/** One policy that applied to a call. */
export interface QuotaWindow {
  /** Such as `film-1h`, or `voter-film-1h` where those of a role count. */
  name: string;
  /** Such as `film`. */
  bucket: string;
  /** Calls that pass at once, and that come back within the window. */
  quota: number;
  /** Seconds. */
  window: number;
  /** Calls that would pass now. */
  remaining: number;
  /** Seconds until one more would pass. */
  reset: number | undefined;
}

/** What `RateLimit-Policy` and `RateLimit` tell; empty when limits are switched off. */
export function readQuota(headers: Headers): QuotaWindow[] {
  const standings = new Map(items(headers.get("RateLimit")).map((item) => [item.name, item]));
  return items(headers.get("RateLimit-Policy")).flatMap((policy) => {
    const standing = standings.get(policy.name);
    const quota = policy.numbers.get("q");
    const window = policy.numbers.get("w");
    const remaining = standing?.numbers.get("r");
    if (quota === undefined || window === undefined || remaining === undefined) return [];
    // Before the bucket may stand whose policies they are: `voter-film-1h`.
    const bucket = policy.name.split("-").at(-2) ?? "";
    return [{ name: policy.name, bucket, quota, window, remaining, reset: standing?.numbers.get("t") }];
  });
}

interface Item {
  name: string;
  numbers: Map<string, number>;
}

/** A list of strings with whole numbers as parameters: all that these two headers use of structured fields. */
function items(list: string | null): Item[] {
  return [...(list ?? "").matchAll(/"([^"\\]*)"((?:;[a-z]+=\d+)*)/g)].map(
    ([, name = "", parameters = ""]) => ({
      name,
      numbers: new Map(
        [...parameters.matchAll(/;([a-z]+)=(\d+)/g)].map(([, key = "", value]) => [key, Number(value)]),
      ),
    }),
  );
}
