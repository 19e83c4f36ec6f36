// Who signs in, on each page: what it looks like, what is sent, and where the token is.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  assertAccessible,
  copied,
  eventually,
  openPage,
  PASSWORD,
  PHONE,
  settled,
  shell,
  signIn,
  startServer,
  tabTo,
  UNLIMITED,
} from "./harness.mjs";

/** Each page, what shows that it is there, what makes it ask the server, and that it does what needs nobody. */
const PAGES = {
  films: [
    "/playground/films",
    async (page) => {
      await page.locator("#ticket:not([hidden])").waitFor();
      await settled(page);
    },
    // Another text each time: what was found before is known.
    (page) => page.locator("#search").fill(String(Math.random()).slice(2)),
    (page) => page.locator("#stub:not([hidden])").waitFor(),
  ],
  rest: [
    "/playground/rest#me",
    (page) => page.locator("#curl").filter({ hasText: "curl" }).waitFor(),
    (page) => page.locator("#send").click(),
    (page) => page.locator("#curl").filter({ hasNotText: "TOKEN" }).waitFor(),
  ],
  graphiql: [
    "/playground",
    async (page) => {
      await page.locator(".view-line").first().waitFor();
      await page.locator(".graphiql-execute-button:not([disabled])").waitFor();
    },
    (page) => page.locator(".graphiql-execute-button").click(),
    // Known from the schema alone.
    (page) => page.getByRole("button", { name: "Copy the REST twin", disabled: false }).waitFor(),
  ],
};

const who = (page) => page.locator("#who");
const dialog = (page) => page.locator("#sign-in");
const inDialog = (page, name) => dialog(page).getByRole("button", { name, exact: true });
const field = (page, name) => page.locator(`#sign-in-${name}`);
const says = (page, id, wanted) =>
  eventually(
    () => page.locator(`#${id}`).textContent(),
    (now) => assert.match(now, wanted),
  );

/** The server with an account, and the page that is ready. */
async function open(t, name, settings, options) {
  const server = await startServer(t, settings);
  await server.account("ada", "editor");
  const [path, isThere] = PAGES[name];
  const page = await openPage(server, path, options);
  await isThere(page);
  return { server, page };
}

const token = (page) => page.evaluate(() => JSON.parse(sessionStorage.getItem("filmgate.session"))?.token);

const meAs = async (server, secret) => {
  const answer = await fetch(`${server.url}/v1/me`, { headers: { Authorization: `Bearer ${secret}` } });
  return answer.ok ? (await answer.json()).name : answer.status;
};

/** All that the browser keeps or shows in its bar, but the one place where the token belongs. */
const kept = (page) =>
  page.evaluate(() => {
    const { "filmgate.session": _, ...session } = { ...sessionStorage };
    return JSON.stringify([location.href, document.cookie, { ...localStorage }, session, history.state]);
  });

