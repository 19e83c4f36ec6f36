import { byId } from "../shared/dom";

/** The line between ticket and buttons. */
export class Note {
  #text = byId("note-text");
  #action = byId<HTMLButtonElement>("note-action");

  /** Whether it counts down. */
  isWaiting = false;

  say(text: string, action?: { label: string; run(): void }): void {
    this.isWaiting = !action;
    this.#text.textContent = text;
    this.#action.hidden = !action;
    this.#action.textContent = action?.label ?? "";
    this.#action.onclick = () => action?.run();
  }

  clear(): void {
    this.isWaiting = false;
    this.#text.textContent = "";
    this.#action.hidden = true;
  }
}
