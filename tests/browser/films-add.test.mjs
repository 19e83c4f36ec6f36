// New films on the films page: what becomes of the form.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CALM, isNow, matches, number, open, text } from "./films-page.mjs";
import { assertAccessible, startServer, UNLIMITED } from "./harness.mjs";

async function fill(page, fields) {
  await page.getByRole("button", { name: "Add a film" }).click();
  for (const [name, value] of Object.entries(fields)) await page.locator(`#add-${name}`).fill(value);
  await page.locator("#send").click();
}

test("a film that is added here shows up by both surfaces, and elsewhere it is mentioned", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const other = await open(server, {}, "#1");
  // Its connection opens a moment after the film.
  await other.waitForTimeout(1000);
  const page = await open(server);
  await fill(page, { name: "Night Train", studio: "Kadr", year: "1959", genres: "Drama, Thriller" });
  await isNow(page, "name", "Night Train");
  const id = await number(page);
  const { name, studio, year, genres } = await server.film(id);
  assert.deepEqual(
    { name, studio, year, genres },
    { name: "Night Train", studio: "Kadr", year: 1959, genres: ["Drama", "Thriller"] },
  );
  assert.equal((await server.graphql(`{ film(id: "${id}") { name } }`)).data.film.name, "Night Train");
  await matches(other, "toast", /Just added: Night Train/);
  await assertAccessible(other, "a film is mentioned");
});

test("a film that is added counts once in all and in its genres, new ones too", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const genres = Array.from({ length: 3 }, (_, index) => `Kaiju ${index}`);
  const { totalCount } = await (await fetch(`${server.url}/v1/films?first=1`)).json();
  // Which of the two tells first, answer or event, and whether there is an event at all, makes no difference.
  for (const [added, isStreamOpen] of [
    [1, true],
    [2, false],
  ]) {
    const early = (page) => (isStreamOpen ? undefined : page.route("**/events?*", (route) => route.abort()));
    const page = await open(server, { ...CALM, early, isCutOff: true }, "?genre=Drama#1");
    const is = (wanted) => isNow(page, "all", `All${wanted.toLocaleString("en")}`);
    await is(totalCount + added - 1);
    const drama = page.locator('[data-genre="Drama"] .count');
    const before = Number(await drama.textContent());
    if (isStreamOpen) await page.waitForTimeout(1000);
    await fill(page, { name: `Godzilla ${added}`, studio: "Toho", genres: `drama, ${genres.join(", ")}` });
    await isNow(page, "name", `Godzilla ${added}`);
    await page.waitForTimeout(500);
    await is(totalCount + added);
    assert.equal(Number(await drama.textContent()), before + 1);
    for (const genre of genres)
      assert.equal(await page.locator(`[data-genre="${genre}"] .count`).textContent(), String(added));
    await page.reload();
    await is(totalCount + added);
    await page.context().close();
  }
});

test("faults of a new film stand beside their fields", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, { refusals: [409, 422] });
  await fill(page, { name: "", studio: "", year: "12" });
  for (const field of ["name", "studio", "year"]) await matches(page, `${field}-fault`, /./);
  assert.equal(await page.evaluate(() => document.activeElement.id), "add-name");
  await assertAccessible(page, "faults");
  for (const [field, value] of [
    ["name", "Frozen"],
    ["studio", "Disney"],
    ["year", "2013"],
  ]) {
    await page.locator(`#add-${field}`).fill(value);
  }
  await page.locator("#send").click();
  await matches(page, "fault", /already there/);
  await page.getByRole("link", { name: "Show it" }).click();
  await isNow(page, "name", "Frozen");
});

test("a film that comes too soon is sent by itself when the wait is over", async (t) => {
  const server = await startServer(t, {
    ...UNLIMITED,
    FILMGATE_LIMITS__ENABLED: "true",
    FILMGATE_LIMITS__ADD_FILM: "1/3 seconds",
  });
  const page = await open(server, { refusals: [422, 429] });
  await fill(page, { name: "Night Train", studio: "Kadr", year: "12" });
  await matches(page, "year-fault", /./);
  await page.locator("#add-year").fill("1959");
  await page.locator("#send").click();
  await matches(page, "fault", /sent by itself in 0:0\d/);
  await isNow(page, "name", "Night Train");
});

test("a film that was cancelled while its answer was on the way is not sent again", async (t) => {
  const server = await startServer(t, {
    ...UNLIMITED,
    FILMGATE_LIMITS__ENABLED: "true",
    FILMGATE_LIMITS__ADD_FILM: "1/2 seconds",
  });
  for (const isOpenedAnew of [false, true]) {
    const page = await open(server, { refusals: [422, 429] });
    let sent = 0;
    let answer;
    const mayAnswer = new Promise((resolve) => {
      answer = resolve;
    });
    await page.route("**/add_film", async (route) => {
      sent += 1;
      const response = await route.fetch();
      if (sent === 2) await mayAnswer;
      await route.fulfill({ response });
    });
    await fill(page, { name: "Night Train", studio: "Kadr", year: "12" });
    await matches(page, "year-fault", /./);
    await page.locator("#add-year").fill("1959");
    const refused = page.waitForResponse((response) => response.status() === 429);
    await page.locator("#send").click();
    await page.locator("#cancel").click();
    if (isOpenedAnew) await page.getByRole("button", { name: "Add a film" }).click();
    answer();
    await refused;
    // Longer than it would have waited.
    await page.waitForTimeout(3000);
    assert.equal(sent, 2);
    assert.equal(await text(page, "fault"), "");
  }
});

test("who may not add films is told so", async (t) => {
  const server = await startServer(t, { ...UNLIMITED, FILMGATE_AUTH__ANONYMOUS_ROLE: "voter" });
  const page = await open(server, { refusals: [403] });
  await fill(page, { name: "A", studio: "B" });
  await matches(page, "fault", /cannot be added from here/);
});
