import { byId, create } from "../shared/dom";
import type { Film } from "../shared/film";

const STAYS = 8_000;

/** Mentions a film that somebody added, for a while: a link that leads to it. */
export class Toast {
  #element = byId("toast");
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Added from this page: no news. */
  #own = new Set<number>();

  constructor() {
    this.#element.addEventListener("click", () => this.#hide());
  }

  isOwn(id: number): void {
    this.#own.add(id);
  }

  mention(film: Film): void {
    // A hundred films at once are an import and not worth a hundred words.
    if (this.#own.has(film.id) || !this.#element.hidden) return;
    const link = create("a", { href: `#${film.id}` }, film.name);
    this.#element.replaceChildren("Just added: ", link);
    this.#element.hidden = false;
    this.#timer = setTimeout(() => this.#hide(), STAYS);
  }

  #hide(): void {
    clearTimeout(this.#timer);
    // Not from under the hand of who is about to press it.
    if (this.#element.matches(":focus-within, :hover")) this.#timer = setTimeout(() => this.#hide(), 1_000);
    else this.#element.hidden = true;
  }
}
