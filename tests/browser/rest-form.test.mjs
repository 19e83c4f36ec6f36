// What the form of the REST tester sends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, copied, shell, startServer, UNLIMITED } from "./harness.mjs";
import { body, choose, matches, open, send, text } from "./rest-page.mjs";

test("the curl line does in a shell what the page did", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, "films");
  await page.locator("#parameter-studio").fill("Disney");
  await send(page, 200);
  await page.locator("#copy").click();
  await matches(page, "copy", /Copied/);
  assert.deepEqual(JSON.parse(await shell(await copied(page))), await body(page));
  await choose(page, "addFilm");
  await page.locator("#field-name").fill('It\'s a $HOME `date` "film"');
  await page.locator("#copy").click();
  await matches(page, "copy", /Copied/);
  const { id, name } = JSON.parse(await shell(await copied(page)));
  assert.equal(name, 'It\'s a $HOME `date` "film"');
  assert.equal((await server.film(id)).name, name);
});

test("a form has the choices of the document, and sends what is chosen", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, "films");
  await page.locator("#parameter-sort").selectOption("year");
  await page.locator("#parameter-order").selectOption("desc");
  await page.locator("#parameter-first").fill("3");
  await matches(page, "curl", /\/v1\/films\?sort=year&order=desc&first=3'/);
  await send(page, 200);
  const { films } = await body(page);
  assert.equal(films.length, 3);
  assert.ok(films[0].year >= films[2].year);
  await page.locator("#parameter-sort").selectOption("");
  await matches(page, "curl", /\/v1\/films\?order=desc&first=3'/);
});

test("parameters go in the body of a QUERY, and back into the address", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, "films");
  await page.locator("#parameter-genre").fill("Western");
  await page.locator("#parameter-first").fill("3");
  await page.getByLabel("Method").selectOption("QUERY");
  assert.equal(await page.locator("#url").inputValue(), "/v1/films");
  assert.equal(await page.locator("#body").inputValue(), "genre=Western&first=3");
  // What lies beneath the bar is smaller by that, and has only to be scrolled.
  await page.evaluate(() => scrollTo(0, 0));
  await assertAccessible(page, "a QUERY");
  await send(page, 200);
  const asked = await body(page);
  assert.equal(asked.films.length, 3);
  assert.ok(asked.films.every(({ genres }) => genres.includes("Western")));
  assert.deepEqual(JSON.parse(await shell(`${await text(page, "curl")} -s`)), asked);
  await page.locator("#parameter-first").fill("2");
  await send(page, 200);
  assert.equal((await body(page)).films.length, 2);
  await page.getByLabel("Method").selectOption("GET");
  assert.equal(await page.locator("#url").inputValue(), "/v1/films?genre=Western&first=2");
  await page.locator("#url").fill("/v1/films?by=hand");
  await page.getByLabel("Method").selectOption("HEAD");
  assert.equal(await page.locator("#url").inputValue(), "/v1/films?by=hand");
  await choose(page, "addFilm");
  assert.equal(await page.locator("#type").inputValue(), "application/json");
  assert.match(await page.locator("#body").inputValue(), /^\{/);
});

test("a key for asking again is made up, sent, and the same call counts once", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, "like");
  await page.getByRole("checkbox", { name: "send Idempotency-Key" }).check();
  await matches(page, "curl", /-H 'Idempotency-Key: [0-9a-f]{32}'/);
  for (let call = 0; call < 3; call += 1) await send(page, 200);
  assert.equal((await server.film(1)).likes, 1);
  // A call of before is sent with what it had.
  await page.locator("#history li").last().getByRole("button").click();
  await matches(page, "curl", /Idempotency-Key/);
  await page.getByRole("checkbox", { name: "send Idempotency-Key" }).uncheck();
  await send(page, 200);
  assert.equal((await server.film(1)).likes, 2);
});
