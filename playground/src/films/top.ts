import { byId, create } from "../shared/dom";
import { type Film, readPage } from "../shared/film";
import { Live } from "../shared/live";
import { look } from "./look";
import { glide } from "./motion";
import { row } from "./rows";

/** Films of the list. */
const FIRST = 10;
/** Milliseconds after which others are looked for that have come up from below: nobody tells of their votes. */
const ANEW = 60_000;

type Order = "likes" | "rating";

/** The films that are liked most, or rated best. Their counts and places move as people vote. */
export class Top {
  #list = byId("top");
  #note = byId("top-note");
  #orders = [byId("by-likes"), byId("by-rating")];
  #order: Order = "likes";
  #films: Film[] = [];
  /** The server did not tell. */
  #isMissing = false;
  #live = new Live({ voted: (film) => this.count(film), missed: () => void this.#load() });
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    for (const button of this.#orders) {
      button.addEventListener("click", () => {
        this.#order = button.id === "by-rating" ? "rating" : "likes";
        for (const one of this.#orders) one.setAttribute("aria-pressed", String(one === button));
        void this.#load();
      });
    }
    void this.#load();
  }

  /** The film as somebody changed its counts. */
  count(film: Film): void {
    if (!this.#films.some(({ id }) => id === film.id)) {
      // One that was voted for here may have come up.
      const last = this.#films[FIRST - 1];
      if (last && before(this.#order, last, film) <= 0) return;
      this.#films.push(film);
    }
    this.#films = this.#films.map((known) => (known.id === film.id ? film : known));
    this.#draw();
  }

  async #load(): Promise<void> {
    this.#wait();
    const order = this.#order;
    const query = new URLSearchParams({ sort: order, minVotes: "1" });
    const answer = await look(`/v1/films?${query}`);
    const page = answer?.ok ? readPage(answer.json) : undefined;
    if (order !== this.#order) return;
    if (page) this.#films = page.films;
    this.#isMissing = !page;
    this.#draw();
  }

  /** Nobody is asked for a page that is not looked at. */
  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (document.hidden ? this.#wait() : void this.#load()), ANEW);
  }

  #draw(): void {
    this.#films = this.#films.toSorted((a, b) => before(this.#order, a, b)).slice(0, FIRST);
    const none = this.#isMissing
      ? "This list is not to be had just now. It is asked for again in a minute."
      : "Nobody has voted yet. The first like stands here.";
    this.#note.textContent = this.#films.length ? "" : none;
    const rows = this.#films.map((film) => row(film, [told(this.#order, film)]));
    glide(this.#list, () => this.#list.replaceChildren(...rows));
    // In the order of ids, so that a change of places opens no other connection.
    this.#live.watch(this.#films.map(({ id }) => id).toSorted((a, b) => a - b));
  }
}

/** As the server puts them in order: docs/rest.md has the formula. */
export function before(order: Order, a: Film, b: Film): number {
  return (order === "likes" ? b.likes - a.likes : rating(b) - rating(a)) || a.id - b.id;
}

/** The lower bound of the Wilson score interval at 95 %, in thousand-millionths. */
export function rating({ likes, dislikes }: Pick<Film, "likes" | "dislikes">): number {
  const n = likes + dislikes;
  if (n === 0 || likes === 0) return 0;
  const [z, p] = [1.96, likes / n];
  const bound =
    (p + z ** 2 / (2 * n) - z * Math.sqrt((p * (1 - p) + z ** 2 / (4 * n)) / n)) / (1 + z ** 2 / n);
  return Math.round(bound * 1e9);
}

function told(order: Order, { likes, dislikes }: Film): HTMLElement {
  const share = Math.round((100 * likes) / Math.max(1, likes + dislikes));
  const [text, label] =
    order === "likes"
      ? [`♥ ${likes.toLocaleString("en")}`, `${likes} likes`]
      : [`${share} %`, `${share} % of ${likes + dislikes} votes`];
  return create("span", { class: "told", role: "img", "aria-label": label }, text);
}
