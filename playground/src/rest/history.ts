import type { Answer } from "../shared/api";
import type { Call } from "../shared/curl";
import { byId, create } from "../shared/dom";
import { parseJson } from "../shared/json";
import { discreet, withoutSecrets } from "../shared/secrets";

/** A call and what came of it. */
export interface Entry {
  call: Call;
  /** Undefined when none came. */
  answer: Answer | undefined;
  reason: string;
}

const LONGEST = 30;

/** The entry as it may be kept: passwords, tokens and keys are shown once, with the answer that tells them. */
export function kept({ call, answer, reason }: Entry): Entry {
  const text = answer && withoutSecrets(answer.text);
  const told = answer && text !== undefined ? { ...answer, text, json: parseJson(text) } : answer;
  return { call: discreet(call), answer: told, reason };
}

/** The calls of this visit, the latest first. They are in memory alone. */
export class History {
  #list = byId("history");
  #shown: (entry: Entry) => void;

  constructor(shown: (entry: Entry) => void) {
    this.#shown = shown;
  }

  add(entry: Entry): void {
    byId("past").hidden = false;
    const { call, answer } = entry;
    const { pathname, search } = new URL(call.url);
    const button = create(
      "button",
      { type: "button" },
      create("span", { class: "method" }, call.method),
      create("span", { class: "path" }, pathname + search),
      create(
        "span",
        { class: "status", "data-kind": answer?.ok ? "good" : "refused" },
        String(answer?.status ?? "none"),
      ),
    );
    button.addEventListener("click", () => {
      this.#mark(button);
      this.#shown(entry);
    });
    this.#list.prepend(create("li", {}, button));
    this.#mark(button);
    while (this.#list.children.length > LONGEST) this.#list.lastElementChild?.remove();
  }

  #mark(chosen: HTMLButtonElement): void {
    for (const button of this.#list.querySelectorAll("button")) {
      if (button === chosen) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }
}
