import { type Film, readFilm } from "./film";
import { parseJson } from "./json";

interface Listener {
  /** Somebody voted for a film that is watched. */
  voted(film: Film): void;
  /** Events may have been missed; without it, the films are asked for anew. */
  missed?(): void;
  /** Somebody added a film. */
  added?(film: Film): void;
}

const FIRST_WAIT = 2_000;
/** A connection that lived for so long was a good one. */
const LONG_LIFE = 30_000;
const LONGEST_WAIT = 120_000;

/**
 * Hears of votes for some films, at most twenty, over one connection at a time.
 *
 * A browser would connect again every few seconds for as long as the page is open, and each try costs a call of the
 * budget `browse`. So the connection is closed at the first error and opened again by this class: after twice the time
 * at each failure, not while nobody looks, and after a refusal not before the quota is back.
 */
export class Live {
  #listener: Listener;
  #films: number[] = [];
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wait = FIRST_WAIT;
  /** Votes may have been missed since the film was shown. */
  #hasGap = false;

  constructor(listener: Listener) {
    this.#listener = listener;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#close(true);
      else if (!this.#source) this.#openIn(0);
    });
    // A page kept for the way back would hold its connection, and could not be kept.
    addEventListener("pagehide", () => this.#close(true));
  }

  /** Watches these films and no others. `hasGap`: they may have been voted for since they were read. */
  watch(films: number[], hasGap = false): void {
    if (films.join() === this.#films.join()) return;
    this.#films = films;
    this.#close(hasGap);
    this.#wait = FIRST_WAIT;
    // Who leafs through films opens nothing on the way.
    this.#openIn(400);
  }

  #close(hasGap: boolean): void {
    this.#hasGap = hasGap;
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  #openIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (this.#films.length === 0 || document.hidden) return;
    this.#timer = setTimeout(() => this.#open(), milliseconds);
  }

  #open(): void {
    const source = new EventSource(`/v1/films/events?id=${this.#films.join()}`);
    this.#source = source;
    const opened = performance.now();
    source.addEventListener("open", () => void this.#catchUp());
    source.addEventListener("filmVoted", (event) => this.#voted(readFilm(parseJson(event.data))));
    source.addEventListener("filmAdded", (event) => {
      const film = readFilm(parseJson(event.data));
      if (film) this.#listener.added?.(film);
    });
    source.addEventListener("error", () => {
      const isRefused = source.readyState === EventSource.CLOSED;
      this.#close(true);
      if (performance.now() - opened > LONG_LIFE) this.#wait = FIRST_WAIT;
      this.#openAgain(isRefused);
    });
  }

  #voted(film: Film | undefined): void {
    if (film && this.#films.includes(film.id)) this.#listener.voted(film);
  }

  /** The stream tells what comes, not what came while it was away. */
  async #catchUp(): Promise<void> {
    if (!this.#hasGap) return;
    this.#hasGap = false;
    if (this.#listener.missed) return this.#listener.missed();
    for (const film of this.#films) {
      try {
        this.#voted(readFilm(await (await fetch(`/v1/films/${film}`, { cache: "no-store" })).json()));
      } catch {
        // The next vote tells.
      }
    }
  }

  async #openAgain(isRefused: boolean): Promise<void> {
    const films = this.#films;
    let wait = this.#wait;
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    if (isRefused) wait = Math.max(wait, (await browseReset()) * 1000);
    if (films === this.#films && !this.#source) this.#openIn(wait);
  }
}

/** An EventSource does not tell why it was refused; asking how one stands is free. */
async function browseReset(): Promise<number> {
  try {
    const { limits } = await (await fetch("/v1/rate_limit")).json();
    const waits = limits
      .filter((limit: { bucket: string; remaining: number }) => limit.bucket === "browse" && !limit.remaining)
      .map((limit: { reset: number | null }) => limit.reset ?? 0);
    return Math.max(0, ...waits);
  } catch {
    return 0;
  }
}
