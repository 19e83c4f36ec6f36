import type { Answer } from "../shared/api";
import { type Film, readFilms, readPage } from "../shared/film";
import { keep, recall } from "../shared/kept";
import { isAbout } from "../shared/problem";
import { look } from "./look";

const STORED = "filmgate.deck";
/** With so few ahead the next page is asked for, so that nobody waits for it. */
const FEW = 4;
/** Pages in a row that may have no film, as those of films that were removed meanwhile. */
const EMPTY_PAGES = 5;
/** Milliseconds for which the counts of a page are taken as they are. */
const FRESH = 60_000;

/** What came in the place of a film: a page without any, a refusal, or (undefined) no answer. */
export interface NoFilm {
  answer: Answer | undefined;
}

/**
 * Deals films from a walk through all of them, or through those of a genre: every film once, in a random order. A page
 * as long as the server makes it (twenty) is one call of `browse`, so the budget `film` is for votes. The walk goes on after a reload.
 */
export class Deck {
  #genre: string | undefined;
  #ahead: Film[] = [];
  /** What the next page comes after; undefined where another walk has to begin. */
  #next: string | undefined;
  #loading: Promise<Answer | undefined> | undefined;
  #total: number | undefined;
  /** Which walk it is: a page of the one before is not dealt. */
  #walk = 0;
  /** When the last page came, in milliseconds since 1970. */
  #asked = 0;
  /** The film that was dealt last. */
  #last: number | undefined;
  #loaded: (films: Film[]) => void;

  /** `loaded` hears of the films of every page. */
  constructor(genre: string | undefined, loaded: (films: Film[]) => void) {
    this.#genre = genre;
    this.#loaded = loaded;
    const { of, ahead, next } = Object(recall("session", STORED)) as Record<string, unknown>;
    if ((of ?? undefined) !== genre) return;
    this.#ahead = readFilms(ahead);
    this.#next = typeof next === "string" ? next : undefined;
  }

  get genre(): string | undefined {
    return this.#genre;
  }

  /** Whether films of before a reload come first. */
  get isResumed(): boolean {
    return this.#ahead.length > 0 && this.#walk === 0;
  }

  /** How many films the walk goes through; undefined before the first page. */
  get total(): number | undefined {
    return this.#total;
  }

  /** Whether the counts of what it deals are of a while ago. */
  get isOld(): boolean {
    return Date.now() - this.#asked > FRESH;
  }

  /** Begins a walk through the films of this genre, or through all. */
  choose(genre: string | undefined): void {
    this.#genre = genre;
    this.#ahead = [];
    this.#next = undefined;
    this.#loading = undefined;
    this.#walk += 1;
  }

  /** Has films ready, so that nobody waits for the next one. */
  prepare(): void {
    if (this.#ahead.length < FEW && (this.#next !== undefined || this.#ahead.length === 0)) void this.#load();
  }

  /** The next film. */
  async deal(): Promise<Film | NoFilm> {
    let answer: Answer | undefined;
    const walk = this.#walk;
    for (let page = 0; this.#ahead.length === 0 && page < EMPTY_PAGES; page += 1) {
      answer = await this.#load();
      // A page of the walk before is none of this one.
      if (walk !== this.#walk) return this.deal();
      if (!answer?.ok) break;
    }
    const film = this.#ahead.shift();
    if (!film) return { answer };
    this.#last = film.id;
    if (this.#next !== undefined) this.prepare();
    this.#keep();
    return film;
  }

  /** Asks for a page, once however many wait for it. */
  #load(): Promise<Answer | undefined> {
    const loading = this.#loading ?? this.#ask(this.#walk);
    this.#loading = loading;
    void loading.then(() => {
      if (this.#loading === loading) this.#loading = undefined;
    });
    return loading;
  }

  async #ask(walk: number): Promise<Answer | undefined> {
    const after = this.#next;
    const query = new URLSearchParams({ sort: "shuffled" });
    if (this.#genre !== undefined) query.set("genre", this.#genre);
    if (after !== undefined) query.set("after", after);
    const answer = await look(`/v1/films?${query}`);
    // Another genre was chosen meanwhile.
    if (walk !== this.#walk) return answer;
    // The catalogue may have been exchanged since the cursor was given: then another walk begins.
    const isForeign = answer?.status === 400 || isAbout(answer?.problem, "/after");
    if (isForeign && after !== undefined) {
      this.#next = undefined;
      return this.#ask(walk);
    }
    const page = answer?.ok ? readPage(answer.json) : undefined;
    if (!page) return answer;
    this.#next = page.next;
    this.#asked = Date.now();
    this.#total = page.total;
    // Not the film that is shown just now, where another walk begins with it.
    const [first, ...others] = page.films;
    const isAgain = first !== undefined && first.id === this.#last && others.length > 0;
    this.#ahead.push(...(isAgain ? [...others, first] : page.films));
    this.#loaded(page.films);
    this.#keep();
    return answer;
  }

  #keep(): void {
    keep("session", STORED, { of: this.#genre, ahead: this.#ahead, next: this.#next });
  }
}
