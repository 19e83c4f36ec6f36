// Search, genres and the top of the films page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { brings, CALM, calls, isNow, listed, matches, number, open, text } from "./films-page.mjs";
import {
  assertAccessible,
  eventually,
  HOSTILE,
  PASSWORD,
  PHONE,
  settled,
  signIn,
  startServer,
  tabTo,
  UNLIMITED,
} from "./harness.mjs";

const chip = (page, name) =>
  page.locator("#chips").getByRole("button", { name: new RegExp(`^${name} ?[\\d,]+$`) });
const top = (page) =>
  page.locator("#top [data-film]").evaluateAll((rows) => rows.map((row) => Number(row.dataset.film)));

test("films are found as one types, by one call a pause, and the keyboard leads to one", async (t) => {
  const server = await startServer(t);
  const page = await open(server, CALM);
  const made = calls(page);
  const searches = () => made.filter((call) => call.includes("q="));
  await page.keyboard.press("/");
  await page.keyboard.type("seven samurai");
  await eventually(
    () => page.locator("#found [role=option]").allTextContents(),
    ([first]) => assert.match(first ?? "", /^Seven Samurai/),
  );
  assert.equal(searches().length, 1, searches().join("\n"));
  assert.equal(await page.locator("#search").getAttribute("aria-expanded"), "true");
  await page.keyboard.press("ArrowDown");
  const chosen = page.locator("#found [aria-selected=true]");
  assert.equal(
    await page.locator("#search").getAttribute("aria-activedescendant"),
    await chosen.getAttribute("id"),
  );
  await assertAccessible(page, "a film that was found");
  await page.keyboard.press("Enter");
  await isNow(page, "name", "Seven Samurai");
  assert.equal(await page.locator("#results").isVisible(), false);
  // The field was left: a key is a vote again, and what was asked once is not asked again.
  await settled(page);
  await brings(page, () => page.keyboard.press("n"));
  await page.keyboard.press("/");
  await page.keyboard.type("seven samurai");
  await page.locator("#found [role=option]").first().waitFor();
  assert.equal(searches().length, 1, "it is known");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("#results").isVisible(), false);
});

test("what is not found, or makes no sense, is told in words, and names are text", async (t) => {
  const server = await startServer(t, UNLIMITED);
  for (const name of HOSTILE) await server.post("/add_film", { name, studio: "Hostile Pictures" });
  const page = await open(server, { ...CALM, size: PHONE });
  const made = calls(page);
  await page.locator("#search").fill("qqzzxxyy");
  await matches(page, "found-note", /No film has these words/);
  await page.locator("#search").fill("!?");
  await matches(page, "found-note", /A letter or a digit is needed/);
  await page.waitForTimeout(500);
  assert.ok(!made.some((call) => call.includes("q=%21")), "nobody was asked");
  await page.locator("#search").fill("hostile pictures");
  await eventually(
    () => page.locator("#found [role=option]").count(),
    (count) => assert.equal(count, HOSTILE.length),
  );
  assert.equal(await page.locator("#results img, #results script").count(), 0);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
  await assertAccessible(page, "hostile names");
  await page.locator("#found [role=option]").first().click();
  await isNow(page, "studio", "Hostile Pictures");
});

test("Enter means the film that is found for what is typed, and never one of before", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, CALM);
  const field = page.locator("#search");
  const first = page.locator("#found [role=option]").first();
  // Quicker than the answer.
  await field.fill("seven samurai");
  await field.press("Enter");
  await isNow(page, "name", "Seven Samurai");
  await field.fill("toy story");
  await eventually(
    () => first.textContent(),
    (name) => assert.match(name ?? "", /^Toy Story/),
  );
  await field.fill("casablanca");
  await field.press("Enter");
  await isNow(page, "name", "Casablanca");
  // A list that was closed is shown again first, and what an input method ends is not ours.
  await field.fill("toy story");
  await first.waitFor();
  await field.press("Escape");
  await field.press("Enter");
  await first.waitFor();
  await field.dispatchEvent("keydown", { key: "Enter", isComposing: true, bubbles: true });
  assert.equal(await page.locator("#results").isVisible(), true);
  await field.press("Enter");
  await isNow(page, "name", "Toy Story");
});

