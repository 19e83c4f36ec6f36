// A browser that nobody has used before, and everything that went wrong in it.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";
import { PASSWORD } from "./server.mjs";

export { PASSWORD, shell, startServer, UNLIMITED } from "./server.mjs";

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 800 };
/** Milliseconds that anything may take on a busy machine. */
export const PATIENCE = 15_000;

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A request that leaves the host fails, besides being told of below.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

let browser;
before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ARGUMENTS });
});
after(() => browser?.close());

/**
 * Opens a page in a context of its own. When the case ends, whatever went wrong in the browser fails it. `refusals` are
 * the statuses that the case means to meet: the browser itself logs each of them as an error; `isCutOff` when it means
 * to meet no answer at all. `early` may prepare the page before it loads anything.
 */
export async function openPage(server, path, options = {}) {
  const {
    refusals = [],
    theme = "light",
    size = DESKTOP,
    reducedMotion = "no-preference",
    isCutOff = false,
    early,
    ...more
  } = options;
  const context = await browser.newContext({
    baseURL: server.url,
    colorScheme: theme,
    viewport: size,
    reducedMotion,
    permissions: ["clipboard-read", "clipboard-write"],
    ...more,
  });
  context.setDefaultTimeout(PATIENCE);
  const faults = [];
  server.beforeItStops(async () => {
    await context.close();
    assert.deepEqual(faults, [], "faults in the browser");
  });
  await context.addInitScript(() => {
    addEventListener(
      "securitypolicyviolation",
      ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
        console.error(`policy: ${violatedDirective} ${blockedURI} at ${sourceFile}:${lineNumber}`);
      },
    );
  });
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && url.origin !== server.url) {
      faults.push(`a request to another host: ${url}`);
    }
  });
  context.on("console", (message) => {
    const refused = message.text().match(/the server responded with a status of (\d+)/)?.[1];
    if (isCutOff && /net::ERR_/.test(message.text())) return;
    if (["error", "warning"].includes(message.type()) && !refusals.includes(Number(refused))) {
      faults.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  context.on("weberror", (error) => faults.push(`uncaught: ${error.error().stack}`));
  const page = await context.newPage();
  page.on("crash", () => faults.push("the page crashed"));
  await early?.(page);
  const answer = await page.goto(path);
  assert.equal(answer.status(), 200);
  return page;
}

/** Nothing that axe knows of keeps anybody out, in the state that the page is in. */
export async function assertAccessible(page, state) {
  // Axe judges no colour before a gradient: what lies under it is judged in its place.
  const flat = (isFlat) => {
    document.body.style.backgroundImage = isFlat ? "none" : "";
  };
  await page.evaluate(flat, true);
  // WCAG 2.2 has the size of what is pressed, which axe looks at when it is asked to.
  const builder = new AxeBuilder({ page }).options({ rules: { "target-size": { enabled: true } } });
  const { violations } = await builder.analyze();
  await page.evaluate(flat, false);
  const told = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map(({ html }) => html).join("\n  ")}`,
  );
  assert.deepEqual(told, [], `axe, ${state}`);
}

/** Signs in by the dialog of the page. */
export async function signIn(page, name, password = PASSWORD) {
  await page.locator("#who").click();
  await page.locator("#sign-in-name").fill(name);
  await page.locator("#sign-in-password").fill(password);
  await page.locator("#sign-in").getByRole("button", { name: "Sign in" }).click();
}

/** On the films page: what is pressed while a film leaves or comes is taken for a slip, and its colours are still faint. */
export async function settled(page) {
  await eventually(
    () => page.evaluate(() => document.getAnimations().length),
    (moving) => assert.equal(moving, 0),
  );
}

/** Waits until it holds, and fails with what it was last. */
export async function eventually(read, check, patience = PATIENCE) {
  const end = Date.now() + patience;
  for (;;) {
    const value = await read();
    try {
      check(value);
      return value;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Presses Tab until an element has the focus, which a person must be able to see. */
export async function tabTo(page, locator, most = 60) {
  for (let presses = 0; presses < most; presses += 1) {
    if (await locator.evaluate((element) => element === document.activeElement)) {
      const ring = await locator.evaluate((element) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
      });
      assert.ok(ring, `nothing shows the focus on ${locator}`);
      return;
    }
    await page.keyboard.press("Tab");
  }
  assert.fail(`the keyboard does not reach ${locator}`);
}

/** What the page has put on the clipboard. */
export const copied = (page) => page.evaluate(() => navigator.clipboard.readText());

/** Films with names that would do harm if they were taken for markup, or break a layout. */
export const HOSTILE = [
  "<img src=x onerror=\"console.error('taken for markup')\">",
  "</pre><script>console.error('taken for markup')</script>",
  "N".repeat(200),
  "\u05e1\u05e8\u05d8 \u0641\u064a\u0644\u0645 (2026)",
  "\u{1f3ac}\u{1f468}\u200d\u{1f469}\u200d\u{1f467} {{7*7}} \u0024{7*7} '; DROP TABLE film; --",
];
