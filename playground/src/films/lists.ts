import { byId } from "../shared/dom";
import type { Film } from "../shared/film";
import { current } from "../shared/session";
import type { Past } from "./past";
import { mark, row } from "./rows";
import type { Votes } from "./votes";

const NAMES = ["top", "liked", "past"] as const;
type Name = (typeof NAMES)[number];

/** The lists beside the ticket, one at a time: the top, what one likes, and what one has seen. */
export class Lists {
  #past: Past;
  #votes: Votes;

  constructor(past: Past, votes: Votes) {
    this.#past = past;
    this.#votes = votes;
    for (const name of NAMES) byId(`show-${name}`).addEventListener("click", () => this.#show(name));
    this.#show("top");
  }

  /** Shows what is so now. */
  draw(): void {
    const { liked } = this.#votes;
    byId("liked").replaceChildren(...liked.map((film) => row(film)));
    byId("liked-count").textContent = liked.length ? String(liked.length) : "";
    byId("liked-note").textContent = liked.length
      ? this.#whose()
      : `What you like stands here. ${this.#whose()}`;
    byId("past").replaceChildren(...this.#past.films.map((film) => this.#seen(film)));
  }

  #whose(): string {
    return current() ? "" : "This browser alone remembers it; sign in, and your votes go with you.";
  }

  #seen(film: Film): HTMLElement {
    const vote = this.#votes.of(film.id);
    const element = row(film, vote ? [mark(vote)] : []);
    if (film.id === this.#past.film?.id) element.querySelector("a")?.setAttribute("aria-current", "true");
    return element;
  }

  #show(shown: Name): void {
    for (const name of NAMES) {
      byId(`${name}-part`).hidden = name !== shown;
      byId(`show-${name}`).setAttribute("aria-pressed", String(name === shown));
    }
  }
}
