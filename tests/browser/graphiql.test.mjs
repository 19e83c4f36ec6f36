// GraphiQL at /playground.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertAccessible,
  copied,
  eventually,
  HOSTILE,
  openPage,
  PHONE,
  shell,
  startServer,
  tabTo,
  UNLIMITED,
} from "./harness.mjs";

const PATH = "/playground";

const button = (page, name) => page.getByRole("button", { name });
const tab = (page, name) => page.locator(".graphiql-tabs").getByText(name, { exact: true });
const executeButton = (page) => page.locator(".graphiql-execute-button");
const meter = (page) => page.locator(".meter > button");

async function open(server, options) {
  const page = await openPage(server, PATH, options);
  await page.locator(".view-line").first().waitFor();
  // What an operation may be is known once the schema is there.
  await eventually(
    // On a phone it is folded away.
    () =>
      page
        .getByRole("button", { name: "Copy the REST twin", includeHidden: true })
        .getAttribute("aria-disabled"),
    (disabled) => assert.equal(disabled, "false"),
  );
  return page;
}

const choose = (page, name) => tab(page, name).click();

/** The editor shows spaces that do not break. */
async function shown(page) {
  return (await page.locator(".result-window .view-lines").textContent()).replaceAll("\u00a0", " ");
}

const shows = (page, text) =>
  eventually(
    () => shown(page),
    (now) => assert.ok(now.includes(text), `${text} in ${now}`),
  );

/** What the server answers to what `run` sends. */
async function answer(page, run) {
  const isOurs = (body) => body?.includes("IntrospectionQuery") || body?.includes("priceOnly");
  const isAsked = (response) => response.url().endsWith("/graphql") && !isOurs(response.request().postData());
  const [response] = await Promise.all([page.waitForResponse(isAsked), run()]);
  return response.json();
}

const execute = (page) => answer(page, () => executeButton(page).click());

async function write(page, query) {
  await button(page, "New tab").click();
  await page.locator(".graphiql-query-editor .view-lines").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(query);
}

test("each ready-made tab runs", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server);
  for (const [name, field] of [
    ["RandomFilm", "randomFilm"],
    ["Like", "like"],
    ["Dislike", "dislike"],
    ["AddFilm", "addFilm"],
    ["ListFilms", "films"],
  ]) {
    await choose(page, name);
    const { data, errors } = await execute(page);
    assert.equal(errors, undefined, name);
    assert.ok(data[field], name);
    await shows(page, `"${field}": {`);
  }
  const { name, likes, dislikes } = await server.film(1);
  assert.deepEqual({ name, likes, dislikes }, { name: "Frozen", likes: 1, dislikes: 1 });
  // What was added here shows up by the other surface.
  assert.match((await server.film(621)).name, /^My film of /);
});

test("the ready-made subscriptions hear of what others do", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server);
  await choose(page, "LiveVotes");
  await executeButton(page).click();
  await eventually(
    async () => {
      await fetch(`${server.url}/?like=1`);
      return shown(page);
    },
    (now) => assert.match(now, /"filmVoted"[\s\S]*"Frozen"/),
  );
  await executeButton(page).click();
  await choose(page, "LiveAdditions");
  await executeButton(page).click();
  let count = 0;
  await eventually(
    async () => {
      count += 1;
      await server.post("/add_film", { name: `From outside ${count}`, studio: "Elsewhere" });
      return shown(page);
    },
    (now) => assert.match(now, /"filmAdded"[\s\S]*"From outside/),
  );
  await executeButton(page).click();
});

test("under the default limits every tab can run, and the quota is told in words", async (t) => {
  const server = await startServer(t);
  const page = await open(server);
  await execute(page);
  await eventually(
    () => meter(page).textContent(),
    (text) => assert.equal(text, "Film calls: 49 of 50 left this hour, 199 of 200 today"),
  );
  await meter(page).click();
  await page.getByRole("cell", { name: "199 of 200" }).waitFor();
  await assertAccessible(page, "quotas open");
  await page.keyboard.press("Escape");
  for (const name of ["Like", "Dislike", "AddFilm", "ListFilms"]) {
    await page.waitForTimeout(1100);
    await choose(page, name);
    assert.equal((await execute(page)).errors, undefined, name);
  }
});

