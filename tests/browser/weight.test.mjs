// What a first visit loads: docs/pages.md states it, and this holds it to that.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage, startServer, UNLIMITED } from "./harness.mjs";

/** Of what is stated: a smaller change of a library is no news. */
const MARGIN = 1.05;

const pages = await readFile(new URL("../../docs/pages.md", import.meta.url), "utf8");

for (const path of ["/playground/films", "/playground/rest", "/playground", "/playground/basic"]) {
  test(`the first load of ${path} weighs what docs/pages.md says`, async (t) => {
    const server = await startServer(t, UNLIMITED);
    // By path: two workers of one file load it once, and both are heard of.
    const files = new Map();
    const early = (page) =>
      page.on("response", (response) => {
        const { pathname } = new URL(response.url());
        if (pathname.startsWith("/playground"))
          files.set(pathname, Number(response.headers()["content-length"]));
      });
    const page = await openPage(server, path, { early });
    await page.waitForLoadState("networkidle");
    // Workers and editors are fetched when those before them have run, which takes its time on a busy machine.
    for (let seen = -1; seen !== files.size; ) {
      seen = files.size;
      await page.waitForTimeout(3000);
    }
    const parts = [...files];
    const bytes = parts.reduce((sum, [, length]) => sum + length, 0);
    t.diagnostic(`${path}: ${(bytes / 1000).toFixed(1)} kB in ${parts.length} files`);
    assert.ok(bytes > 0, parts.join("\n"));
    // All of it may come within a second, and the bucket `flood` has 100.
    assert.ok(parts.length < 60, `${parts.length} requests`);
    const stated = pages.match(new RegExp(`\`${path}\`.*?([\\d,]+) kB`))?.[1].replace(",", "");
    assert.ok(
      bytes <= 1000 * stated * MARGIN,
      `${bytes} bytes, ${stated} kB are stated:\n${parts.join("\n")}`,
    );
    assert.ok(
      bytes >= (1000 * stated) / MARGIN / MARGIN,
      `${bytes} bytes, ${stated} kB are stated: say the less`,
    );
  });
}
