import { byId, create } from "../shared/dom";
import type { Film } from "../shared/film";
import { Live } from "../shared/live";

/** The film that was answered last, with counts that move when somebody votes. */
export class LiveFilm {
  #element = byId("film");
  #likes = create("b");
  #dislikes = create("b");
  #live = new Live({ voted: (film) => this.#count(film) });

  show(film: Film | undefined): void {
    this.#element.hidden = !film;
    this.#live.watch(film ? [film.id] : []);
    if (!film) return;
    const year = film.year === undefined ? "" : `, ${film.year}`;
    this.#count(film);
    this.#element.replaceChildren(
      create("p", { class: "film-name" }, create("bdi", {}, film.name)),
      create("p", { class: "soft" }, create("bdi", {}, film.studio), year),
      create("p", { class: "film-counts" }, this.#likes, " likes ", this.#dislikes, " dislikes"),
      create("p", { class: "soft" }, "These counts move when somebody votes. ", showLink(film.id)),
    );
  }

  #count({ likes, dislikes }: Film): void {
    for (const [element, count] of [
      [this.#likes, likes],
      [this.#dislikes, dislikes],
    ] as const) {
      const text = String(count);
      if (element.textContent !== text && element.isConnected) flash(element);
      element.textContent = text;
    }
  }
}

function showLink(id: number): HTMLElement {
  return create("a", { href: `/playground/films#${id}` }, "See it on its page");
}

function flash(element: HTMLElement): void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  element.animate([{ opacity: 0.2 }, {}], { duration: 500 });
}
