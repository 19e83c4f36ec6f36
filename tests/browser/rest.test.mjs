// The REST tester at /playground/rest.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertAccessible,
  eventually,
  HOSTILE,
  openPage,
  PHONE,
  signIn,
  startServer,
  tabTo,
  UNLIMITED,
} from "./harness.mjs";
import { body, choose, matches, open, PATH, send, text } from "./rest-page.mjs";

test("the documented endpoints answer to GET, POST and HEAD", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server);
  await send(page, 200);
  assert.ok((await body(page)).name);
  assert.match(await text(page, "timing"), /ms · .* B/);
  await page.getByLabel("Method").selectOption("HEAD");
  await send(page, 200);
  assert.match(await text(page, "json"), /headers only/);
  await choose(page, "addFilmDocumented");
  await page.locator("#field-studio").fill("Somebody's");
  await send(page, 201);
  const { id } = await body(page);
  assert.equal((await server.graphql(`{ film(id: "${id}") { studio } }`)).data.film.studio, "Somebody's");
  await page.locator("summary").click();
  assert.match(await text(page, "headers"), new RegExp(`location/v1/films/${id}`));
  await choose(page, "headAddFilm");
  await page.locator("#title").filter({ hasText: "The headers" }).waitFor();
  await send(page, 200);
  assert.equal((await fetch(`${server.url}/v1/films/${id + 1}`)).status, 404, "a HEAD adds nothing");
});

test("an address that is not filled in is not asked for, and on a phone the answer comes into view", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, "film", { size: PHONE });
  await page.locator("#parameter-id").fill("");
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.locator("#send").click();
  await matches(page, "form-note", /^Fill in id/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "parameter-id");
  assert.deepEqual(asked, []);
  // With a form that is longer than the page is high.
  await choose(page, "films");
  await send(page, 200);
  const place = () => page.locator("#status").evaluate((status) => status.getBoundingClientRect().top);
  await eventually(place, (top) => assert.ok(top >= 0 && top < PHONE.height, `at ${top}`));
});

test("every endpoint of the list answers", async (t) => {
  const server = await startServer(t, UNLIMITED);
  await server.account("root", "admin");
  const page = await open(server, "", { refusals: [400, 401, 404, 409, 422] });
  await signIn(page, "root");
  await page.locator("#who").filter({ hasText: "root, admin" }).waitFor();
  const ids = await page
    .locator("#endpoints a")
    .evaluateAll((links) => links.map((link) => link.getAttribute("href").slice(1)));
  assert.ok(ids.length >= 20);
  // Some have no id until somebody fills it in, or nothing to say: that is refused by their own endpoint.
  for (const id of ids.filter((id) => id !== "signOut")) {
    await choose(page, id);
    const parameter = page.locator("#parameter-id");
    if (id === "removeVote") await parameter.fill("1");
    else if ((await parameter.count()) && !(await parameter.inputValue())) await parameter.fill("999999");
    await send(page, "(200|201|204|400|404|409|422)");
    assert.notEqual(await text(page, "json"), "", id);
  }
  const { likes, dislikes } = await server.film(1);
  assert.deepEqual([likes, dislikes], [0, 0], "one's own vote was taken back");
  await choose(page, "signOut");
  await send(page, 204);
  await page.locator("#who").filter({ hasText: "Sign in again" }).waitFor();
});

test("the counts move when somebody else votes", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, "film");
  await send(page, 200);
  await eventually(
    async () => {
      await fetch(`${server.url}/?like=1`);
      return page.locator("#film b").first().textContent();
    },
    (likes) => assert.ok(Number(likes) > 0),
  );
  await server.graphql('mutation { dislike(id: "1") { id } }');
  await eventually(
    () => page.locator("#film b").last().textContent(),
    (dislikes) => assert.equal(dislikes, "1"),
  );
});

test("a refusal says when it comes back, and it does", async (t) => {
  const server = await startServer(t);
  const page = await open(server, "", { refusals: [429] });
  await send(page, 200);
  await matches(page, "quota", /Film calls: 49 of 50 left this hour/);
  await page.locator("#send").click();
  await matches(page, "status", /^429/);
  await matches(page, "problem", /RATE_LIMITED/);
  await matches(page, "wait", /Comes back in 0:0\d|It is back/);
  await assertAccessible(page, "refused");
  await matches(page, "wait", /It is back/);
  await send(page, 200);
});

