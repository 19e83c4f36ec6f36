import { byId } from "../shared/dom";
import type { Choice } from "./controls";

const KEYS: Record<string, Choice> = {
  arrowleft: "dislike",
  arrowright: "like",
  d: "dislike",
  l: "like",
  n: "next",
};

const STORED = "filmgate.keys";

/**
 * Keys for who would rather not reach for the mouse.
 *
 * Single letters can be set off by speech input and by resting hands, so they can be switched off; that is remembered.
 */
export function listenForKeys(choose: (choice: Choice) => void): void {
  const toggle = byId<HTMLInputElement>("keys");
  toggle.checked = remembered();
  toggle.addEventListener("change", () => remember(toggle.checked));
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

/** A browser may refuse to remember anything. */
function remembered(): boolean {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true;
  }
}

function remember(isOn: boolean): void {
  try {
    localStorage.setItem(STORED, isOn ? "on" : "off");
  } catch {
    // Then it holds for this visit.
  }
}
