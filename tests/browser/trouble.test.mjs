// What goes wrong around the pages: storage, clipboard, addresses, proxies, a server that is gone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible, eventually, openPage, startServer, UNLIMITED } from "./harness.mjs";

/** Each page, with what shows that it works. */
const PAGES = {
  films: [
    "/playground/films",
    async (page) => {
      await page.locator("#ticket:not([hidden])").waitFor();
      // What is pressed while the film comes is taken for a slip.
      await eventually(
        () => page.evaluate(() => document.getAnimations().length),
        (moving) => assert.equal(moving, 0),
      );
    },
  ],
  rest: [
    "/playground/rest",
    async (page) => {
      await page.locator("#send").click();
      await page.locator("#status").filter({ hasText: "200 OK" }).waitFor();
    },
  ],
  graphiql: [
    "/playground",
    async (page) => {
      await page.locator(".view-line").first().waitFor();
      await page.locator(".graphiql-tabs").getByText("Like", { exact: true }).click();
      await page.locator(".graphiql-execute-button").click();
      // A column that somebody drew narrow breaks its lines anywhere.
      await eventually(
        () => page.locator(".result-window .view-lines").textContent(),
        (now) => assert.match(now.replaceAll(/\s/g, ""), /"name":"Frozen"/),
      );
    },
  ],
  basic: [
    "/playground/basic",
    async (page) => {
      await page.getByRole("button", { name: "Run" }).click();
      await page.locator("#status").filter({ hasText: "200 OK" }).waitFor();
    },
  ],
};

const GARBAGE = [
  "{",
  "null",
  "[]",
  "7",
  '{"tabs":[null],"activeTabIndex":-3,"queries":7,"favorites":[1]}',
  "\u0000",
];

/** What the films page may find where it keeps films and votes. */
const FILMS_GARBAGE = [
  "{",
  "null",
  "7",
  '{"films":[null,{"id":1}],"at":-3,"ahead":[7],"next":{},"of":[]}',
  '[null,{"film":{"id":"1"},"vote":"like","key":7,"from":{}}]',
];

/** As a proxy whose server is gone. */
const BAD_GATEWAY = {
  status: 502,
  contentType: "text/html",
  body: "<html><body><h1>502 Bad Gateway</h1><script>console.error('taken for markup')</script></body></html>",
};

const shows = (page, id, wanted) =>
  eventually(
    () => page.locator(`#${id}`).textContent(),
    (now) => assert.match(now, wanted),
  );

for (const [name, [path, works]] of Object.entries(PAGES)) {
  test(`${name} works where the browser stores nothing`, async (t) => {
    const server = await startServer(t, UNLIMITED);
    const early = (page) =>
      page.addInitScript(() => {
        for (const storage of ["localStorage", "sessionStorage"]) {
          Object.defineProperty(window, storage, {
            get() {
              throw new DOMException("denied", "SecurityError");
            },
          });
        }
      });
    await works(await openPage(server, path, { early }));
  });

  for (const garbage of { graphiql: GARBAGE, films: FILMS_GARBAGE }[name] ?? ["{"]) {
    test(`${name} works with ${JSON.stringify(garbage)} in its storage`, async (t) => {
      const server = await startServer(t, UNLIMITED);
      const early = (page) =>
        page.addInitScript((value) => {
          for (const part of ["session", "deck", "past", "outbox"])
            sessionStorage.setItem(`filmgate.${part}`, value);
          for (const key of [
            "filmgate.keys",
            "filmgate.votes",
            ...[
              "tabState",
              "theme",
              "queries",
              "favorites",
              "query",
              "variables",
              "headers",
              "visiblePlugin",
            ].map((end) => `graphiql:${end}`),
            ...["shouldPersistHeaders", "secondaryEditorFlex", "editorFlex", "docExplorerFlex"].map(
              (end) => `graphiql:${end}`,
            ),
          ]) {
            localStorage.setItem(key, value);
          }
        }, garbage);
      await works(await openPage(server, path, { early, refusals: [400] }));
    });
  }
}

for (const hash of [
  "<img src=x onerror=console.error(1)>",
  "-1",
  "999999999999999999999",
  "%",
  "%00",
  "../../x",
  "1?like=1",
]) {
  test(`#${hash} is no film and harms nobody`, async (t) => {
    const server = await startServer(t, UNLIMITED);
    const page = await openPage(server, `/playground/films#${hash}`, { refusals: [400, 404] });
    await shows(page, "message-text", /There is no film/);
    await page.goto(`/playground/rest#${hash}`);
    await PAGES.rest[1](page);
    assert.equal(await page.locator("img").count(), 0);
  });
}

