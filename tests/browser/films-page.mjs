// What the cases of the films page have in common.
import assert from "node:assert/strict";
import { eventually, openPage, settled } from "./harness.mjs";

export const PATH = "/playground/films";
export const CALM = { reducedMotion: "reduce" };

export const text = (page, id) => page.locator(`#${id}`).textContent();
export const isNow = (page, id, wanted) =>
  eventually(
    () => text(page, id),
    (now) => assert.equal(now, String(wanted)),
  );
export const matches = (page, id, wanted) =>
  eventually(
    () => text(page, id),
    (now) => assert.match(now, wanted),
  );
export const number = async (page) => Number(await text(page, "number"));
export const button = (page, name) => page.getByRole("button", { name, exact: true });

export const hasVotes = (server, id, likes, dislikes) =>
  eventually(
    () => server.film(id),
    (film) => assert.deepEqual([film.likes, film.dislikes], [likes, dislikes]),
  );
export const listed = (page, list) =>
  page.locator(`#${list} [data-film]`).evaluateAll((rows) => rows.map((row) => Number(row.dataset.film)));

/** Opens the page, and waits for its first film. */
export async function open(server, options, hash = "") {
  const page = await openPage(server, PATH + hash, options);
  await page.locator("#ticket:not([hidden])").waitFor();
  await settled(page);
  return page;
}

/** Does what brings another film, and waits for it. */
export async function brings(page, act) {
  const before = await number(page);
  await act();
  const id = await eventually(
    () => number(page),
    (now) => assert.notEqual(now, before),
  );
  await settled(page);
  return id;
}

/** Leads to a film, as a link does. */
export async function follow(page, id) {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, `#${id}`);
  await isNow(page, "number", id);
  await settled(page);
}

/** What the page asks for, as `GET /v1/films?...`, without its own files. */
export function calls(page) {
  const made = [];
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (!pathname.startsWith("/playground")) made.push(`${request.method()} ${pathname}${search}`);
  });
  return made;
}