test("an address that names no film says so", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, CALM);
  const made = calls(page);
  await page.evaluate(() => {
    location.hash = "events";
  });
  await page.getByText("There is no film number events.").first().waitFor();
  assert.deepEqual(
    made.filter((call) => /events$|random/.test(call)),
    [],
  );
  await page.getByRole("button", { name: "Show me another" }).click();
  await matches(page, "name", /./);
});

test("a search over the budget is counted down, and made by itself", async (t) => {
  const server = await startServer(t, { FILMGATE_LIMITS__BROWSE: "6/9 seconds" });
  const page = await open(server, { ...CALM, refusals: [429] });
  for (let call = 0; call < 6; call += 1) await fetch(`${server.url}/v1/films?first=1`);
  await page.locator("#search").fill("frozen");
  await matches(page, "found-note", /This one is made in 0:0\d/);
  await eventually(
    () => page.locator("#found [role=option]").allTextContents(),
    ([first]) => assert.match(first ?? "", /^Frozen/),
  );
});

test("a genre deals its films alone, is told with its count, and stays after a reload", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const { genres } = await (await fetch(`${server.url}/v1/genres?first=100`)).json();
  const western = genres.find(({ name }) => name === "Western");
  const { totalCount } = await (await fetch(`${server.url}/v1/films?first=1`)).json();
  const page = await open(server, CALM);
  await matches(page, "all", new RegExp(`^All ?${totalCount}$`));
  await page.reload();
  await matches(page, "all", new RegExp(`^All ?${totalCount}$`));
  await settled(page);
  await page.locator("#more").click();
  await assertAccessible(page, "all genres");
  await brings(page, () => chip(page, "Western").click());
  assert.match(await chip(page, "Western").textContent(), new RegExp(`${western.films}$`));
  assert.equal(await chip(page, "Western").getAttribute("aria-pressed"), "true");
  const isWestern = async () => assert.ok((await server.film(await number(page))).genres.includes("Western"));
  const seen = new Set();
  for (let press = 0; press < western.films; press += 1) {
    await isWestern();
    seen.add(await number(page));
    await brings(page, () => page.locator("#next").click());
  }
  assert.equal(seen.size, western.films, "every western once, and then again");
  assert.match(page.url(), /\?genre=Western#\d+$/);
  await page.reload();
  await page.locator("#ticket:not([hidden])").waitFor();
  await settled(page);
  assert.equal(await chip(page, "Western").getAttribute("aria-pressed"), "true");
  await brings(page, () => page.locator("#next").click());
  await isWestern();
  await brings(page, () => page.locator("#all").click());
  assert.equal(new URL(page.url()).search, "");
});

test("a genre that no film has says so, and leads back to all", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, CALM, "?genre=Nothing");
  await matches(page, "message-text", /no film of the genre Nothing/);
  await assertAccessible(page, "no film of a genre");
  await page.getByRole("button", { name: "All films" }).click();
  await page.locator("#stub:not([hidden])").waitFor();
});

test("what is too long for a genre is one that no film has", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, { ...CALM, size: PHONE, refusals: [422] }, `?genre=${"N".repeat(300)}`);
  await matches(page, "message-text", /^There is no film of the genre N{60}\.$/);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
  await page.getByRole("button", { name: "All films" }).click();
  await page.locator("#stub:not([hidden])").waitFor();
});

