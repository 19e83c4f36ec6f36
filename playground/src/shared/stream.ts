import type { Film } from "./film";

/** Who hears of films, as `Live` does. */
interface Listener {
  readonly films: readonly number[];
  voted(film: Film): void;
  added(film: Film): void;
  lose(): void;
  catchUp(): Promise<void>;
}

const FIRST_WAIT = 2_000;
/** A connection that lived for so long was a good one. */
const LONG_LIFE = 30_000;
const LONGEST_WAIT = 120_000;

/**
 * The events of the films that anybody on the page watches, at most twenty, over one connection.
 *
 * A browser would connect again every few seconds for as long as the page is open, and each try costs a call of the
 * budget `browse`. So the connection is closed at the first error and opened again by this class: after twice the time
 * at each failure, not while nobody looks, and after a refusal not before the quota is back.
 */
export class Stream {
  #listeners: Listener[] = [];
  #read: (event: MessageEvent) => Film | undefined;
  #source: EventSource | undefined;
  /** The films of the source. */
  #films: number[] = [];
  /** The source before, until this one is open: what it tells is not missed. */
  #former: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wait = FIRST_WAIT;

  constructor(read: (event: MessageEvent) => Film | undefined) {
    this.#read = read;
  }

  join(listener: Listener): void {
    if (this.#listeners.length === 0) {
      document.addEventListener("visibilitychange", () => {
        if (document.hidden) this.#lose();
        else if (!this.#source) this.#openIn(0);
      });
      // A page kept for the way back would hold its connection, and could not be kept.
      addEventListener("pagehide", () => this.#lose());
    }
    this.#listeners.push(listener);
  }

  /** Somebody watches other films. */
  change(): void {
    const films = this.#watched();
    if (films.length === 0) this.#close();
    else if (this.#source && films.every((id) => this.#films.includes(id))) {
      this.#forgetTimer();
      if (this.#source.readyState === EventSource.OPEN) this.#catchUp();
    } else {
      this.#wait = FIRST_WAIT;
      // Who leafs through films opens nothing on the way.
      this.#openIn(400);
    }
  }

  #watched(): number[] {
    return [...new Set(this.#listeners.flatMap(({ films }) => films))].sort((a, b) => a - b);
  }

  #lose(): void {
    this.#close();
    for (const listener of this.#listeners) listener.lose();
  }

  #close(): void {
    this.#forgetTimer();
    this.#former?.close();
    this.#source?.close();
    this.#former = this.#source = undefined;
  }

  #forgetTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #openIn(milliseconds: number): void {
    this.#forgetTimer();
    if (this.#watched().length > 0 && !document.hidden)
      this.#timer = setTimeout(() => this.#open(), milliseconds);
  }

  #open(): void {
    this.#timer = undefined;
    this.#films = this.#watched();
    const source = new EventSource(`/v1/films/events?id=${this.#films.join()}`);
    // One that is not open yet has nothing to tell.
    if (this.#former) this.#source?.close();
    else this.#former = this.#source;
    this.#source = source;
    const opened = performance.now();
    source.addEventListener("open", () => {
      this.#former?.close();
      this.#former = undefined;
      this.#catchUp();
    });
    for (const what of ["voted", "added"] as const) {
      source.addEventListener(what === "voted" ? "filmVoted" : "filmAdded", (event) => {
        const film = this.#read(event);
        if (film) for (const listener of this.#listeners) listener[what](film);
      });
    }
    source.addEventListener("error", () => {
      const isRefused = source.readyState === EventSource.CLOSED;
      this.#lose();
      if (performance.now() - opened > LONG_LIFE) this.#wait = FIRST_WAIT;
      void this.#openAgain(isRefused);
    });
  }

  #catchUp(): void {
    for (const listener of this.#listeners) void listener.catchUp();
  }

  async #openAgain(isRefused: boolean): Promise<void> {
    let wait = this.#wait;
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    if (isRefused) wait = Math.max(wait, (await browseReset()) * 1000);
    // Unless other films are watched meanwhile.
    if (!this.#source && this.#timer === undefined) this.#openIn(wait);
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
