// What the cases of the REST tester have in common.
import assert from "node:assert/strict";
import { eventually, openPage } from "./harness.mjs";

export const PATH = "/playground/rest";

export const text = (page, id) => page.locator(`#${id}`).textContent();
export const matches = (page, id, wanted) =>
  eventually(
    () => text(page, id),
    (now) => assert.match(now, wanted),
  );

export async function open(server, endpoint = "", options = {}) {
  const page = await openPage(server, `${PATH}${endpoint && `#${endpoint}`}`, options);
  await page.locator("#curl").filter({ hasText: "curl" }).waitFor();
  return page;
}

/** Clicks an endpoint of the list. The page hears of its new address later than the click has ended. */
export async function choose(page, endpoint) {
  const link = `#endpoints a[href="#${endpoint}"]`;
  await page.locator(link).click();
  await page.locator(`${link}[aria-current]`).waitFor();
}

/** Sends what the form says; the answer's status, once it is shown. */
export async function send(page, wanted) {
  const calls = await page.locator("#history li").count();
  await page.locator("#send").click();
  await eventually(
    () => page.locator("#history li").count(),
    (now) => assert.equal(now, Math.min(calls + 1, 30)),
  );
  await matches(page, "status", new RegExp(`^${wanted} `));
}

export const body = async (page) => JSON.parse(await text(page, "json"));
