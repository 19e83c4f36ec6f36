import type { Answer } from "./api";
import { isAbout } from "./problem";

/** A page of a list. */
export interface Page {
  entries: unknown[];
  /** What the next page comes after; undefined on the last one. */
  next: string | undefined;
  /** How many entries there are, on all pages together. */
  total: number;
}

/** Entries that are asked for at once, where the operator has set no lower limit (`graphql.max_page`). */
const LARGE = 100;
/** Pages of a list that are read at most. */
const MOST = 10;

/** The page that a body is, with its entries in `member`; undefined when it is none. */
export function pageOf(json: unknown, member: string): Page | undefined {
  const { [member]: entries, pageInfo, totalCount } = Object(json) as Record<string, unknown>;
  if (!Array.isArray(entries)) return undefined;
  const { hasNextPage, endCursor } = Object(pageInfo) as Record<string, unknown>;
  return {
    entries,
    next: hasNextPage === true && typeof endCursor === "string" ? endCursor : undefined,
    total: typeof totalCount === "number" ? totalCount : entries.length,
  };
}

/**
 * Reads a list page by page, up to so many entries or ten pages; of one that breaks off, what came. Undefined where
 * nothing did.
 */
export async function readList(
  path: string,
  member: string,
  most: number,
  ask: (url: string) => Promise<Answer | undefined>,
): Promise<Omit<Page, "next"> | undefined> {
  let read: Page | undefined;
  let size = `first=${LARGE}`;
  for (let pages = 0; pages < MOST; pages += 1) {
    const after = read?.next === undefined ? "" : `&after=${encodeURIComponent(read.next)}`;
    let answer = await ask(`${path}?${size}${after}`);
    if (answer && isAbout(answer.problem, "/first")) {
      size = "";
      answer = await ask(`${path}?${after}`);
    }
    const page = answer?.ok ? pageOf(answer.json, member) : undefined;
    if (!page) return read;
    read = { ...page, entries: [...(read?.entries ?? []), ...page.entries] };
    if (page.next === undefined || read.entries.length >= most) return read;
  }
  return read;
}
