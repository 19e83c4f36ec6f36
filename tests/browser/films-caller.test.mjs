// Votes on the films page of who is signed in, and what becomes of them when the caller is another.
import assert from "node:assert/strict";
import { test } from "node:test";
import { brings, button, CALM, calls, hasVotes, listed, matches, number, open, text } from "./films-page.mjs";
import { eventually, signIn, startServer, UNLIMITED } from "./harness.mjs";

const NAME = "ada";

async function withAccount(t) {
  const server = await startServer(t, UNLIMITED);
  await server.account(NAME, "voter");
  return server;
}

/** The page says that somebody is signed in. */
const isSignedIn = (page) => matches(page, "who", /ada/);
const isSignedOut = (page) => matches(page, "who", /^Sign in/);

async function signOut(page) {
  await page.locator("#who").click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await isSignedOut(page);
}

/** Long enough for a vote that waits to be sent. */
const wait = (page) => page.waitForTimeout(5000);

test("who is signed in sees their votes of before, and their likes", async (t) => {
  const server = await startServer(t, UNLIMITED);
  await server.account("ada", "voter");
  const session = await (
    await server.post("/v1/session", { name: "ada", password: "correct horse battery" })
  ).json();
  for (const [id, vote] of [
    [3, "like"],
    [7, "dislike"],
    [9, "like"],
  ]) {
    const headers = { Authorization: `Bearer ${session.token}` };
    await fetch(`${server.url}/v1/films/${id}/${vote}`, { method: "POST", headers });
  }
  const page = await open(server, CALM, "#7");
  await signIn(page, "ada");
  await eventually(
    () => page.locator("#dislike").getAttribute("aria-pressed"),
    (now) => assert.equal(now, "true"),
  );
  await page.locator("#show-liked").click();
  assert.deepEqual(await listed(page, "liked"), [9, 3]);
  await page.locator("#like").click();
  await hasVotes(server, 7, 1, 0);
  await eventually(
    () => listed(page, "liked"),
    (now) => assert.deepEqual(now, [7, 9, 3]),
  );
  await page.keyboard.press("u");
  await hasVotes(server, 7, 0, 1);
  assert.equal(await text(page, "number"), "7");
});

test("a vote without an account is not sent again as that of an account", async (t) => {
  const server = await withAccount(t);
  const page = await open(server, CALM);
  const voted = await number(page);
  await brings(page, () => page.keyboard.press("l"));
  await page.goto("/playground/rest");
  await hasVotes(server, voted, 1, 0);
  await signIn(page, NAME);
  await isSignedIn(page);
  const made = calls(page);
  await page.goto("/playground/films");
  await page.locator("#ticket:not([hidden])").waitFor();
  await wait(page);
  assert.deepEqual(
    made.filter((call) => !call.startsWith("GET")),
    [],
  );
  await hasVotes(server, voted, 1, 0);
});

test("a vote of an account is not sent again as nobody's", async (t) => {
  const server = await withAccount(t);
  const page = await open(server, { ...CALM, isCutOff: true });
  await signIn(page, NAME);
  await isSignedIn(page);
  const voted = await number(page);
  await page.route("**/like", (route) => route.abort());
  await brings(page, () => page.keyboard.press("l"));
  await matches(page, "note-text", /No answer/);
  await page.goto("/playground/rest");
  await signOut(page);
  await page.unroute("**/like");
  const made = calls(page);
  await page.goto("/playground/films");
  await page.locator("#ticket:not([hidden])").waitFor();
  await wait(page);
  assert.deepEqual(
    made.filter((call) => call.includes("/like")),
    [],
  );
  // It got through as the account's when the page was left.
  await hasVotes(server, voted, 1, 0);
});

test("a vote of an account that comes back is sent as its own", async (t) => {
  const server = await withAccount(t);
  const page = await open(server, { ...CALM, isCutOff: true });
  await signIn(page, NAME);
  await isSignedIn(page);
  const voted = await number(page);
  await page.route("**/like", (route) => route.abort());
  await brings(page, () => page.keyboard.press("l"));
  await matches(page, "note-text", /No answer/);
  const stored = await page.evaluate(() => sessionStorage.getItem("filmgate.outbox"));
  assert.doesNotMatch(stored, /fgs_/, "no token is stored with it");
  await page.goto("/playground/rest");
  await page.unroute("**/like");
  const again = page.waitForResponse(`**/v1/films/${voted}/like`);
  await page.goto("/playground/films");
  assert.equal((await again).status(), 200);
  await hasVotes(server, voted, 1, 0);
});

test("a vote that was not sent when somebody signs in is told of, and not cast as theirs", async (t) => {
  const server = await withAccount(t);
  const page = await open(server, CALM);
  const made = calls(page);
  const voted = await number(page);
  const name = await text(page, "name");
  await brings(page, () => page.keyboard.press("l"));
  await signIn(page, NAME);
  await eventually(
    () => text(page, "note-text"),
    (now) => assert.equal(now, `You signed in, so your like of ${name} was not counted.`),
  );
  await wait(page);
  assert.deepEqual(
    made.filter((call) => call.includes("/like")),
    [],
  );
  await hasVotes(server, voted, 0, 0);
});

test("a vote whose session has ended is not counted, and told of", async (t) => {
  const server = await withAccount(t);
  const page = await open(server, { ...CALM, refusals: [401] });
  await signIn(page, NAME);
  await isSignedIn(page);
  await server.disable(NAME);
  const voted = await number(page);
  const name = await text(page, "name");
  await page.keyboard.press("l");
  await eventually(
    () => text(page, "note-text"),
    (now) => assert.equal(now, `You were signed out, so your like of ${name} was not counted.`),
  );
  await button(page, "Sign in").last().waitFor();
  await hasVotes(server, voted, 0, 0);
  await page.locator("#show-liked").click();
  assert.deepEqual(await listed(page, "liked"), []);
});

test("votes that waited when their session ended are all told of", async (t) => {
  const server = await withAccount(t);
  const page = await open(server, { ...CALM, refusals: [401] });
  await signIn(page, NAME);
  await isSignedIn(page);
  let answer;
  const mayAnswer = new Promise((resolve) => {
    answer = resolve;
  });
  await page.route("**/like", async (route) => {
    await mayAnswer;
    await route.continue();
  });
  for (let press = 0; press < 3; press += 1) await brings(page, () => page.keyboard.press("l"));
  await server.disable(NAME);
  answer();
  await matches(page, "note-text", /^You were signed out, so your last 3 votes were not counted\.$/);
});
