import { type Answer, sendIfThere } from "../shared/api";
import { type Film, readFilm } from "../shared/film";
import { keep, recall } from "../shared/kept";
import { pageOf, readList } from "../shared/page";
import { callerMark, current, subscribe } from "../shared/session";
import type { Vote } from "./controls";
import { MOST, Outbox, type Wish } from "./outbox";

const STORED = "filmgate.votes";
/** Milliseconds in which a vote can be undone with one press; without an account it is not sent before. */
const UNDO = 4_000;
/** Votes that are remembered in this browser. */
const REMEMBERED = 200;
/** Votes of before that are asked for; of others the server is asked film by film. */
const BEFORE = 100;

interface Own {
  film: Film;
  vote: Vote;
}

export interface Listener {
  /** The server has counted a vote: the film as it is now. */
  counted(film: Film, answer: Answer): void;
  /** A vote is not going to be counted. */
  refused(wish: Wish, answer: Answer): void;
  /** A vote was not counted, and now somebody else is the caller. */
  orphaned(wish: Wish): void;
  /** Another tab has cast another vote for the film, which stands. */
  stands(film: Film): void;
  /** What one wants, has or waits for is another. */
  changed(): void;
}

/**
 * One's own votes. Who is signed in has one a film, which the server knows, and may change it; a vote of anybody else is
 * counted for good, and this browser alone remembers it, for all its tabs.
 */
export class Votes {
  #outbox: Outbox;
  #listener: Listener;
  #of = callerMark();
  /** What was counted, the latest last. */
  #own = new Map<number, Own>();
  /** Whether the server may know of more. */
  #hasMore = false;
  #isMissing = false;
  #latest: { film: Film; before: Vote | undefined; until: number } | undefined;

