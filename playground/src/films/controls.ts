import { byId } from "../shared/dom";
import type { Way } from "./motion";

export type Choice = "like" | "dislike" | "next";

export type Vote = Exclude<Choice, "next">;

interface Meaning {
  /** The parameter that records it. */
  query?: Vote;
  stamp?: "Liked" | "Disliked";
  /** Where the ticket goes. */
  way: Way;
  /** Before a countdown, when it was chosen during a rest. */
  later: string;
}

export const CHOICES: Record<Choice, Meaning> = {
  like: { query: "like", stamp: "Liked", way: "right", later: "Your like goes out in" },
  dislike: { query: "dislike", stamp: "Disliked", way: "left", later: "Your dislike goes out in" },
  next: { way: "up", later: "The next film comes by itself in" },
};

/** The three buttons. They are never disabled: a disabled button drops the focus of who works by keyboard. */
export class Controls {
  #buttons = {
    like: byId<HTMLButtonElement>("like"),
    dislike: byId<HTMLButtonElement>("dislike"),
    next: byId<HTMLButtonElement>("next"),
  };

  constructor(choose: (choice: Choice) => void) {
    for (const [choice, button] of this.#entries()) button.addEventListener("click", () => choose(choice));
  }

  /** Marks the one that has been pressed and is on its way. */
  arm(choice: Choice | undefined): void {
    for (const [name, button] of this.#entries()) button.toggleAttribute("data-armed", name === choice);
  }

  /** Votes need a film. */
  offerVotes(isOffered: boolean): void {
    for (const name of ["like", "dislike"] as const) {
      this.#buttons[name].setAttribute("aria-disabled", String(!isOffered));
    }
  }

  /** Which vote is one's own; undefined where nobody is signed in, and a vote is no state but a call. */
  press(vote: Vote | "none" | undefined): void {
    for (const name of ["like", "dislike"] as const) {
      if (vote === undefined) this.#buttons[name].removeAttribute("aria-pressed");
      else this.#buttons[name].setAttribute("aria-pressed", String(vote === name));
    }
  }

  /** Shows that it takes a while until the next press counts. */
  rest(isResting: boolean): void {
    for (const [, button] of this.#entries()) button.toggleAttribute("data-resting", isResting);
  }

  #entries(): [Choice, HTMLButtonElement][] {
    return Object.entries(this.#buttons) as [Choice, HTMLButtonElement][];
  }
}
