// The films page in several tabs of one browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  brings,
  button,
  CALM,
  follow,
  hasVotes,
  isNow,
  listed,
  matches,
  number,
  open,
  PATH,
} from "./films-page.mjs";
import { eventually, settled, startServer, UNLIMITED } from "./harness.mjs";

/** Opens the page in another tab of the same browser, at a film. */
async function another(page, film) {
  const tab = await page.context().newPage();
  await tab.goto(`${PATH}#${film}`);
  await isNow(tab, "number", film);
  await settled(tab);
  return tab;
}

const likes = (page, wanted) =>
  eventually(
    () => listed(page, "liked"),
    (now) => assert.deepEqual(now, wanted),
  );
const pressed = (page, wanted) =>
  eventually(
    () => page.locator("#like").getAttribute("aria-pressed"),
    (now) => assert.equal(now, String(wanted)),
  );

test("what one tab remembers or forgets, all do", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, CALM, "#7");
  const other = await another(page, 8);
  for (const tab of [page, other]) await tab.locator("#show-liked").click();
  await brings(page, () => page.keyboard.press("l"));
  await hasVotes(server, 7, 1, 0);
  await likes(other, [7]);
  await brings(other, () => other.keyboard.press("l"));
  await hasVotes(server, 8, 1, 0);
  for (const tab of [page, other]) await likes(tab, [8, 7]);
  await follow(other, 7);
  await pressed(other, true);
  await other.keyboard.press("d");
  await matches(other, "note-text", /^Your like of .* stands: without an account/);
  await button(page, "Forget them").click();
  await likes(other, []);
  await pressed(other, false);
  await follow(other, 9);
  await brings(other, () => other.keyboard.press("l"));
  await hasVotes(server, 9, 1, 0);
  for (const tab of [page, other]) await likes(tab, [9]);
});

test("two tabs are one person, whose first vote for a film counts", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, CALM, "#7");
  await isNow(page, "number", 7);
  const other = await another(page, 7);
  await brings(page, () => page.keyboard.press("l"));
  await brings(other, () => other.keyboard.press("d"));
  await matches(other, "note-text", /^Your like of .* stands: without an account/);
  await other.waitForTimeout(5000);
  await hasVotes(server, 7, 1, 0);
});

test("who votes and leaves at once is remembered to have voted", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, CALM);
  const voted = await number(page);
  const other = await another(page, voted);
  await brings(page, () => page.keyboard.press("l"));
  await page.goto("/playground/rest");
  await hasVotes(server, voted, 1, 0);
  await pressed(other, true);
  await other.keyboard.press("l");
  await matches(other, "note-text", /^Your like of .* stands/);
  await hasVotes(server, voted, 1, 0);
});

test("a page holds one stream, for the film and the top, and none in a tab that is not looked at", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const vote = (id) => fetch(`${server.url}/v1/films/${id}/like`, { method: "POST" });
  await vote(11);
  await vote(12);
  const early = (page) =>
    page.addInitScript(() => {
      const sources = [];
      window.EventSource = class extends EventSource {
        constructor(url) {
          super(url);
          sources.push(this);
        }
      };
      window.streams = () =>
        sources
          .filter(({ readyState }) => readyState !== EventSource.CLOSED)
          .map(({ url }) => url.split("?")[1]);
    });
  const page = await open(server, { ...CALM, early }, "#7");
  const streams = (...wanted) =>
    eventually(
      () => page.evaluate(() => window.streams()),
      (now) => assert.deepEqual(now, wanted),
    );
  await streams("id=7,11,12");
  // What comes while the film changes is heard, and so is the new film.
  await follow(page, 9);
  for (let votes = 0; votes < 8; votes += 1) {
    await vote(12);
    await page.waitForTimeout(100);
  }
  await matches(page, "top", /♥ 9/);
  await streams("id=9,11,12");
  await vote(9);
  await isNow(page, "likes", 1);
  // A film of the top is heard of already.
  await follow(page, 11);
  await page.waitForTimeout(600);
  await vote(11);
  await isNow(page, "likes", 2);
  const look = (isHidden) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);
  await look(true);
  await streams();
  await vote(11);
  await look(false);
  await isNow(page, "likes", 3);
  await matches(page, "top", /♥ 3/);
});