test("faults are shown with their code and every field", async (t) => {
  const server = await startServer(t, { ...UNLIMITED, FILMGATE_AUTH__ANONYMOUS_ROLE: "editor" });
  const page = await open(server, "addFilm", { refusals: [400, 404, 405, 409, 415, 422] });
  await page.getByLabel("As it is sent").fill('{"name": "", "studio": "", "year": 1}');
  await send(page, 422);
  for (const part of ["INVALID_INPUT", "/name", "/studio", "/year", "Request id"]) {
    await matches(page, "problem", new RegExp(part));
  }
  await assertAccessible(page, "faults");
  await page.getByLabel("As it is sent").fill('{"name": "Frozen", "studio": "Disney", "year": 2013}');
  await send(page, 409);
  await matches(page, "problem", /FILM_EXISTS/);
  await page.getByLabel("Content-Type").fill("text/plain");
  await send(page, 415);
  await choose(page, "film");
  await page.getByLabel("Address").fill("/v1/films/99999");
  await send(page, 404);
  await page.getByLabel("Method").selectOption("PUT");
  await send(page, 405);
});

test("who may not add films is told so", async (t) => {
  const server = await startServer(t, { ...UNLIMITED, FILMGATE_AUTH__ANONYMOUS_ROLE: "voter" });
  const page = await open(server, "addFilm", { refusals: [403] });
  await send(page, 403);
  await matches(page, "problem", /FORBIDDEN/);
});

test("without the document of the endpoints calls are written by hand, and it is asked for again", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const early = (page) =>
    page.route("**/openapi.json", (route) => route.fulfill({ status: 503, body: "gone" }));
  const page = await openPage(server, PATH, { early, refusals: [503] });
  await matches(page, "endpoints", /not to be had.*503.*by hand/);
  await assertAccessible(page, "no document");
  await page.getByLabel("Address").fill("/v1/films/7");
  await send(page, 200);
  assert.equal((await body(page)).id, 7);
  await page.unroute("**/openapi.json");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator('#endpoints a[href="#like"]').waitFor();
});

test("pages lead on, and a call of before can be looked at again", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, "films");
  await send(page, 200);
  const first = (await body(page)).films.map(({ id }) => id);
  await page.getByRole("button", { name: "Next page" }).click();
  await eventually(
    () => body(page),
    ({ films }) => assert.ok(!first.includes(films[0].id)),
  );
  await page.locator("#history li").last().getByRole("button").click();
  await eventually(
    () => body(page),
    ({ films }) => assert.equal(films[0].id, first[0]),
  );
  await page.reload();
  assert.match(await text(page, "title"), /A page of films/);
});

test("the keyboard alone is enough", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server);
  await tabTo(page, page.locator('#endpoints a[href="#like"]'));
  await page.keyboard.press("Enter");
  await matches(page, "title", /^Like a film$/);
  await tabTo(page, page.locator("#send"));
  await page.keyboard.press("Enter");
  await matches(page, "status", /^200/);
  await page.keyboard.press("Control+Enter");
  await eventually(
    () => server.film(1),
    ({ likes }) => assert.equal(likes, 2),
  );
});

test("names of films are text, however they are written", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, "film", { size: PHONE });
  for (const name of HOSTILE) {
    const { id } = await (
      await server.post("/add_film", { name, studio: name, genres: [name.slice(0, 30)] })
    ).json();
    await page.getByLabel("Address").fill(`/v1/films/${id}`);
    await send(page, 200);
    await eventually(
      () => page.locator("#film .film-name").textContent(),
      (now) => assert.equal(now, name),
    );
    assert.equal((await body(page)).studio, name);
    assert.equal(await page.locator("#answer img, #answer script").count(), 0);
    assert.equal(
      await page.evaluate(() => document.documentElement.scrollWidth),
      PHONE.width,
      `${name} is too wide`,
    );
  }
  await assertAccessible(page, "hostile names");
});

for (const theme of ["light", "dark"]) {
  for (const size of [PHONE, undefined]) {
    test(`axe finds nothing, ${theme}, ${size ? "phone" : "desktop"}`, async (t) => {
      const server = await startServer(t, UNLIMITED);
      const page = await open(server, "", { theme, ...(size && { size }) });
      await assertAccessible(page, "empty");
      await send(page, 200);
      await assertAccessible(page, "a film");
      await choose(page, "addFilm");
      await page.locator("#field-name").fill("Night Train");
      await send(page, 201);
      await assertAccessible(page, "added");
    });
  }
}