for (const [name, [path, isThere, ask, shows]] of Object.entries(PAGES)) {
  test(`${name}: one signs in, stays so in this tab alone, and signs out`, async (t) => {
    const { server, page } = await open(t, name, UNLIMITED);
    const sent = [];
    page.on("request", (request) => sent.push(request));
    // Parts of the page, such as a worker of the editor, may come at any time.
    const lastCall = () => sent.filter((request) => request.resourceType() === "fetch").at(-1);
    await signIn(page, "Ada");
    await says(page, "who", /^ada, editor$/);
    await dialog(page).waitFor({ state: "hidden" });
    assert.equal(await page.evaluate(() => document.activeElement.id), "who", "the focus is back");
    assert.equal(await page.locator("input[type=password]").count(), 0, "nothing typed is left");
    const secret = await token(page);
    assert.equal(await meAs(server, secret), "ada");
    await ask(page);
    await eventually(
      async () => lastCall()?.headers().authorization,
      (header) => assert.equal(header, `Bearer ${secret}`),
    );
    const keepsNothing = async () => {
      const all = await kept(page);
      for (const word of [secret, PASSWORD]) assert.ok(!all.includes(word), all);
      for (const request of sent) assert.ok(!request.url().includes(secret), request.url());
    };
    await keepsNothing();
    await page.reload();
    await isThere(page);
    await says(page, "who", /^ada, editor$/);
    const other = await page.context().newPage();
    await other.goto(path);
    await says(other, "who", /^Sign in$/);
    await other.close();
    await who(page).click();
    await dialog(page).getByText("You are ada, editor.").waitFor();
    await dialog(page)
      .getByText(/The session ends on .*, in 1[12] hours/)
      .waitFor();
    await inDialog(page, "Sign out").click();
    await says(page, "who", /^Sign in$/);
    assert.equal(await token(page), undefined);
    await keepsNothing();
    await eventually(
      () => meAs(server, secret),
      (answer) => assert.equal(answer, 401),
    );
    await ask(page);
    await eventually(
      async () => lastCall()?.headers().authorization,
      (header) => assert.equal(header, undefined),
    );
  });

  test(`${name}: a session that the server has ended is told of, and one signs in again`, async (t) => {
    const { server, page } = await open(t, name, UNLIMITED, { refusals: [401] });
    await server.account("bob", "voter");
    await signIn(page, "bob");
    await says(page, "who", /^bob, voter$/);
    await server.disable("bob");
    await ask(page);
    await says(page, "who-note", /Your session has ended/);
    await says(page, "who", /^Sign in again$/);
    assert.equal(await token(page), undefined);
    await settled(page);
    await assertAccessible(page, "ended");
    await who(page).click();
    await dialog(page)
      .getByText(/Your session has ended/)
      .waitFor();
    assert.equal(await field(page, "name").inputValue(), "bob");
    await field(page, "name").fill("ada");
    await field(page, "password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await says(page, "who", /^ada, editor$/);
    await says(page, "who-note", /^$/);
  });

  test(`${name}: a session that ended while nobody looked takes nothing else along`, async (t) => {
    const { server, page } = await open(t, name, UNLIMITED, { refusals: [401] });
    await server.account("bob", "voter");
    await signIn(page, "bob");
    await says(page, "who", /^bob, voter$/);
    await server.disable("bob");
    await page.reload();
    await isThere(page);
    await says(page, "who-note", /Your session has ended/);
    await shows(page);
  });

  for (const [theme, size] of [
    ["light", undefined],
    ["dark", PHONE],
  ]) {
    test(`${name}: axe finds nothing, ${theme}`, async (t) => {
      const { page } = await open(t, name, UNLIMITED, { theme, refusals: [401], ...(size && { size }) });
      await who(page).click();
      await assertAccessible(page, "asked who one is");
      await inDialog(page, "Sign in").click();
      await says(page, "sign-in-name-fault", /Name is missing/);
      await assertAccessible(page, "faults");
      await inDialog(page, "Use a key").click();
      await assertAccessible(page, "asked for a key");
      await page.keyboard.press("Escape");
      await signIn(page, "ada");
      await says(page, "who", /^ada, editor$/);
      await assertAccessible(page, "signed in");
      await who(page).click();
      await dialog(page).getByText("You are ada").waitFor();
      await assertAccessible(page, "who one is");
      if (size) {
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.equal(width, size.width, "no sideways scroll");
      }
    });
  }
}

test("a wrong password is told beside its field, and the dialog forgets it", async (t) => {
  const { page } = await open(t, "films", UNLIMITED, { refusals: [401] });
  for (const name of ["ada", "nobody"]) {
    await signIn(page, name, "wrong");
    await says(page, "sign-in-password-fault", /The name or the password is wrong\./);
    assert.equal(await page.evaluate(() => document.activeElement.id), "sign-in-password");
    assert.equal(await field(page, "password").getAttribute("aria-invalid"), "true");
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "hidden" });
    assert.equal(await page.evaluate(() => document.activeElement.id), "who");
  }
  await who(page).click();
  assert.equal(await field(page, "password").inputValue(), "");
  assert.equal(await field(page, "password").getAttribute("autocomplete"), "current-password");
  assert.equal(await field(page, "name").getAttribute("autocomplete"), "username");
});

test("who tries too often is told how long to wait, and then may", async (t) => {
  const { page } = await open(
    t,
    "films",
    { FILMGATE_LIMITS__LOGIN: "1/8 seconds" },
    { refusals: [401, 429] },
  );
  await signIn(page, "ada", "wrong");
  await says(page, "sign-in-password-fault", /wrong/);
  await field(page, "password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await eventually(
    () =>
      dialog(page)
        .getByRole("button", { name: /^Sign in/ })
        .textContent(),
    (label) => assert.match(label, /^Sign in \(in 0:\d\d\)$/),
  );
  await dialog(page).getByText("Too many requests").waitFor();
  await assertAccessible(page, "throttled");
  await inDialog(page, "Sign in").click();
  await says(page, "who", /^ada, editor$/);
});

