import { type Film, readFilms } from "../shared/film";
import { keep, recall } from "../shared/kept";

const STORED = "filmgate.past";
const LONGEST = 50;

/** The films of this tab in the order in which they were shown, and which of them is shown now. */
export class Past {
  #films: Film[];
  #at: number;

  constructor() {
    const { films, at } = Object(recall("session", STORED)) as Record<string, unknown>;
    this.#films = readFilms(films);
    this.#at = Number.isInteger(at)
      ? Math.min(Math.max(at as number, 0), this.#films.length - 1)
      : this.#films.length - 1;
  }

  /** The latest first. */
  get films(): Film[] {
    return this.#films.toReversed();
  }

  /** The film that is shown. */
  get film(): Film | undefined {
    return this.#films[this.#at];
  }

  /** The film before; undefined at the first one. */
  get before(): Film | undefined {
    return this.#films[this.#at - 1];
  }

  /** The film after this one, for who has gone back. */
  get after(): Film | undefined {
    return this.#films[this.#at + 1];
  }

  has(id: number): boolean {
    return this.#films.some((film) => film.id === id);
  }

  /** Shows a film: a neighbour is gone to, and any other one comes last. */
  show(film: Film): void {
    const steps = [0, -1, 1].find((step) => this.#films[this.#at + step]?.id === film.id);
    if (steps === undefined) {
      this.#films = [...this.#films.filter(({ id }) => id !== film.id), film].slice(-LONGEST);
      this.#at = this.#films.length - 1;
    } else this.#at += steps;
    this.refresh(film);
  }

  /** What is known of it now. */
  refresh(film: Film): void {
    this.#films = this.#films.map((known) => (known.id === film.id ? film : known));
    keep("session", STORED, { films: this.#films, at: this.#at });
  }

  /** It is there no more. */
  drop(id: number): void {
    const gone = this.#films.findIndex((film) => film.id === id);
    if (gone < 0) return;
    this.#films.splice(gone, 1);
    if (gone <= this.#at) this.#at -= 1;
    keep("session", STORED, { films: this.#films, at: this.#at });
  }
}