test("the price of a document is told before it is run", async (t) => {
  const server = await startServer(t, { FILMGATE_LIMITS__FILM: "2/minute" });
  const page = await open(server);
  const price = page.locator(".price");
  const says = (text) =>
    eventually(
      () => price.allTextContents(),
      (texts) => assert.deepEqual(texts, text ? [text] : []),
    );
  await says("Costs 1 of Film calls");
  await write(page, "{ a: randomFilm { id } b: randomFilm { id } film(id: 1) { id } }");
  await says("Costs 2 of Film calls, 1 of Browse calls");
  await assertAccessible(page, "with a price");
  assert.ok((await execute(page)).data, "nothing was drawn by asking");
  await eventually(
    () => price.allTextContents(),
    (texts) =>
      assert.match(
        texts.join(),
        /^Costs 2 of Film calls, 1 of Browse calls: passes in [56]\d seconds$|1 minute/,
      ),
  );
  await write(page, "{ a: randomFilm { id } b: randomFilm { id } c: randomFilm { id } }");
  await says("Costs 3 of Film calls: more than ever passes at once");
  await write(page, "{ nothing }");
  await says("");
});

test("a price that did not pass is asked for again when it would", async (t) => {
  const server = await startServer(t, { FILMGATE_LIMITS__FILM: "1/6 seconds" });
  const page = await open(server);
  const says = (wanted) =>
    eventually(
      () => page.locator(".price").allTextContents(),
      (texts) => assert.match(texts.join(), wanted),
    );
  await says(/^Costs 1 of Film calls$/);
  assert.ok((await execute(page)).data);
  await says(/passes in/);
  await says(/^Costs 1 of Film calls$/);
});

test("a refusal is counted down, and then calls pass again", async (t) => {
  const server = await startServer(t, { FILMGATE_LIMITS__FILM: "1/4 seconds" });
  const page = await open(server, { refusals: [429] });
  assert.ok((await execute(page)).data);
  const { errors } = await execute(page);
  assert.equal(errors[0].extensions.code, "RATE_LIMITED");
  await shows(page, "RATE_LIMITED");
  assert.match(await meter(page).textContent(), /^Over quota: again in 0:0[1-4]$/);
  await assertAccessible(page, "refused");
  await eventually(
    () => meter(page).textContent(),
    (text) => assert.doesNotMatch(text, /Over quota/),
  );
  assert.ok((await execute(page)).data);
});

test("faults of every kind are shown as the server tells them", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, { refusals: [400] });
  await choose(page, "AddFilm");
  await execute(page);
  assert.equal((await execute(page)).errors[0].extensions.code, "FILM_EXISTS");
  await shows(page, "FILM_EXISTS");
  await write(page, 'mutation { addFilm(input: { name: "", studio: "" }) { id } }');
  await execute(page);
  await shows(page, "/studio");
  await write(page, 'mutation { like(id: "99999") { id } }');
  await execute(page);
  await shows(page, "FILM_NOT_FOUND");
  await write(page, "{ nothing }");
  await execute(page);
  await shows(page, "GRAPHQL_VALIDATION_FAILED");
});

test("who may not add films is told so", async (t) => {
  const server = await startServer(t, { ...UNLIMITED, FILMGATE_AUTH__ANONYMOUS_ROLE: "voter" });
  const page = await open(server, { refusals: [403] });
  await choose(page, "AddFilm");
  await execute(page);
  await shows(page, "FORBIDDEN");
});

test("history and tabs survive a reload", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server);
  await write(page, "query Remembered { film(id: 1) { name } }");
  // GraphiQL remembers what its tab says, which follows what is typed by a moment.
  await tab(page, "Remembered").waitFor();
  await execute(page);
  await shows(page, "Frozen");
  await page.reload();
  await tab(page, "Remembered").waitFor();
  await button(page, "Show History").click();
  const history = page.locator(".graphiql-history");
  await history.getByText("Remembered").first().waitFor();
  await assertAccessible(page, "history open");
});

