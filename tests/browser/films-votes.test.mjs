// Votes on the films page: when they are sent, what undoes them, and that each counts once.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  brings,
  button,
  CALM,
  calls,
  follow,
  hasVotes,
  isNow,
  listed,
  matches,
  number,
  open,
  text,
} from "./films-page.mjs";
import { assertAccessible, eventually, settled, startServer, UNLIMITED } from "./harness.mjs";

/** The server is not asked meanwhile: that would draw from the budget that the page lives on. */
const allSent = (page) =>
  eventually(
    () => page.evaluate(() => sessionStorage.getItem("filmgate.outbox")),
    (waiting) => assert.equal(waiting, "[]"),
    30_000,
  );
/** Likes by film, of all that have votes. */
async function votedFor(server) {
  const { films } = await (await fetch(`${server.url}/v1/films?minVotes=1&first=100`)).json();
  return new Map(films.map(({ id, likes, dislikes }) => [id, [likes, dislikes]]));
}

for (const [label, counts] of [
  ["Like", [1, 0]],
  ["Dislike", [0, 1]],
]) {
  test(`${label} is counted for the film that was shown, and brings the next`, async (t) => {
    const server = await startServer(t, UNLIMITED);
    const page = await open(server);
    const voted = await number(page);
    await brings(page, () => page.locator(`#${label.toLowerCase()}`).click());
    await hasVotes(server, voted, ...counts);
    const { data } = await server.graphql("query F($id: ID!) { film(id: $id) { likes dislikes } }", {
      id: voted,
    });
    assert.deepEqual([data.film.likes, data.film.dislikes], counts);
  });
}

test("a vote that is undone in time is never sent", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, CALM);
  const made = calls(page);
  const voted = await number(page);
  await brings(page, () => button(page, "Like").click());
  await matches(page, "note-text", /^Liked .+\.$/);
  await brings(page, () => button(page, "Undo").click());
  assert.equal(await number(page), voted, "the film is shown again");
  assert.equal(await page.locator("#like").getAttribute("aria-pressed"), "false");
  await brings(page, () => page.keyboard.press("d"));
  await brings(page, () => page.keyboard.press("u"));
  // Longer than it would have waited.
  await page.waitForTimeout(5000);
  assert.deepEqual(
    made.filter((call) => call.startsWith("POST")),
    [],
  );
  await hasVotes(server, voted, 0, 0);
});

test("without an account a vote that was counted stays, is remembered here, and is not cast twice", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, CALM, "#7");
  await isNow(page, "number", 7);
  await settled(page);
  await brings(page, () => page.keyboard.press("l"));
  await hasVotes(server, 7, 1, 0);
  await page.locator("#show-liked").click();
  assert.deepEqual(await listed(page, "liked"), [7]);
  await matches(page, "liked-note", /This browser alone remembers it/);
  await assertAccessible(page, "one's likes");
  await follow(page, 7);
  assert.equal(await page.locator("#like").getAttribute("aria-pressed"), "true");
  for (const key of ["l", "d"]) {
    await page.keyboard.press(key);
    await matches(page, "note-text", /stands: without an account it cannot be changed/);
    assert.equal(await number(page), 7);
  }
  await assertAccessible(page, "it stands");
  await page.reload();
  await isNow(page, "number", 7);
  assert.equal(await page.locator("#like").getAttribute("aria-pressed"), "true");
  await page.waitForTimeout(1000);
  await hasVotes(server, 7, 1, 0);
  await page.locator("#show-liked").click();
  await button(page, "Forget them").click();
  assert.deepEqual(await listed(page, "liked"), []);
  assert.equal(await page.evaluate(() => localStorage.getItem("filmgate.votes")), "[]");
  assert.equal(await page.locator("#like").getAttribute("aria-pressed"), "false");
  await hasVotes(server, 7, 1, 0);
});

test("who leaves at once has voted", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, CALM);
  const voted = await number(page);
  await brings(page, () => page.keyboard.press("l"));
  await page.goto("/playground/rest");
  await hasVotes(server, voted, 1, 0);
  // It was stored with its key: whoever comes back sends it again, and it counts once.
  await page.goBack();
  await page.locator("#ticket:not([hidden])").waitFor();
  await page.waitForTimeout(2000);
  await hasVotes(server, voted, 1, 0);
});

