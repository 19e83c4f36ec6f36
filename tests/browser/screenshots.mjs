// Pictures of the pages for the README and docs/pages.md, into the folder of SCREENSHOTS. Run by `make screenshots`.
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { DESKTOP, eventually, openPage, PHONE, startServer, UNLIMITED } from "./harness.mjs";

const folder = process.env.SCREENSHOTS;

/** How each page is brought to the state that is shown, always the same film and answer, and the settings of its server. */
const PAGES = {
  films: [
    "/playground/films#1",
    async (page, server) => {
      for (const [place, id] of [1, 7, 19, 33, 58, 101, 164, 230, 301, 412].entries()) {
        for (let vote = 0; vote < 29 - 2 * place; vote += 1) {
          await fetch(`${server.url}/v1/films/${id}/${vote % 7 === 3 ? "dislike" : "like"}`, {
            method: "POST",
          });
        }
      }
      await page.reload();
      await page.getByRole("heading", { name: "Frozen" }).waitFor();
      await page.locator("#top [data-film]").nth(9).waitFor();
      await page.locator("#chips [data-genre]").first().waitFor();
    },
    UNLIMITED,
  ],
  rest: [
    "/playground/rest#like",
    async (page) => {
      await page.locator("#send").click();
      await page.locator("#film:not([hidden])").waitFor();
      // Time and port are other numbers each time.
      await page.evaluate(() => {
        document.querySelector("#timing").textContent = "1.8 ms · 116 B";
        const curl = document.querySelector("#curl");
        curl.textContent = curl.textContent.replace(location.host, "127.0.0.1:3000");
      });
    },
  ],
  graphiql: [
    "/playground",
    async (page) => {
      await page.locator(".view-line").first().waitFor();
      await page.locator(".graphiql-tabs").getByText("Like", { exact: true }).click();
      await page.waitForTimeout(1000);
      await page.locator(".graphiql-execute-button").click();
      await page.locator(".result-window").getByText("Frozen").waitFor();
      await page.mouse.move(0, 0);
    },
  ],
};

/** As WebP: in PNG the twelve are a megabyte. */
async function picture(page) {
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send("Page.captureScreenshot", { format: "webp", quality: 90 });
  return Buffer.from(data, "base64");
}

for (const [name, [path, prepare, settings]] of Object.entries(PAGES)) {
  for (const theme of ["light", "dark"]) {
    for (const [device, size] of [
      ["desktop", DESKTOP],
      ["phone", PHONE],
    ]) {
      test(`${name}, ${theme}, ${device}`, async (t) => {
        const server = await startServer(t, settings);
        const page = await openPage(server, path, { theme, size, reducedMotion: "reduce" });
        await prepare(page, server);
        await eventually(
          () =>
            page.evaluate(
              () => document.getAnimations().filter(({ playState }) => playState === "running").length,
            ),
          (moving) => {
            if (moving) throw new Error("it still moves");
          },
        );
        await writeFile(`${folder}/${name}-${theme}-${device}.webp`, await picture(page));
      });
    }
  }
}
