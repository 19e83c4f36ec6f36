// One film at a time at /playground/films.
import assert from "node:assert/strict";
import { test } from "node:test";
import { brings, button, calls, follow, isNow, matches, number, open, PATH, text } from "./films-page.mjs";
import {
  assertAccessible,
  copied,
  eventually,
  HOSTILE,
  openPage,
  PHONE,
  settled,
  startServer,
  tabTo,
  UNLIMITED,
} from "./harness.mjs";

test("leafing asks for a page of films at a time, and never for the budget of votes", async (t) => {
  const server = await startServer(t);
  const page = await open(server, { reducedMotion: "reduce" });
  const made = calls(page);
  const seen = new Set([await number(page)]);
  for (let press = 0; press < 24; press += 1)
    seen.add(await brings(page, () => page.locator("#next").click()));
  assert.equal(seen.size, 25, "every film once");
  const pages = made.filter((call) => /^GET \/v1\/films\?/.test(call));
  assert.ok(pages.length <= 2, pages.join("\n"));
  assert.deepEqual(
    made.filter((call) => !/^GET \/v1\/films(\?|\/events)/.test(call)),
    [],
  );
  const { limits } = await (await fetch(`${server.url}/v1/rate_limit`)).json();
  const votes = limits.filter(({ bucket }) => bucket === "film");
  assert.ok(votes.length && votes.every(({ remaining, quota }) => remaining === quota));
  assert.equal(await text(page, "quota"), "");
});

test("the way back leads through the films that were seen, and on again, also after a reload", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, { reducedMotion: "reduce" });
  const first = await number(page);
  assert.equal(await page.locator("#back").getAttribute("aria-disabled"), "true");
  const second = await brings(page, () => page.keyboard.press("n"));
  const third = await brings(page, () => page.keyboard.press("n"));
  assert.equal(await brings(page, () => page.keyboard.press("b")), second);
  assert.equal(await brings(page, () => page.locator("#back").click()), first);
  assert.equal(await brings(page, () => page.locator("#next").click()), second);
  await page.reload();
  await isNow(page, "number", second);
  assert.equal(new URL(page.url()).hash, `#${second}`);
  await settled(page);
  assert.equal(await brings(page, () => page.locator("#next").click()), third);
  const fourth = await brings(page, () => page.locator("#next").click());
  assert.ok(![first, second, third].includes(fourth), "the walk goes on");
  await page.locator("#show-past").click();
  const rows = page.locator("#past [data-film]");
  assert.deepEqual(await rows.evaluateAll((all) => all.map((row) => Number(row.dataset.film))), [
    fourth,
    third,
    second,
    first,
  ]);
  await assertAccessible(page, "films that were seen");
  await brings(page, () => rows.nth(2).locator("a").click());
  assert.equal(await number(page), second);
});

test("a walk whose cursor the server does not know begins again", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const early = (page) =>
    page.addInitScript(() => {
      sessionStorage.setItem(
        "filmgate.deck",
        JSON.stringify({ ahead: [], next: "of-another-server", total: 1 }),
      );
    });
  const page = await open(server, { early, reducedMotion: "reduce", refusals: [422] });
  await brings(page, () => page.locator("#next").click());
});

test("a vote from elsewhere moves the counts that are shown", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, {}, "#7");
  await isNow(page, "number", 7);
  // Until the connection stands, a vote is not heard of; what the page then shows is what the server counts.
  await eventually(
    async () => {
      await server.graphql('mutation { like(id: "7") { likes } }');
      return Number(await text(page, "likes"));
    },
    (likes) => assert.ok(likes > 0),
  );
  await fetch(`${server.url}/?dislike=7`);
  await isNow(page, "dislikes", 1);
  await isNow(page, "likes", (await server.film(7)).likes);
});

test("a refusal to deal is counted down, and the film comes by itself", async (t) => {
  const server = await startServer(t, { FILMGATE_LIMITS__BROWSE: "1/4 seconds" });
  // Somebody else has just used up what this page would need.
  await fetch(`${server.url}/v1/films`);
  const page = await openPage(server, PATH, { refusals: [429] });
  await matches(page, "message-text", /The next film comes by itself in 0:0\d/);
  await assertAccessible(page, "refused");
  await page.locator("#stub:not([hidden])").waitFor();
});