test("a server that is gone is told of, and what was typed stays", async (t) => {
  const { server, page } = await open(t, "rest", UNLIMITED, { isCutOff: true });
  await server.stop();
  await signIn(page, "ada");
  await dialog(page).getByText("No answer").waitFor();
  assert.equal(await field(page, "name").inputValue(), "ada");
  await server.start();
  await inDialog(page, "Sign in").click();
  await says(page, "who", /^ada, editor$/);
  await server.stop();
  await who(page).click();
  await inDialog(page, "Sign out").click();
  await says(page, "who", /^Sign in$/);
  await says(page, "who-note", /did not confirm/);
  await server.start();
});

test("what is brought along is used as it is, and only forgotten", async (t) => {
  const { server, page } = await open(t, "rest", UNLIMITED, { refusals: [401] });
  const elsewhere = await server.post("/v1/session", { name: "ada", password: PASSWORD });
  await who(page).click();
  await inDialog(page, "Use a key").click();
  for (const [none, why] of [
    ["f\u00fcr mich", /This is none/],
    ["fg_no", /\w+/],
  ]) {
    await field(page, "token").fill(none);
    await page.keyboard.press("Enter");
    await says(page, "sign-in-token-fault", why);
  }
  await page.keyboard.press("Escape");
  for (const secret of [await server.key("ada"), (await elsewhere.json()).token]) {
    await who(page).click();
    await inDialog(page, "Use a key").click();
    await field(page, "token").fill(` ${secret} `);
    await page.keyboard.press("Enter");
    await says(page, "who", /^ada, editor$/);
    await page.locator("#send").click();
    await says(page, "json", /"ada"/);
    await who(page).click();
    await inDialog(page, "Forget it").click();
    await says(page, "who", /^Sign in$/);
    await page.waitForTimeout(300);
    assert.equal(await meAs(server, secret), "ada", "it goes on");
  }
});

test("the keyboard alone is enough", async (t) => {
  const { page } = await open(t, "films", UNLIMITED);
  await tabTo(page, who(page));
  await page.keyboard.press("Enter");
  await page.keyboard.type("ada");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await says(page, "who", /^ada, editor$/);
  // What was typed was no vote.
  assert.equal(await page.locator("#likes").textContent(), "0");
});

test("a vote of one's own leads on, and is shown, switched and taken back on its film", async (t) => {
  const { server, page } = await open(t, "films", UNLIMITED);
  const film = async (id) => {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#${id}`);
    await says(page, "number", new RegExp(`^${id}$`));
  };
  const pressed = async () => [
    await page.locator("#like").getAttribute("aria-pressed"),
    await page.locator("#dislike").getAttribute("aria-pressed"),
  ];
  const votes = (wanted) =>
    eventually(
      async () => {
        const { likes, dislikes } = await server.film(7);
        return [await pressed(), [likes, dislikes]];
      },
      (now) => assert.deepEqual(now, wanted),
    );
  await film(7);
  await signIn(page, "ada");
  await votes([
    ["false", "false"],
    [0, 0],
  ]);
  await settled(page);
  await page.locator("#like").click();
  await says(page, "number", /^(?!7$)/);
  await settled(page);
  await page.locator("#back").click();
  await says(page, "number", /^7$/);
  await votes([
    ["true", "false"],
    [1, 0],
  ]);
  await settled(page);
  await assertAccessible(page, "liked");
  await page.locator("#dislike").click();
  await votes([
    ["false", "true"],
    [0, 1],
  ]);
  await says(page, "dislikes", /^1$/);
  await settled(page);
  await assertAccessible(page, "disliked");
  await page.locator("#dislike").click();
  await votes([
    ["false", "false"],
    [0, 0],
  ]);
  await says(page, "dislikes", /^0$/);
  await page.keyboard.press("l");
  await says(page, "number", /^(?!7$)/);
  await settled(page);
  await film(9);
  assert.deepEqual(await pressed(), ["false", "false"], "another film");
  await film(7);
  await votes([
    ["true", "false"],
    [1, 0],
  ]);
  await page.reload();
  await says(page, "number", /^7$/);
  await votes([
    ["true", "false"],
    [1, 0],
  ]);
  await who(page).click();
  await inDialog(page, "Sign out").click();
  await votes([
    ["false", "false"],
    [1, 0],
  ]);
});

