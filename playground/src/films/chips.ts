import { byId, create } from "../shared/dom";
import { type Film, readPage } from "../shared/film";
import { readList } from "../shared/page";
import { look } from "./look";

/** Genres to choose from at most. */
const MOST = 500;

interface Genre {
  name: string;
  films: number;
}

/** The genres to choose from, the commonest first, and how many films each has. */
export class Chips {
  #list = byId("chips");
  #all = byId<HTMLButtonElement>("all");
  #more = byId<HTMLButtonElement>("more");
  #note = byId("chips-note");
  #genres: Genre[] = [];
  #isOpen = false;
  #genre: string | undefined;
  #total: number | undefined;
  /** Whether no genre is missing. */
  #isWhole = false;
  /** Films that were added while the page is open: one is told of by its answer and by its event. */
  #added = new Set<number>();
  #choose: (genre: string | undefined) => void;

  constructor(genre: string | undefined, choose: (genre: string | undefined) => void) {
    this.#genre = genre;
    this.#choose = choose;
    this.#all.addEventListener("click", () => this.#pick(undefined));
    this.#more.addEventListener("click", () => {
      this.#isOpen = !this.#isOpen;
      this.#draw();
    });
    new ResizeObserver(() => this.#fit()).observe(this.#list);
    this.#draw();
    void this.#load();
  }

  /** How many films there are, of all genres. */
  count(total: number): void {
    this.#total = total;
    this.#draw();
  }

  /** Asks how many there are, where no page of all films tells it. */
  async ask(): Promise<void> {
    const page = readPage((await look("/v1/films?first=1"))?.json);
    if (page) this.count(page.total);
  }

  /** One more film was added. */
  added({ id, genres }: Film): void {
    if (this.#added.has(id)) return;
    this.#added.add(id);
    if (this.#total !== undefined) this.#total += 1;
    for (const name of genres) {
      const known = this.#genres.find((genre) => genre.name.toLowerCase() === name.toLowerCase());
      if (known) known.films += 1;
      else if (this.#isWhole) this.#genres.push({ name, films: 1 });
    }
    this.#draw();
  }

  /** Without them the page does what it did. */
  async #load(): Promise<void> {
    const { entries, total } = (await readList("/v1/genres", "genres", MOST, look)) ?? {};
    this.#genres = readGenres(entries).sort((a, b) => b.films - a.films);
    this.#isWhole = this.#genres.length === total;
    this.#note.textContent =
      total === undefined
        ? "The genres are not to be had just now. A reload asks again."
        : this.#genres.length < total
          ? `These are ${this.#genres.length} of ${total} genres.`
          : "";
    this.#draw();
  }

  #pick(genre: string | undefined): void {
    if (genre === this.#genre) return;
    this.#genre = genre;
    this.#draw();
    this.#choose(genre);
  }

  #draw(): void {
    this.#all.replaceChildren("All", ...number(this.#total));
    this.#all.setAttribute("aria-pressed", String(this.#genre === undefined));
    // The buttons that are there stay, and with them the focus.
    const known = new Map(
      [...this.#list.querySelectorAll<HTMLElement>("[data-genre]")].map((chip) => [chip.dataset.genre, chip]),
    );
    for (const { name, films } of this.#genres) {
      const chip = known.get(name) ?? this.#chip(name);
      known.delete(name);
      chip.replaceChildren(create("bdi", {}, name), ...number(films));
      chip.setAttribute("aria-pressed", String(name.toLowerCase() === this.#genre?.toLowerCase()));
    }
    for (const chip of known.values()) chip.remove();
    this.#fit();
  }

  /** Of the line that has no room for all, the last ones are behind a press; the one that is chosen never is. */
  #fit(): void {
    const chips = [...this.#list.querySelectorAll<HTMLElement>("[data-genre]")];
    for (const chip of chips) chip.hidden = false;
    this.#more.hidden = true;
    const isFull = () => this.#more.offsetTop > this.#all.offsetTop;
    this.#more.setAttribute("aria-expanded", String(this.#isOpen));
    this.#more.textContent = "Fewer";
    if (!chips.some((chip) => chip.offsetTop > this.#all.offsetTop)) return;
    this.#more.hidden = false;
    if (this.#isOpen) return;
    let hidden = 0;
    for (const chip of chips.toReversed()) {
      this.#more.textContent = `${hidden} more`;
      if (!isFull()) break;
      if (chip.getAttribute("aria-pressed") === "true") continue;
      chip.hidden = true;
      hidden += 1;
    }
    this.#more.textContent = `${hidden} more`;
  }

  #chip(name: string): HTMLElement {
    const chip = create("button", { class: "chip", type: "button", "data-genre": name });
    chip.addEventListener("click", () => this.#pick(name));
    this.#more.before(chip);
    return chip;
  }
}

function readGenres(entries: unknown[] = []): Genre[] {
  return entries.flatMap((one) => {
    const { name, films } = Object(one) as Record<string, unknown>;
    return typeof name === "string" && typeof films === "number" ? [{ name, films }] : [];
  });
}

function number(count: number | undefined): HTMLElement[] {
  return count === undefined ? [] : [create("span", { class: "count" }, count.toLocaleString("en"))];
}
