// Has MDN's HTTP Observatory grade paths of a server with TLS and an entrance for plain HTTP beside it.
// Usage: observatory.mjs PACKAGE HTTP_PORT HTTPS_PORT PATH... Prints a line for each path.
//
// Its own command knows neither ports nor paths, so that what it does is done here with its parts.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

const [folder, httpPort, httpsPort, ...paths] = process.argv.slice(2);
const part = (path) => import(join(folder, "src", path));
const { retrieve } = await part("retriever/retriever.js");
const { ALL_TESTS } = await part("constants.js");
const { getGradeForScore, getScoreModifier } = await part("grader/grader.js");
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await part("grader/charts.js");
const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));

for (const path of paths) {
  const answers = await retrieve("localhost", { httpPort, httpsPort, path });
  const results = ALL_TESTS.map((test) => test(answers));
  const points = results.map(({ result }) => getScoreModifier(result));
  const sum = (list) => list.reduce((total, next) => total + next, 100);
  const strict = sum(points.filter((points) => points < 0));
  // Points beyond what is asked count for those alone who have done what is asked.
  const { grade, score } = getGradeForScore(strict >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? sum(points) : strict);
  const failed = results.filter(({ pass }) => !pass).map(({ result }) => result);
  console.log(`${grade} (${score}) ${path} by Observatory ${version} ${failed.join(", ")}`.trim());
}