test("who may add films once signed in, may on the films page", async (t) => {
  const settings = { ...UNLIMITED, FILMGATE_AUTH__ANONYMOUS_ROLE: "voter" };
  const { page } = await open(t, "films", settings, { refusals: [403] });
  const add = async () => {
    await page.getByRole("button", { name: "Add a film" }).click();
    await page.locator("#add-name").fill("Night Train");
    await page.locator("#add-studio").fill("Kadr");
    await page.locator("#send").click();
  };
  await add();
  await says(page, "fault", /cannot be added from here/);
  await page.locator("#cancel").click();
  await signIn(page, "ada");
  await says(page, "who", /^ada/);
  await add();
  await says(page, "name", /^Night Train$/);
});

test("under the default limits one's votes follow each other without a refusal", async (t) => {
  const { page } = await open(t, "films", {}, { reducedMotion: "reduce" });
  await signIn(page, "ada");
  await says(page, "who", /^ada/);
  const answered = [];
  page.on("response", (response) => response.url().endsWith("/like") && answered.push(response.status()));
  for (let turn = 1; turn <= 3; turn += 1) {
    const before = await page.locator("#number").textContent();
    await page.locator("#like").click();
    await says(page, "number", new RegExp(`^(?!${before}$)`));
    await settled(page);
  }
  await eventually(
    async () => answered,
    (now) => assert.deepEqual(now, [200, 200, 200]),
  );
});

test("the tester's curl line has a variable for the token, and does the same", async (t) => {
  const { page } = await open(t, "rest", UNLIMITED);
  await signIn(page, "ada");
  await says(page, "curl", /-H "Authorization: Bearer \$FILMGATE_TOKEN"$/);
  await page.locator("#curl-hint").waitFor();
  await page.locator("#copy").click();
  await says(page, "copy", /Copied/);
  const line = await copied(page);
  const secret = await token(page);
  assert.ok(!line.includes(secret), line);
  assert.equal(JSON.parse(await shell(`FILMGATE_TOKEN=${secret}; ${line}`)).name, "ada");
});

test("the tester keeps no password and no token", async (t) => {
  const { page } = await open(t, "rest", UNLIMITED);
  await page.goto("/playground/rest#signIn");
  await page.locator("#field-name").fill("ada");
  await page.locator("#field-password").fill(PASSWORD);
  await says(page, "curl", /"password": "'"\$FILMGATE_PASSWORD"'"/);
  assert.ok(!(await page.locator("#body").inputValue()).includes(PASSWORD));
  await page.locator("#send").click();
  await says(page, "status", /^201/);
  // Told with the answer, as the endpoint does.
  const { token: secret } = JSON.parse(await page.locator("#json").textContent());
  assert.match(secret, /^fgs_/);
  await page.locator("#history button").first().click();
  await says(page, "json", /"\$FILMGATE_TOKEN"/);
  assert.ok(!(await page.locator("body").innerHTML()).includes(secret));
  // Written by hand, it goes out as it stands, and is not kept either.
  await page.locator("#body").fill(`{"name":"ada","password":"${PASSWORD}"}`);
  await says(page, "curl", /FILMGATE_PASSWORD/);
  await page.locator("#send").click();
  await says(page, "status", /^201/);
  await page.locator("#body").fill("");
  await page.locator("#history button").first().click();
  assert.match(await page.locator("#body").inputValue(), /"\$FILMGATE_PASSWORD"/);
  assert.ok(!(await kept(page)).includes(PASSWORD));
});

/** Writes an operation into a new tab of GraphiQL. */
async function write(page, query) {
  await page.getByRole("button", { name: "New tab" }).click();
  await page.locator(".graphiql-query-editor .view-lines").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(query);
}

const answers = (page, text) =>
  eventually(
    () => page.locator(".result-window .view-lines").textContent(),
    (now) => assert.ok(now.replaceAll("\u00a0", " ").includes(text), `${text} in ${now}`),
  );

