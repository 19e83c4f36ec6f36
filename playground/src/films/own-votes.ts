import { parseJson } from "../shared/json";
import { current, subscribe } from "../shared/session";
import type { Vote } from "./controls";

const STORED = "filmgate.votes";

/**
 * The votes of who is signed in, as far as they were cast in this tab: the server counts them and does not list them. A
 * vote that it already has is taken as it is; so one that is not known here can be pressed once more, and taken back.
 */
export class OwnVotes {
  #of = current()?.name;
  #votes: Record<string, Vote> = {};

  constructor() {
    const { of, votes } = stored();
    // Another account has votes of its own.
    if (this.#of !== undefined && of === this.#of) this.#votes = Object(votes);
    subscribe(() => {
      if (current()?.name === this.#of) return;
      this.#of = current()?.name;
      this.#votes = {};
      this.#store();
    });
  }

  of(film: number): Vote | undefined {
    const vote = this.#votes[film];
    return vote === "like" || vote === "dislike" ? vote : undefined;
  }

  set(film: number, vote: Vote | undefined): void {
    if (vote) this.#votes[film] = vote;
    else delete this.#votes[film];
    this.#store();
  }

  #store(): void {
    try {
      sessionStorage.setItem(STORED, JSON.stringify({ of: this.#of, votes: this.#votes }));
    } catch {
      // Then they are known for as long as the page is open.
    }
  }
}

function stored(): { of?: unknown; votes?: unknown } {
  try {
    return Object(parseJson(sessionStorage.getItem(STORED) ?? ""));
  } catch {
    return {};
  }
}