test("where the clipboard is closed, the text can be taken by hand", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const early = (page) =>
    page.addInitScript(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException("denied", "NotAllowedError"));
    });
  const page = await openPage(server, "/playground/rest", { early });
  await page.locator("#copy").click();
  await shows(page, "copy", /Selected/);
  assert.match(await page.evaluate(() => getSelection().toString()), /^curl '/);
  await page.goto("/playground/films#1");
  await shows(page, "name", /Frozen/);
  await page.locator("#link").click();
  await page.waitForURL("**/films#1");
  await page.goto("/playground");
  await page.locator(".view-line").first().waitFor();
  await page.getByRole("button", { name: "Copy as curl" }).click();
  const line = page.getByRole("dialog").getByRole("textbox");
  assert.match(await line.inputValue(), /^curl '/);
  await assertAccessible(page, "copied by hand");
});

test("the page of a proxy is told in plain words, and never taken for markup", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const proxied = async (path, works) => {
    const page = await openPage(server, path, { refusals: [502] });
    await works?.(page);
    await page.route(/\/(graphql|add_film|v1\/.*)?(\?.*)?$/, (route) => route.fulfill(BAD_GATEWAY));
    return page;
  };
  const films = await proxied("/playground/films", PAGES.films[1]);
  await films.locator("#like").click();
  await shows(films, "note-text", /answered in its place: 502 Bad Gateway\. Your like of .* goes out in/);
  await films.locator("#add").click();
  await films.locator("#send").click();
  await shows(films, "fault", /answered in its place: 502 Bad Gateway/);
  const rest = await proxied("/playground/rest");
  await rest.locator("#send").click();
  await shows(rest, "status", /502 Bad Gateway/);
  await shows(rest, "json", /<h1>/);
  const graphiql = await proxied("/playground", PAGES.graphiql[1]);
  await graphiql.locator(".graphiql-execute-button").click();
  await graphiql.locator(".result-window").getByText("502 Bad Gateway").first().waitFor();
  const basic = await proxied("/playground/basic");
  await basic.getByRole("button", { name: "Run" }).click();
  await shows(basic, "status", /502 Bad Gateway/);
  await shows(basic, "result", /<h1>/);
});

test("who may not add films is told so in words, also by a proxy", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await openPage(server, "/playground/films", { refusals: [403] });
  await PAGES.films[1](page);
  await page.route("**/add_film", (route) => route.fulfill({ ...BAD_GATEWAY, status: 403 }));
  await page.locator("#add").click();
  await page.locator("#send").click();
  await shows(page, "fault", /cannot be added from here.*403 Forbidden/);
});

test("a problem with hostile words is text", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const hostile = "<img src=x onerror=console.error(1)></script>\u202e";
  const body = {
    title: hostile,
    detail: hostile,
    code: hostile,
    instance: hostile,
    filmId: hostile,
    fields: [
      { pointer: `/name`, detail: hostile },
      { pointer: hostile, detail: hostile },
    ],
  };
  for (const status of [409, 422, 500]) {
    const page = await openPage(server, "/playground/films#1", { refusals: [status] });
    await PAGES.films[1](page);
    await page.route(/\/(add_film|v1\/films\/1\/like)$/, (route) => route.fulfill({ status, json: body }));
    await page.locator("#like").click();
    await shows(page, "note-text", /<img/);
    await page.locator("#add").click();
    await page.locator("#send").click();
    await shows(page, "fault", /<img|already there/);
    const rest = await openPage(server, "/playground/rest", { refusals: [status] });
    await rest.route(/\/$/, (route) => route.fulfill({ status, json: body }));
    await rest.locator("#send").click();
    await shows(rest, "problem", /<img/);
    for (const one of [page, rest]) assert.equal(await one.locator("img").count(), 0);
  }
});

test("a refusal that lost its headers on the way is not followed by a storm", async (t) => {
  const server = await startServer(t, UNLIMITED);
  let calls = 0;
  const early = (page) =>
    page.route(/sort=shuffled/, (route) => {
      calls += 1;
      return route.fulfill({ ...BAD_GATEWAY, status: 429 });
    });
  const page = await openPage(server, "/playground/films", { early, refusals: [429] });
  await shows(page, "message-text", /0:0\d/);
  await page.waitForTimeout(3000);
  assert.ok(calls <= 2, `${calls} calls`);
});

test("without quota headers a refusal is still waited out", async (t) => {
  const server = await startServer(t, { FILMGATE_LIMITS__FILM: "1/3 seconds" });
  const early = (page) =>
    page.route(/\/like$/, async (route) => {
      const response = await route.fetch();
      const headers = Object.fromEntries(
        Object.entries(response.headers()).filter(([name]) => !/ratelimit|retry-after/i.test(name)),
      );
      await route.fulfill({ response, headers });
    });
  const page = await openPage(server, "/playground/films#1", { early, refusals: [429] });
  await PAGES.films[1](page);
  // Somebody else has just used up what the vote would need.
  await page.locator("#like").click();
  await page.waitForTimeout(3000);
  await fetch(`${server.url}/v1/films/2/like`, { method: "POST" });
  await shows(page, "note-text", /0:0\d/);
  await eventually(
    () => server.film(1),
    ({ likes }) => assert.equal(likes, 1),
  );
  await shows(page, "note-text", /^$/);
});