test("an answer that got lost makes no second vote", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, { ...CALM, isCutOff: true });
  let sent = 0;
  await page.route("**/like", async (route) => {
    sent += 1;
    if (sent > 2) return route.continue();
    await route.fetch();
    return route.abort();
  });
  const voted = await number(page);
  await brings(page, () => page.keyboard.press("l"));
  await matches(page, "note-text", /No answer: .* goes out in 0:0\d/);
  await assertAccessible(page, "no answer");
  // It may have been counted, so there is nothing to undo.
  await page.keyboard.press("u");
  assert.notEqual(await number(page), voted);
  await button(page, "Send now").click();
  await eventually(
    async () => sent,
    (now) => assert.equal(now, 3),
  );
  await isNow(page, "note-text", "");
  await hasVotes(server, voted, 1, 0);
});

test("votes that come faster than their budget go out one by one, and none is refused", async (t) => {
  const server = await startServer(t);
  const page = await open(server, CALM);
  const statuses = [];
  page.on("response", (response) => response.url().endsWith("/like") && statuses.push(response.status()));
  const voted = [];
  for (let press = 0; press < 4; press += 1) {
    voted.push(await number(page));
    await brings(page, () => page.keyboard.press("l"));
  }
  await allSent(page);
  assert.deepEqual(statuses, [200, 200, 200, 200]);
  const votes = await votedFor(server);
  assert.deepEqual([...votes.keys()].toSorted(), voted.toSorted());
  assert.ok([...votes.values()].every(([likes]) => likes === 1));
});

test("a vote over the budget is counted down and sent, and what is left is told when it is little", async (t) => {
  const server = await startServer(t, { FILMGATE_LIMITS__FILM: "1/6 seconds, 4/hour" });
  const page = await open(server, { ...CALM, refusals: [429] });
  // Somebody else at this address has just voted.
  await fetch(`${server.url}/v1/films/600/like`, { method: "POST" });
  const first = await number(page);
  await brings(page, () => page.keyboard.press("l"));
  const second = await number(page);
  await brings(page, () => page.keyboard.press("l"));
  await matches(page, "note-text", /Quick hands! Your like of .* goes out in 0:0\d, and 1 more after it\./);
  await assertAccessible(page, "votes that wait");
  assert.equal(await text(page, "quota"), "", "two of four are not little");
  await hasVotes(server, first, 1, 0);
  await hasVotes(server, second, 1, 0);
  await page.locator("#next").click();
  await brings(page, () => page.keyboard.press("l"));
  await matches(page, "quota", /^0 of 4 votes left this hour$/);
});

test("fifty fast presses are no more votes than the page says", async (t) => {
  const server = await startServer(t);
  const page = await open(server, CALM);
  for (let press = 0; press < 50; press += 1) {
    await page.locator("#like").evaluate((like) => like.click());
    await page.waitForTimeout(40);
  }
  await page.locator("#show-liked").click();
  const liked = await listed(page, "liked");
  assert.ok(liked.length >= 2 && liked.length <= 12, `${liked}`);
  await allSent(page);
  const votes = await votedFor(server);
  assert.deepEqual([...votes.keys()].toSorted(), liked.toSorted());
  assert.ok([...votes.values()].every(([likes]) => likes === 1));
});

test("a film that was taken away while it was shown is told of", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await open(server, { ...CALM, refusals: [404] }, "#5");
  await isNow(page, "number", 5);
  await settled(page);
  await page.route("**/v1/films/5/like", (route) =>
    route.continue({ url: `${server.url}/v1/films/99999/like` }),
  );
  await brings(page, () => page.keyboard.press("l"));
  await matches(page, "note-text", /was taken off the programme/);
  await page.locator("#show-past").click();
  assert.ok(!(await listed(page, "past")).includes(5));
});

test("who may not vote is told so, and not again and again", async (t) => {
  const server = await startServer(t, { ...UNLIMITED, FILMGATE_AUTH__ANONYMOUS_ROLE: "viewer" });
  const page = await open(server, { ...CALM, refusals: [403] });
  const made = calls(page);
  await brings(page, () => page.keyboard.press("l"));
  await matches(page, "note-text", /was not counted: /);
  await button(page, "Sign in").last().waitFor();
  await page.waitForTimeout(1500);
  assert.equal(made.filter((call) => call.startsWith("POST")).length, 1);
});