  constructor(listener: Listener) {
    this.#listener = listener;
    this.#own = current() ? this.#own : remembered();
    this.#outbox = new Outbox({
      leaves: (wish) => this.#leave(wish),
      waits: (wish) => {
        if (!current()) this.#change((own) => own.delete(wish.film.id));
      },
      counted: (wish, film, answer) => {
        this.#settle(film, wish.vote);
        listener.counted(film, answer);
      },
      refused: (wish, answer) => {
        if (answer.status === 404 || !current()) this.forget(wish.film.id);
        listener.refused(wish, answer);
      },
      orphaned: (wish) => listener.orphaned(wish),
      changed: () => queueMicrotask(() => listener.changed()),
    });
    subscribe(() => this.#turn());
    addEventListener("storage", ({ key, newValue }) => {
      if (current() || (key !== STORED && key !== null)) return;
      if (newValue === null) this.#own.clear();
      this.#read();
      this.#listener.changed();
    });
    void this.#load();
  }

  /** What waits to be sent, and why. */
  get outbox(): Outbox {
    return this.#outbox;
  }

  /** One's vote for a film, counted or on its way. */
  of(film: number): Vote | undefined {
    const wish = this.#outbox.of(film);
    return wish ? wish.vote : this.#own.get(film)?.vote;
  }

  /** Whether it cannot be changed: a vote without an account that was counted, or may have been. */
  isFixed(film: number): boolean {
    const wish = this.#outbox.of(film);
    return !current() && (wish ? wish.isOut === true : this.#own.has(film));
  }

  get isFull(): boolean {
    return this.#outbox.wishes.length >= MOST;
  }

  /** The films that one likes, the latest first. */
  get liked(): Film[] {
    const wished = this.#outbox.wishes.map(({ film, vote }) => ({ film, vote }));
    const known = [...this.#own.values()].filter(({ film }) => !this.#outbox.of(film.id));
    return [...known, ...wished]
      .filter(({ vote }) => vote === "like")
      .map(({ film }) => film)
      .reverse();
  }

  /** Whether the server did not tell of one's votes of before. */
  get isMissing(): boolean {
    return this.#isMissing;
  }

  /** Casts, switches or (undefined) takes back a vote. */
  cast(film: Film, vote: Vote | undefined): void {
    this.#latest = { film, before: this.of(film.id), until: Date.now() + UNDO };
    // A moment later, when it can surely be undone no more.
    setTimeout(() => this.#listener.changed(), UNDO + 50);
    this.#want(film, vote);
  }

  /** The vote that one press undoes. */
  get undoable(): Film | undefined {
    const { film, until } = this.#latest ?? { until: 0 };
    if (!film || this.isFixed(film.id)) return undefined;
    const waits = this.#outbox.of(film.id) !== undefined;
    return waits || (current() && Date.now() < until) ? film : undefined;
  }

  undo(): Film | undefined {
    const film = this.undoable;
    if (film) this.#want(film, this.#latest?.before);
    this.#latest = undefined;
    return film;
  }

  /** Learns of one's votes for these films, where they are not known anyway. */
  async learn(films: number[]): Promise<void> {
    const unknown = films.filter((id) => !this.#own.has(id));
    if (!this.#hasMore || !unknown.length) return;
    const of = this.#of;
    const answer = await ask(`/v1/me/votes?film=${unknown.join()}`);
    const page = answer?.ok ? pageOf(answer.json, "votes") : undefined;
    if (page && of === this.#of) this.#know(page.entries);
  }

  /** The film is there no more. */
  forget(film: number): void {
    this.#outbox.drop(film);
    this.#change((own) => own.delete(film));
  }

  /** What this browser remembers is forgotten; what was counted stays counted. */
  forgetAll(): void {
    this.#change((own) => own.clear());
    this.#listener.changed();
  }

  #want(film: Film, vote: Vote | undefined): void {
    const isAsCounted = vote === this.#own.get(film.id)?.vote && !this.#outbox.of(film.id)?.isOut;
    if (isAsCounted) this.#outbox.drop(film.id);
    else this.#outbox.put(film, vote, current() ? 0 : UNDO);
  }

  #settle(film: Film, vote: Vote | undefined): void {
    this.#change((own) => {
      own.delete(film.id);
      if (vote) own.set(film.id, { film, vote });
    });
  }

  /** A vote without an account is remembered before it is sent: its answer may find nobody here. */
  #leave(wish: Wish): void {
    if (current()) return;
    this.#read();
    const isThere = this.#outbox.wishes.includes(wish);
    if (isThere && !this.#own.has(wish.film.id)) this.#settle(wish.film, wish.vote);
  }

  /** Changes what other tabs may have changed meanwhile. */
  #change(change: (own: Map<number, Own>) => void): void {
    this.#read();
    change(this.#own);
    if (!current()) keep("local", STORED, [...this.#own.values()].slice(-REMEMBERED));
  }

  /** Reads what this browser remembers; what another tab has sent is not sent from here as well. */
  #read(): void {
    const kept = current() ? undefined : recall("local", STORED);
    // A browser that keeps nothing: see `keep`.
    if (kept === undefined) return;
    this.#own = byFilm(readOwn(kept, "vote"));
    for (const { film, vote, isOut } of this.#outbox.wishes) {
      const own = this.#own.get(film.id);
      if (!own || isOut) continue;
      this.#outbox.drop(film.id);
      if (own.vote !== vote) this.#listener.stands(film);
    }
  }

  /** Somebody signed in or out: their votes are others. */
  #turn(): void {
    if (callerMark() === this.#of) return;
    this.#of = callerMark();
    this.#latest = undefined;
    this.#own = current() ? new Map() : remembered();
    this.#outbox.turn();
    this.#listener.changed();
    void this.#load();
  }

  async #load(): Promise<void> {
    this.#hasMore = false;
    this.#isMissing = false;
    if (!current()) return;
    this.#hasMore = true;
    const of = this.#of;
    const list = await readList("/v1/me/votes", "votes", BEFORE, ask);
    if (of !== this.#of) return;
    this.#isMissing = !list;
    if (list) this.#hasMore = list.total > list.entries.length;
    this.#know(list?.entries ?? []);
  }

  /** What was counted meanwhile is later, and what was known before is as it was. */
  #know(votes: unknown[]): void {
    const read = readOwn(votes, "direction").reverse();
    this.#own = new Map([...byFilm(read), ...this.#own]);
    this.#listener.changed();
  }
}

const ask = (url: string) => sendIfThere({ method: "GET", url, signed: true });

function remembered(): Map<number, Own> {
  return byFilm(readOwn(recall("local", STORED), "vote"));
}

function byFilm(votes: Own[]): Map<number, Own> {
  return new Map(votes.map((own) => [own.film.id, own]));
}

function readOwn(json: unknown, member: string): Own[] {
  return (Array.isArray(json) ? json : []).flatMap((one) => {
    const { film, [member]: vote } = Object(one) as Record<string, unknown>;
    const read = readFilm(film);
    return read && (vote === "like" || vote === "dislike") ? [{ film: read, vote }] : [];
  });
}
