import { byId } from "../shared/dom";
import type { Way } from "./motion";

export type Vote = "like" | "dislike";

export type Choice = Vote | "next" | "back" | "undo" | "search";

interface Meaning {
  /** What is stamped on the ticket, and said. */
  stamp: "Liked" | "Disliked";
  /** Where the ticket goes. */
  way: Way;
}

export const VOTES: Record<Vote, Meaning> = {
  like: { stamp: "Liked", way: "right" },
  dislike: { stamp: "Disliked", way: "left" },
};

const BUTTONS = ["back", "dislike", "next", "like"] as const;

/** The buttons below the ticket. They are never disabled: a disabled button drops the focus of who works by keyboard. */
export class Controls {
  constructor(choose: (choice: Choice) => void) {
    for (const choice of BUTTONS) byId(choice).addEventListener("click", () => choose(choice));
  }

  /** Votes need a film, and the way back one before it. */
  offer(isFilm: boolean, isBack: boolean): void {
    for (const vote of ["like", "dislike"]) byId(vote).setAttribute("aria-disabled", String(!isFilm));
    byId("back").setAttribute("aria-disabled", String(!isBack));
  }

  /** Which vote is one's own. */
  press(own: Vote | undefined): void {
    for (const vote of ["like", "dislike"]) byId(vote).setAttribute("aria-pressed", String(vote === own));
  }
}
