import { create } from "../shared/dom";
import type { Film } from "../shared/film";
import { poster, tint } from "./poster";

/** A film in a list: its poster, small, and a link to it. `told` is what the list is about. */
export function row(film: Film, told: (Node | string)[] = []): HTMLLIElement {
  const art = create("span", { class: "thumb" }, poster(film));
  tint(art, film);
  const year = film.year === undefined ? "" : `, ${film.year}`;
  const words = create(
    "span",
    { class: "words" },
    create("bdi", { class: "film-name" }, film.name),
    create("span", { class: "soft" }, create("bdi", {}, film.studio), year),
  );
  return create(
    "li",
    { "data-film": String(film.id) },
    create("a", { href: `#${film.id}` }, art, words, ...told),
  );
}

/** A picture of a vote, with its word. */
export function mark(vote: "like" | "dislike"): HTMLElement {
  const label = vote === "like" ? "liked" : "disliked";
  return create(
    "span",
    { class: `mark ${vote}`, role: "img", "aria-label": label },
    vote === "like" ? "♥" : "✕",
  );
}