test("a server that is gone is told of, and when it is back so is all that was there", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await openPage(server, "/playground/films#1", { isCutOff: true });
  await shows(page, "name", /Frozen/);
  const streams = [];
  page.on("request", (request) => request.url().includes("/events") && streams.push(Date.now()));
  await page.waitForTimeout(1000);
  await server.stop();
  await page.locator("#like").click();
  await shows(page, "note-text", /No answer: .*Your like of Frozen goes out in/);
  await assertAccessible(page, "no answer");
  await page.locator("#add").click();
  await page.locator("#add-name").fill("Kept");
  await page.locator("#send").click();
  await shows(page, "fault", /No answer/);
  await page.locator("#cancel").click();
  await page.waitForTimeout(7000);
  // Twice as long each time, and from the beginning again for another film.
  assert.ok(streams.length >= 2 && streams.length <= 6, `${streams.length} tries`);
  const [before, last] = streams.slice(-2);
  assert.ok(last - before > 3500, `${last - before} ms between the last two`);
  // Those that were dealt are still there; for more it says what is wrong.
  await eventually(
    async () => {
      await page.locator("#next").click();
      return page.locator("#message-text").textContent();
    },
    (told) => assert.match(told, /does not answer/),
    30_000,
  );
  await assertAccessible(page, "no more films");
  await server.start();
  await page.locator("#message-action").click();
  await page.locator("#stub:not([hidden])").waitFor();
  // The vote goes out by itself, once.
  await eventually(
    () => server.film(1),
    ({ likes }) => assert.equal(likes, 1),
    30_000,
  );
  await page.locator("#add").click();
  assert.equal(await page.locator("#add-name").inputValue(), "Kept");
});

test("the way back leads to the film before", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await openPage(server, "/playground/films#7");
  await shows(page, "number", /^7$/);
  await page.evaluate(() => {
    location.hash = "#9";
  });
  await shows(page, "number", /^9$/);
  await page.goBack();
  await shows(page, "number", /^7$/);
});

test("a tab that nobody looks at holds no connection, and catches up", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await openPage(server, "/playground/films#1", { isCutOff: true });
  const open = page.waitForResponse(/events/);
  await shows(page, "name", /Frozen/);
  await open;
  const look = (hidden) =>
    page.evaluate((value) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  const closed = page.waitForEvent("requestfailed", (request) => request.url().includes("events"));
  await look(true);
  await closed;
  await fetch(`${server.url}/?like=1`);
  await page.waitForTimeout(300);
  assert.equal(await page.locator("#likes").textContent(), "0");
  await look(false);
  await shows(page, "likes", /^1$/);
});

test("a finger swipes", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await openPage(server, "/playground/films#1", {
    size: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
  });
  await shows(page, "name", /Frozen/);
  await page.waitForTimeout(600);
  const touch = await page.context().newCDPSession(page);
  const swipe = async (from, to) => {
    const at = (x) => [{ x, y: 250 }];
    await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(from) });
    for (let step = 1; step <= 8; step += 1) {
      await touch.send("Input.dispatchTouchEvent", {
        type: "touchMove",
        touchPoints: at(from + ((to - from) * step) / 8),
      });
    }
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  };
  await swipe(200, 240);
  await page.waitForTimeout(300);
  assert.equal((await server.film(1)).likes, 0, "a twitch is no vote");
  await swipe(120, 320);
  await eventually(
    () => server.film(1),
    ({ likes }) => assert.equal(likes, 1),
  );
});

for (const [name, [path, works]] of Object.entries(PAGES)) {
  test(`${name} at 200 % and in forced colours`, async (t) => {
    const server = await startServer(t, UNLIMITED);
    const page = await openPage(server, path, { size: { width: 640, height: 400 }, forcedColors: "active" });
    await works(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 640);
    await assertAccessible(page, "zoomed");
    for (const colorScheme of ["dark", "light"]) {
      await page.emulateMedia({ forcedColors: "none", colorScheme });
      await page.waitForTimeout(500);
      await assertAccessible(page, `switched to ${colorScheme}`);
    }
    await page.setViewportSize({ width: 320, height: 640 });
    // The editors measure themselves anew a moment later.
    await eventually(
      () => page.evaluate(() => document.documentElement.scrollWidth),
      (width) => assert.equal(width, 320),
    );
  });
}

test("on a phone the endpoint that is chosen is in view", async (t) => {
  const server = await startServer(t, UNLIMITED);
  const page = await openPage(server, "/playground/rest#rateLimit", { size: { width: 390, height: 844 } });
  const box = await page.locator("#endpoints [aria-current]").boundingBox();
  // Scrolling ends at a whole pixel, and what is scrolled begins at a part of one.
  assert.ok(box.x > -1 && box.x + box.width < 391, JSON.stringify(box));
});
