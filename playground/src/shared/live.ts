import { type Film, readFilm } from "./film";
import { parseJson } from "./json";
import { Stream } from "./stream";

interface Listener {
  /** Somebody voted for a film that is watched. */
  voted(film: Film): void;
  /** Events may have been missed; without it, the films are asked for anew. */
  missed?(): void;
  /** Somebody added a film. */
  added?(film: Film): void;
}

/** Hears of votes for some films, over the one connection that a page has. */
export class Live {
  #listener: Listener;
  #films: number[] = [];
  /** Votes may have been missed since the films were read. */
  #hasGap = false;

  constructor(listener: Listener) {
    this.#listener = listener;
    stream.join(this);
  }

  get films(): readonly number[] {
    return this.#films;
  }

  /** Watches these films and no others. `hasGap`: they may have been voted for since they were read. */
  watch(films: number[], hasGap = false): void {
    if (films.join() === this.#films.join()) return;
    this.#films = films;
    this.#hasGap ||= hasGap;
    stream.change();
  }

  voted(film: Film): void {
    if (this.#films.includes(film.id)) this.#listener.voted(film);
  }

  added(film: Film): void {
    this.#listener.added?.(film);
  }

  /** From now on events are missed. */
  lose(): void {
    this.#hasGap = true;
  }

  /** The stream tells what comes, not what came while it was away. */
  async catchUp(): Promise<void> {
    if (!this.#hasGap) return;
    this.#hasGap = false;
    if (this.#listener.missed) return this.#listener.missed();
    for (const id of this.#films) {
      try {
        const film = readFilm(await (await fetch(`/v1/films/${id}`, { cache: "no-store" })).json());
        if (film) this.voted(film);
      } catch {
        // The next vote tells.
      }
    }
  }
}

/** One a page: a browser has six connections for all its windows, and each stream would hold one. */
const stream = new Stream((event) => readFilm(parseJson(event.data)));
