import { byId, create } from "../shared/dom";
import type { Film } from "../shared/film";
import { bump, enter, leave, pause, type Way } from "./motion";
import { poster, tint } from "./poster";

/** What stands on the ticket when there is no film. */
export interface Message {
  title: string;
  text: string;
  action?: { label: string; run(): void };
}

const STAMP_STAYS = 480;

/** The ticket in the middle of the page: shows a film, or why there is none. */
export class Ticket {
  readonly element = byId("ticket");
  film: Film | undefined;
  #name = byId("name");
  #stamp = byId("stamp");

  /** Shows another film, with the old one going its way. */
  async show(film: Film, way: Way): Promise<void> {
    if (!this.element.hidden) await leave(this.element, way);
    this.film = film;
    this.#fill(film);
    byId("message").hidden = true;
    byId("stub").hidden = false;
    await enter(this.element);
  }

  /** Shows no film but a message. */
  say({ title, text, action }: Message): void {
    this.film = undefined;
    this.#frame(undefined, title);
    byId("studio").textContent = "filmgate";
    byId("year").textContent = "";
    byId("genres").replaceChildren();
    byId("genres").hidden = true;
    byId("stub").hidden = true;
    byId("message").hidden = false;
    this.amend(text);
    const button = byId("message-action");
    button.hidden = !action;
    button.textContent = action?.label ?? "";
    button.onclick = () => action?.run();
  }

  /** Another text for the message that stands there, such as the next second of a countdown. */
  amend(text: string): void {
    byId("message-text").textContent = text;
  }

  /** The counts of the film that is shown, as somebody changed them. */
  count({ likes, dislikes }: Pick<Film, "likes" | "dislikes">): void {
    if (!this.film) return;
    this.film = { ...this.film, likes, dislikes };
    for (const [id, count] of [
      ["likes", likes],
      ["dislikes", dislikes],
    ] as const) {
      const element = byId(id);
      const text = count.toLocaleString("en");
      if (element.textContent === text) continue;
      element.textContent = text;
      bump(element);
    }
  }

  /** Stamps a vote on the ticket, long enough to be seen. */
  async stamp(word: "Liked" | "Disliked"): Promise<void> {
    this.#stamp.textContent = word;
    this.#stamp.dataset.vote = word;
    this.#stamp.hidden = false;
    await pause(STAMP_STAYS);
  }

  #fill(film: Film): void {
    this.#frame(film, film.name);
    byId("studio").textContent = film.studio;
    byId("year").textContent = film.year === undefined ? "" : String(film.year);
    byId("genres").hidden = film.genres.length === 0;
    byId("genres").replaceChildren(...film.genres.map((genre) => create("li", {}, create("bdi", {}, genre))));
    byId("number").textContent = String(film.id);
    byId("likes").textContent = film.likes.toLocaleString("en");
    byId("dislikes").textContent = film.dislikes.toLocaleString("en");
    byId<HTMLAnchorElement>("link").href = `#${film.id}`;
  }

  #frame(film: Film | undefined, title: string): void {
    this.#stamp.hidden = true;
    tint(document.body, film);
    byId("art").replaceChildren(poster(film));
    this.#name.textContent = title;
    this.#name.dataset.length = lengthOf(title);
    this.element.hidden = false;
  }
}

/** Short names are set large; a word that is too long for its line makes the whole smaller. */
function lengthOf(title: string): string {
  const longest = Math.max(...title.split(/\s+/).map((word) => word.length));
  if (title.length <= 14 && longest <= 9) return "short";
  if (title.length <= 32 && longest <= 13) return "medium";
  return title.length <= 70 && longest <= 20 ? "long" : "endless";
}