test("a link leads to its film, and one to no film says so", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, { refusals: [404] }, "#123");
  await isNow(page, "name", (await server.film(123)).name);
  await page.locator("#link").click();
  await matches(page, "link", /Copied/);
  assert.equal(await copied(page), `${server.url}${PATH}#123`);
  await page.evaluate(() => {
    location.hash = "#99999";
  });
  await matches(page, "message-text", /no film number 99999/i);
  await assertAccessible(page, "no such film");
  await page.getByRole("button", { name: "Show me another" }).click();
  await page.locator("#stub:not([hidden])").waitFor();
});

test("the keyboard alone is enough", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, { reducedMotion: "reduce" });
  const first = await number(page);
  await brings(page, () => page.keyboard.press("l"));
  const second = await number(page);
  await brings(page, () => page.keyboard.press("d"));
  await eventually(
    async () => [(await server.film(first)).likes, (await server.film(second)).dislikes],
    (now) => assert.deepEqual(now, [1, 1]),
  );
  await tabTo(page, page.locator("#next"));
  await brings(page, () => page.keyboard.press("Enter"));
  await tabTo(page, page.getByRole("button", { name: "Add a film" }));
  await page.keyboard.press("Enter");
  await page.keyboard.type("Typed with N, D and L");
  await page.keyboard.press("Tab");
  await page.keyboard.type("By hand");
  await page.keyboard.press("Enter");
  await isNow(page, "name", "Typed with N, D and L");
});

test("keys can be switched off, and stay so after a reload", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, {}, "#5");
  await isNow(page, "number", 5);
  await page.locator("#keys").uncheck();
  await page.reload();
  await isNow(page, "number", 5);
  assert.equal(await page.locator("#keys").isChecked(), false);
  await page.keyboard.press("l");
  await page.waitForTimeout(300);
  assert.equal(await number(page), 5);
});

test("names of films are text, however they are written", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, { size: PHONE });
  for (const name of HOSTILE) {
    const genres = Array.from({ length: 10 }, (_, index) => `${name.slice(0, 20)}${index}`);
    const { id } = await (await server.post("/add_film", { name, studio: name, genres })).json();
    await follow(page, id);
    await isNow(page, "name", name);
    await isNow(page, "studio", name);
    await settled(page);
    assert.equal(await page.locator("#ticket img, #ticket script, #toast img").count(), 0);
    assert.equal(
      await page.evaluate(() => document.documentElement.scrollWidth),
      PHONE.width,
      `${name} is too wide`,
    );
    await assertAccessible(page, name);
  }
});

test("who asks for less motion gets none", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, { reducedMotion: "reduce" });
  const running = () =>
    page.evaluate(() =>
      document
        .getAnimations()
        .map((animation) => animation.effect.getKeyframes())
        .filter((frames) => frames.some(({ transform }) => transform && transform !== "none")),
    );
  const seen = [];
  const watch = setInterval(
    () =>
      running().then(
        (now) => seen.push(...now),
        () => {},
      ),
    30,
  );
  await brings(page, () => page.locator("#like").click());
  clearInterval(watch);
  assert.deepEqual(seen, []);
});

for (const theme of ["light", "dark"]) {
  for (const size of [PHONE, undefined]) {
    test(`axe finds nothing, ${theme}, ${size ? "phone" : "desktop"}`, async (t) => {
      const server = await startServer(t, UNLIMITED);
      const page = await open(server, { theme, reducedMotion: "reduce", ...(size && { size }) }, "#1");
      await isNow(page, "name", "Frozen");
      await assertAccessible(page, "a film");
      await page.locator("#search").fill("the");
      await page.locator("#found [role=option]").first().waitFor();
      await page.keyboard.press("ArrowDown");
      await assertAccessible(page, "films that were found");
      await page.keyboard.press("Escape");
      await brings(page, () => button(page, "Like").click());
      await button(page, "Undo").waitFor();
      await assertAccessible(page, "a vote that can be undone");
      await page.getByRole("button", { name: "Add a film" }).click();
      await assertAccessible(page, "the form");
      await page.keyboard.press("Escape");
      assert.equal(
        await button(page, "Add a film").evaluate((element) => element === document.activeElement),
        true,
      );
    });
  }
}

test("an empty catalogue invites to add the first film", async (t) => {
  const server = await startServer(t, { ...UNLIMITED, FILMGATE_STARTER_CATALOGUE: "false" });
  const page = await openPage(server, PATH, { refusals: [404] });
  await matches(page, "message-text", /empty/);
  await assertAccessible(page, "no film at all");
});