test("the curl line and the REST twin do in a shell what the tab does", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server);
  const line = async (label) => {
    await button(page, label).click();
    await page.getByText(`${label}: copied`).waitFor({ state: "attached" });
    return copied(page);
  };
  await choose(page, "ListFilms");
  const here = await execute(page);
  assert.deepEqual(JSON.parse(await shell(await line("Copy as curl"))), here);
  const twin = JSON.parse(await shell(await line("Copy the REST twin")));
  assert.deepEqual(
    twin.films.map(({ id }) => String(id)),
    here.data.films.edges.map(({ node }) => node.id),
  );
  await choose(page, "Like");
  await shell(await line("Copy as curl"));
  await shell(await line("Copy the REST twin"));
  assert.equal((await server.film(1)).likes, 2);
  await choose(page, "AddFilm");
  const added = JSON.parse(await shell(await line("Copy the REST twin")));
  assert.equal((await server.film(added.id)).name, added.name);
  await choose(page, "RandomFilm");
  assert.ok(JSON.parse(await shell(await line("Copy the REST twin"))).name);
});

test("the keyboard alone is enough", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server);
  await tabTo(page, tab(page, "Like"));
  await page.keyboard.press("Enter");
  const editor = page.locator(".graphiql-query-editor");
  for (let presses = 0; presses < 20; presses += 1) {
    if (await editor.evaluate((element) => element.contains(document.activeElement))) break;
    await page.keyboard.press("Tab");
  }
  assert.equal((await answer(page, () => page.keyboard.press("Control+Enter"))).data.like.likes, 1);
});

test("names of films are text", async (t) => {
  const server = await startServer(t, UNLIMITED);
  for (const name of [...HOSTILE].reverse())
    await server.post("/add_film", { name, studio: name, genres: [name.slice(0, 30)] });
  const page = await open(server, { size: PHONE });
  await write(
    page,
    "query Newest { films(sort: NEWEST, first: 5) { edges { node { name studio genres } } } }",
  );
  const { data } = await execute(page);
  assert.deepEqual(new Set(data.films.edges.map(({ node }) => node.name)), new Set(HOSTILE));
  await shows(page, "onerror");
  assert.equal(await page.locator(".result-window img, .result-window script").count(), 0);
});

test("where there is no answer it says what to do, and what it is that would come", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server);
  const told = (wanted) =>
    eventually(
      () => page.locator(".no-answer").textContent(),
      (now) => assert.match(now, wanted),
    );
  await told(/No answer yet.*round button, or Ctrl \+ Enter/);
  await choose(page, "LiveVotes");
  await told(/what happens from then on/);
  await button(page, "New tab").click();
  await told(/An empty tab.*sample tabs/);
  await choose(page, "RandomFilm");
  await execute(page);
  await shows(page, "randomFilm");
  assert.equal(await page.locator(".no-answer").count(), 0);
});

test("a phone has query and answer on one screen, and the rest behind a press", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, { size: PHONE });
  await execute(page);
  await shows(page, "randomFilm");
  const bottom = async (part) => {
    const { y, height } = await page.locator(part).boundingBox();
    return y + height;
  };
  assert.ok((await bottom(".graphiql-response")) <= PHONE.height + 1);
  const curl = page.getByRole("button", { name: "Copy as curl" });
  assert.equal(await curl.count(), 0);
  await button(page, "More").click();
  await curl.click();
  assert.match(await copied(page), /^curl '/);
  await assertAccessible(page, "unfolded");
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
});

for (const theme of ["light", "dark"]) {
  for (const size of [PHONE, undefined]) {
    test(`axe finds nothing, ${theme}, ${size ? "phone" : "desktop"}`, async (t) => {
      const server = await startServer(t, UNLIMITED);
      const page = await open(server, { theme, ...(size && { size }) });
      await assertAccessible(page, "empty");
      await execute(page);
      await shows(page, "randomFilm");
      await assertAccessible(page, "result");
      for (const panel of ["Documentation Explorer", "Explorer"]) {
        await button(page, `Show ${panel}`).click();
        await assertAccessible(page, `${panel} open`);
        await button(page, `Hide ${panel}`).click();
      }
    });
  }
}
