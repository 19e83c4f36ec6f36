import { byId } from "../shared/dom";
import type { Votes } from "./votes";
import { announce, voteInWords, waitInWords } from "./words";

export interface Remark {
  text: string;
  label?: string;
  run?(): void;
}

/** The line between ticket and buttons: what became of a vote, and how to undo it. */
export class Note {
  #text = byId("note-text");
  #action = byId<HTMLButtonElement>("note-action");
  #votes: Votes;
  #undo: () => void;
  #remark: Remark | undefined;
  #isWaiting = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(votes: Votes, undo: () => void) {
    this.#votes = votes;
    this.#undo = undo;
  }

  /** Says something until the next press. */
  say(remark: Remark): void {
    this.#remark = remark;
    this.tell();
  }

  /** What was said is read. */
  clear(): void {
    this.#remark = undefined;
    this.tell();
  }

  /** Tells what there is to tell now. */
  tell(): void {
    clearTimeout(this.#timer);
    const waits = waitInWords(this.#votes.outbox);
    // Heard once, and seen to count down.
    if (waits && !this.#isWaiting) announce(waits);
    this.#isWaiting = waits !== "";
    if (waits) this.#timer = setTimeout(() => this.tell(), 500);
    const { text, label = "", run } = this.#remark ?? this.#standing(waits);
    this.#text.textContent = text;
    this.#action.hidden = !run;
    this.#action.textContent = label;
    this.#action.onclick = () => run?.();
  }

  #standing(waits: string): Remark {
    const { outbox, undoable } = this.#votes;
    const undo = { label: "Undo", run: this.#undo };
    if (waits) {
      const isLost = !outbox.held?.answer;
      return {
        text: waits,
        ...(isLost ? { label: "Send now", run: () => outbox.retry() } : undoable && undo),
      };
    }
    return undoable ? { text: voteInWords(this.#votes.of(undoable.id), undoable), ...undo } : { text: "" };
  }
}