test("where a page may have few films, all genres, films and votes are there all the same", async (t) => {
  const server = await startServer(t, { ...UNLIMITED, FILMGATE_GRAPHQL__MAX_PAGE: "5" });
  await server.account("ada", "voter");
  const { token } = await (await server.post("/v1/session", { name: "ada", password: PASSWORD })).json();
  const voted = [1, 2, 3, 4, 5, 6, 7];
  for (const id of voted) {
    const headers = { Authorization: `Bearer ${token}` };
    await fetch(`${server.url}/v1/films/${id}/like`, { method: "POST", headers });
  }
  const { totalCount } = await (await fetch(`${server.url}/v1/genres?first=1`)).json();
  const page = await open(server, { ...CALM, refusals: [422] });
  const chips = page.locator("#chips [data-genre]");
  await eventually(
    () => chips.count(),
    (now) => assert.equal(now, totalCount),
  );
  const counts = await chips.locator(".count").allTextContents();
  const numbers = counts.map((count) => Number(count.replaceAll(",", "")));
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => b - a),
    "the commonest first",
  );
  assert.equal(await text(page, "chips-note"), "");
  const seen = new Set([await number(page)]);
  for (let press = 0; press < 7; press += 1)
    seen.add(await brings(page, () => page.locator("#next").click()));
  assert.equal(seen.size, 8);
  await eventually(
    () => top(page),
    (now) => assert.equal(now.length, 5),
  );
  await page.locator("#search").fill("the");
  await page.locator("#found [role=option]").first().waitFor();
  await page.keyboard.press("Escape");
  await signIn(page, "ada");
  await page.locator("#show-liked").click();
  await eventually(
    () => listed(page, "liked"),
    (now) => assert.deepEqual(now, voted.toReversed()),
  );
});

test("genres and votes of before that are not to be had are told of", async (t) => {
  const server = await startServer(t, UNLIMITED);
  await server.account("ada", "voter");
  const early = async (page) => {
    for (const path of ["**/v1/genres?*", "**/v1/me/votes?*"])
      await page.route(path, (route) => route.abort());
  };
  const page = await open(server, { ...CALM, early, isCutOff: true });
  await matches(page, "chips-note", /^The genres are not to be had/);
  await signIn(page, "ada");
  await page.locator("#show-liked").click();
  await matches(page, "liked-note", /Your votes of before are not to be had/);
  await assertAccessible(page, "what is missing");
});

test("the top is in the order of likes or of rating, and moves as others vote", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const vote = (id, way) => fetch(`${server.url}/v1/films/${id}/${way}`, { method: "POST" });
  for (const id of [11, 11, 11, 12, 12, 13]) await vote(id, "like");
  for (const id of [11, 11, 11]) await vote(id, "dislike");
  const page = await open(server, CALM, "#1");
  await eventually(
    () => top(page),
    (now) => assert.deepEqual(now, [11, 12, 13]),
  );
  await assertAccessible(page, "the top");
  await page.locator("#by-rating").click();
  await eventually(
    () => top(page),
    (now) => assert.deepEqual(now, [12, 13, 11]),
  );
  const { films } = await (await fetch(`${server.url}/v1/films?sort=rating&minVotes=1`)).json();
  assert.deepEqual(
    await top(page),
    films.map(({ id }) => id),
  );
  await page.locator("#by-likes").click();
  await eventually(
    () => top(page),
    (now) => assert.deepEqual(now, [11, 12, 13]),
  );
  // Its connection opens a moment later; each vote tells the counts of now.
  await eventually(
    async () => {
      await vote(13, "like");
      return (await top(page))[0];
    },
    (first) => assert.equal(first, 13),
  );
  // The focus stays with the film that it was on, wherever that goes.
  await page.locator('#top [data-film="12"] a').focus();
  await eventually(
    async () => {
      await vote(12, "like");
      return (await top(page))[0];
    },
    (first) => assert.equal(first, 12),
  );
  assert.equal(await page.evaluate(() => document.activeElement.closest("[data-film]").dataset.film), "12");
  await page.keyboard.press("Enter");
  await isNow(page, "number", 12);
});

test("before anybody has voted the top says so, and one's own vote comes into it", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, CALM, "#7");
  await isNow(page, "number", 7);
  await settled(page);
  await matches(page, "top-note", /Nobody has voted yet/);
  await brings(page, () => page.keyboard.press("l"));
  await eventually(
    () => top(page),
    (now) => assert.deepEqual(now, [7]),
  );
  assert.equal(await text(page, "top-note"), "");
});

test("search, genres and lists are within reach of the keyboard", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, CALM);
  await tabTo(page, page.locator("#search"));
  await tabTo(page, chip(page, "Drama"));
  await brings(page, () => page.keyboard.press("Enter"));
  await tabTo(page, page.locator("#show-past"));
  await page.keyboard.press("Enter");
  const row = page.locator("#past a").last();
  await tabTo(page, row);
  await brings(page, () => page.keyboard.press("Enter"));
  assert.ok(await row.evaluate((link) => link === document.activeElement), "the focus stays where it was");
});
