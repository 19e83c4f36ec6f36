import { byId } from "../shared/dom";
import type { Film } from "../shared/film";
import { current } from "../shared/session";
import { glide } from "./motion";
import type { Past } from "./past";
import { mark, row } from "./rows";
import type { Votes } from "./votes";

const NAMES = ["top", "liked", "past"] as const;
type Name = (typeof NAMES)[number];

/** The lists beside the ticket, one at a time: the top, what one likes, and what one has seen. */
export class Lists {
  #past: Past;
  #votes: Votes;
  #shown: Name = "top";

  constructor(past: Past, votes: Votes) {
    this.#past = past;
    this.#votes = votes;
    for (const name of NAMES) byId(`show-${name}`).addEventListener("click", () => this.#show(name));
    byId("forget").addEventListener("click", () => votes.forgetAll());
    this.#show("top");
  }

  /** Shows what is so now, of the list that is seen. */
  draw(): void {
    const { liked } = this.#votes;
    byId("liked-count").textContent = liked.length ? String(liked.length) : "";
    if (this.#shown === "past")
      fill(
        "past",
        this.#past.films.map((film) => this.#seen(film)),
      );
    if (this.#shown !== "liked") return;
    fill(
      "liked",
      liked.map((film) => row(film)),
    );
    const missing = this.#votes.isMissing
      ? "Your votes of before are not to be had just now. A reload asks again."
      : "";
    const whose = current()
      ? missing
      : "This browser alone remembers it; sign in, and your votes go with you.";
    byId("liked-note").textContent = liked.length ? whose : `What you like stands here. ${whose}`;
    byId("forget").hidden = !liked.length || current() !== undefined;
  }

  #seen(film: Film): HTMLElement {
    const vote = this.#votes.of(film.id);
    const element = row(film, vote ? [mark(vote)] : []);
    if (film.id === this.#past.film?.id) element.querySelector("a")?.setAttribute("aria-current", "true");
    return element;
  }

  #show(shown: Name): void {
    this.#shown = shown;
    for (const name of NAMES) {
      byId(`${name}-part`).hidden = name !== shown;
      byId(`show-${name}`).setAttribute("aria-pressed", String(name === shown));
    }
    this.draw();
  }
}

function fill(list: Name, rows: HTMLElement[]): void {
  const element = byId(list);
  glide(element, () => element.replaceChildren(...rows));
}