test("GraphiQL asks as who one is, and copies a variable for the token", async (t) => {
  const { page } = await open(t, "graphiql", UNLIMITED);
  await signIn(page, "ada");
  await says(page, "who", /^ada/);
  await write(page, "query WhoAmI { me { name } }");
  await page.locator(".graphiql-tabs").getByText("WhoAmI").waitFor();
  await page.locator(".graphiql-execute-button").click();
  await answers(page, '"name": "ada"');
  await page.getByRole("button", { name: "Copy as curl" }).click();
  await page.getByText("Copy as curl: copied").waitFor({ state: "attached" });
  const line = await copied(page);
  const secret = await token(page);
  assert.ok(line.includes('"Authorization: Bearer $FILMGATE_TOKEN"') && !line.includes(secret), line);
  assert.equal(JSON.parse(await shell(`FILMGATE_TOKEN=${secret}; ${line}`)).data.me.name, "ada");
  assert.ok(!(await kept(page)).includes(secret));
});

test("GraphiQL keeps no password that was typed into an operation", async (t) => {
  const { page } = await open(t, "graphiql", UNLIMITED);
  await write(page, `mutation ByHand { signIn(input: { name: "ada", password: "${PASSWORD}" }) { token } }`);
  await page.locator(".graphiql-tabs").getByText("ByHand").waitFor();
  await page.locator(".graphiql-execute-button").click();
  await answers(page, '"token"');
  await page.waitForTimeout(1000);
  const all = await kept(page);
  assert.ok(all.includes("ByHand") && !all.includes(PASSWORD) && !all.includes("fgs_"), all);
  await page.getByRole("button", { name: "Copy as curl" }).click();
  await page.getByText("Copy as curl: copied").waitFor({ state: "attached" });
  const line = await copied(page);
  assert.ok(!line.includes(PASSWORD), line);
  const { data } = JSON.parse(await shell(`FILMGATE_PASSWORD='${PASSWORD}'; ${line}`));
  assert.match(data.signIn.token, /^fgs_/);
  const tabs = await page.locator(".graphiql-tab").count();
  await page.reload();
  await page.locator(".graphiql-tabs").getByText("ByHand").waitFor();
  assert.equal(await page.locator(".graphiql-tab").count(), tabs);
});

test("a subscription goes on as whoever signs in or out", async (t) => {
  const { server, page } = await open(t, "graphiql", UNLIMITED);
  const inits = [];
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => {
      const message = JSON.parse(payload);
      if (message.type === "connection_init") inits.push(message.payload?.Authorization);
    });
  });
  const opened = (count) =>
    eventually(
      async () => inits.length,
      (now) => assert.equal(now, count),
    );
  const hears = (vote, wanted) =>
    eventually(
      async () => {
        await fetch(`${server.url}/?${vote}=1`);
        return page.locator(".result-window .view-lines").textContent();
      },
      (now) => assert.match(now, wanted),
    );
  await page.locator(".graphiql-tabs").getByText("LiveVotes", { exact: true }).click();
  await page.locator(".graphiql-execute-button").click();
  await opened(1);
  await hears("like", /"likes":.[1-9]/);
  await signIn(page, "ada");
  await opened(2);
  await hears("dislike", /"dislikes":.[1-9]/);
  const secret = await token(page);
  await who(page).click();
  await inDialog(page, "Sign out").click();
  await opened(3);
  assert.deepEqual(inits, [undefined, `Bearer ${secret}`, undefined]);
  await page.locator(".graphiql-execute-button").click();
});

test("pages and sign-in are on one line of a small phone", async (t) => {
  const server = await startServer(t, UNLIMITED);
  for (const [path, ready] of Object.values(PAGES)) {
    const page = await openPage(server, path, { size: { width: 360, height: 740 } });
    await ready(page);
    const middles = await page.locator(".bar").evaluate((bar) =>
      [".brand", "nav", "#who"].map((part) => {
        const { top, bottom } = bar.querySelector(part).getBoundingClientRect();
        return (top + bottom) / 2;
      }),
    );
    assert.ok(Math.max(...middles) - Math.min(...middles) < 4, `${path}: ${middles}`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  }
});
