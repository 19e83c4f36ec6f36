import { byId } from "../shared/dom";

/** The line between ticket and buttons. */
export class Note {
  #text = byId("note-text");
  #action = byId<HTMLButtonElement>("note-action");

  /** Whether it counts down. */
  isWaiting = false;
  /** Whether it has a button. */
  isAsking = false;

  say(text: string, action?: { label: string; run(): void }): void {
    this.isWaiting = !action;
    this.isAsking = Boolean(action);
    this.#text.textContent = text;
    this.#action.hidden = !action;
    this.#action.textContent = action?.label ?? "";
    this.#action.onclick = () => action?.run();
  }

  clear(): void {
    this.isWaiting = false;
    this.isAsking = false;
    this.#text.textContent = "";
    this.#action.hidden = true;
  }
}
