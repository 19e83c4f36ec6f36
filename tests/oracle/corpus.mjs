// The documents that are judged, each named once in validation/: a document a line, or a JSON string where it is not
// one line of text.
import { readFileSync, readdirSync } from "node:fs";

const folder = new URL("validation/", import.meta.url);

/** Every document, in the order of the files. */
export function documents() {
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const text = readFileSync(new URL(file, folder), "utf8");
      if (file.endsWith(".json")) return JSON.parse(text);
      return text.split("\n").filter((line) => line !== "");
    });
}
