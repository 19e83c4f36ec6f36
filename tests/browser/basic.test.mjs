// The page without a build step, on its own and in the place of the others.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { assertAccessible, HOSTILE, openPage, PHONE, startServer, tabTo, UNLIMITED } from "./harness.mjs";

const PATH = "/playground/basic";

async function answer(page, run) {
  const [response] = await Promise.all([page.waitForResponse("**/graphql"), run()]);
  const body = await response.json();
  await page.waitForFunction(
    (text) => document.querySelector("#result").textContent === text,
    JSON.stringify(body, null, 2),
  );
  return body;
}

const run = (page) => answer(page, () => page.getByRole("button", { name: "Run" }).click());

test("each sample runs", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await openPage(server, PATH);
  const samples = await page.locator("#sample option").allTextContents();
  assert.ok(samples.length >= 6, `${samples}`);
  for (const sample of samples) {
    await page.getByLabel("Sample").selectOption(sample);
    const { data, errors } = await run(page);
    assert.equal(errors, undefined, sample);
    assert.ok(Object.values(data)[0], sample);
  }
  assert.equal((await server.film(1)).likes, 1);
  assert.equal((await server.film(1)).dislikes, 1);
  assert.equal((await server.graphql('{ film(id: "621") { name } }')).data.film.name, "My film");
});

test("no sample is dearer than the default limits allow", async (t) => {
  const server = await startServer(t);
  const page = await openPage(server, PATH);
  for (const sample of await page.locator("#sample option").allTextContents()) {
    await page.getByLabel("Sample").selectOption(sample);
    const { errors } = await run(page);
    assert.equal(errors, undefined, sample);
    await page.waitForTimeout(1100);
  }
});

test("a refusal says when to come back, and then it passes", async (t) => {
  const server = await startServer(t);
  const page = await openPage(server, PATH, { refusals: [429] });
  assert.ok((await run(page)).data.randomFilm);
  const { errors } = await run(page);
  assert.equal(errors[0].extensions.code, "RATE_LIMITED");
  assert.match(await page.locator("#status").textContent(), /429 Too Many Requests, try again in 1 s/);
  await assertAccessible(page, "refused");
  await page.waitForTimeout(1000 * errors[0].extensions.retryAfter);
  assert.ok((await run(page)).data.randomFilm);
  assert.match(await page.locator("#quota").textContent(), /film-1h/);
});

test("variables that are no JSON are told of, and nothing is sent", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await openPage(server, PATH);
  page.on("request", (request) => assert.fail(request.url()));
  await page.getByLabel("Variables").fill("{");
  await page.getByRole("button", { name: "Run" }).click();
  assert.match(await page.locator("#status").textContent(), /not valid JSON/);
});

test("a key that was typed is sent along, and kept nowhere", async (t) => {
  const server = await startServer(t, UNLIMITED);
  await server.account("ada", "voter");
  const key = await server.key("ada");
  const page = await openPage(server, PATH, { refusals: [401] });
  await page.getByLabel("Query").fill("{ me { name } }");
  await page.getByLabel("Key or token").fill(key);
  assert.equal((await run(page)).data.me.name, "ada");
  await page.getByLabel("Key or token").fill("fg_no");
  assert.equal((await run(page)).errors[0].extensions.code, "UNAUTHENTICATED");
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.equal(kept, "[{},{}]");
  await page.reload();
  assert.equal(await page.getByLabel("Key or token").inputValue(), "");
});

test("the keyboard alone is enough", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await openPage(server, PATH);
  await tabTo(page, page.getByLabel("Sample"));
  await page.keyboard.press("L");
  await tabTo(page, page.getByRole("button", { name: "Run" }));
  assert.equal((await answer(page, () => page.keyboard.press("Enter"))).data.like.likes, 1);
  await page.getByLabel("Query").focus();
  assert.equal((await answer(page, () => page.keyboard.press("Control+Enter"))).data.like.likes, 2);
});

test("names of films are text", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await openPage(server, PATH, { size: PHONE });
  for (const name of HOSTILE) await server.post("/add_film", { name, studio: name });
  await page
    .getByLabel("Query")
    .fill("{ films(sort: NEWEST, first: 10) { edges { node { name studio } } } }");
  const { data } = await run(page);
  const names = data.films.edges.map(({ node }) => node.name);
  for (const name of HOSTILE) assert.ok(names.includes(name), name);
  assert.equal(await page.locator("#result *").count(), 0);
  assert.equal(
    await page.evaluate(() => document.documentElement.scrollWidth),
    PHONE.width,
    "no sideways scroll",
  );
});

test("a build without the other pages says so", async (t) => {
  const server = await startServer(t, UNLIMITED);
  // As build.rs puts it in the place of the others; with them, the line about them is taken out.
  const body = await readFile(new URL("../../playground/basic/index.html", import.meta.url), "utf8");
  const early = (page) =>
    page.route(`**${PATH}`, async (route) => route.fulfill({ response: await route.fetch(), body }));
  for (const size of [PHONE, { width: 1280, height: 800 }]) {
    const page = await openPage(server, PATH, { early, size });
    const line = page.getByText("This build has no GraphiQL");
    assert.ok(await line.isVisible());
    assert.ok((await run(page)).data.randomFilm);
    await assertAccessible(page, "without the other pages");
  }
});

for (const theme of ["light", "dark"]) {
  test(`axe finds nothing, ${theme}`, async (t) => {
    const server = await startServer(t, UNLIMITED);
    const page = await openPage(server, PATH, { theme, refusals: [400] });
    await assertAccessible(page, "empty");
    await run(page);
    await assertAccessible(page, "result");
    await page.getByLabel("Query").fill("{ nothing }");
    await page.getByRole("button", { name: "Run" }).click();
    await page.waitForFunction(() => document.querySelector("#result").textContent.includes("nothing"));
    await assertAccessible(page, "fault");
  });
}
