import { byId } from "../shared/dom";
import { keep, recall } from "../shared/kept";
import type { Choice } from "./controls";

/** One key for each, written on its button. Arrows are left to who scrolls. */
const KEYS: Record<string, Choice> = {
  d: "dislike",
  l: "like",
  n: "next",
  b: "back",
  u: "undo",
  "/": "search",
};

const STORED = "filmgate.keys";

/**
 * Keys for who would rather not reach for the mouse.
 *
 * Single letters can be set off by speech input and by resting hands, so they can be switched off; that is remembered.
 */
export function listenForKeys(choose: (choice: Choice) => void): void {
  const toggle = byId<HTMLInputElement>("keys");
  toggle.checked = recall("local", STORED) !== "off";
  toggle.addEventListener("change", () => keep("local", STORED, toggle.checked ? "on" : "off"));
  addEventListener("keydown", (event) => {
    const choice = KEYS[event.key.toLowerCase()];
    if (!choice || !toggle.checked || event.repeat || isTaken(event)) return;
    event.preventDefault();
    choose(choice);
  });
}

/** Whether the key belongs to somebody else: a field, a dialog, the browser. */
function isTaken({ target, ctrlKey, metaKey, altKey, defaultPrevented }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey || altKey || defaultPrevented) return true;
  if (document.querySelector("dialog[open]")) return true;
  return target instanceof Element && target.closest("input:not([type=checkbox]), textarea, select") !== null;
}
