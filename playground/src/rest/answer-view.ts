import type { Answer } from "../shared/api";
import { byId, create } from "../shared/dom";
import type { Problem } from "../shared/problem";
import { windowSentence } from "../shared/quota-words";
import { jsonNodes } from "./json-view";

/** Shows all that an answer tells. */
export function showAnswer(method: string, answer: Answer): void {
  byId("nothing").hidden = true;
  byId("shown").hidden = false;
  const status = byId("status");
  status.textContent = `${answer.status} ${answer.statusText}`;
  status.dataset.kind = answer.ok ? "good" : answer.status < 500 ? "refused" : "broken";
  byId("timing").textContent = `${milliseconds(answer.ms)} · ${size(answer.text)}`;
  showProblem(answer.problem);
  const json = byId("json");
  if (answer.json !== undefined) json.replaceChildren(...jsonNodes(answer.json));
  else json.textContent = answer.text || (method === "HEAD" ? "A HEAD has headers only." : "Empty.");
  showWindows(answer);
  byId("headers-count").textContent = String(answer.headers.length);
  byId("headers").replaceChildren(
    ...answer.headers.flatMap(([name, value]) => [create("dt", {}, name), create("dd", {}, value)]),
  );
}

/** Brings the answer into view: on a narrow page it stands below the form. */
export function reveal(): void {
  const status = byId("status");
  const { top, bottom } = status.getBoundingClientRect();
  if (top < 0 || bottom > innerHeight) status.scrollIntoView({ block: "start" });
}

/** Says that none came. */
export function showNoAnswer(reason: string): void {
  byId("nothing").hidden = true;
  byId("shown").hidden = false;
  const status = byId("status");
  status.textContent = "No answer";
  status.dataset.kind = "broken";
  byId("timing").textContent = "";
  showProblem(undefined);
  byId("json").textContent = `The server or the network is gone. The browser says: ${reason}`;
  byId("windows").replaceChildren();
  byId("headers-count").textContent = "0";
  byId("headers").replaceChildren();
}

function showProblem(problem: Problem | undefined): void {
  const box = byId("problem");
  box.hidden = !problem;
  if (!problem) return;
  const faults = problem.fields.map(({ pointer, detail }) =>
    create("li", {}, create("code", {}, pointer), ` ${detail}`),
  );
  box.replaceChildren(
    create("p", { class: "code mono" }, problem.code),
    create("p", {}, problem.detail),
    ...(faults.length ? [create("ul", {}, ...faults)] : []),
    ...(problem.instance ? [create("p", { class: "soft" }, `Request id ${problem.instance}`)] : []),
  );
}

function showWindows({ quota }: Answer): void {
  const rows = quota.map((window) => {
    const meter = create("meter", {
      min: "0",
      max: String(window.quota),
      value: String(window.remaining),
      "aria-label": window.name,
    });
    return create("li", {}, create("span", { class: "mono" }, window.name), meter, windowSentence(window));
  });
  byId("windows").replaceChildren(...(rows.length ? rows : [create("li", {}, "No limit applied.")]));
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

function size(text: string): string {
  const bytes = new TextEncoder().encode(text).length;
  return bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} kB`;
}
