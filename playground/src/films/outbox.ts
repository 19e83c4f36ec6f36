import { type Answer, sendIfThere } from "../shared/api";
import { type Film, readFilm } from "../shared/film";
import { keep, recall } from "../shared/kept";
import { newKey } from "../shared/key";
import { restAfter } from "../shared/pace";
import { callerMark } from "../shared/session";
import type { Vote } from "./controls";

const STORED = "filmgate.outbox";
/** Votes that wait at most. */
export const MOST = 10;
/** Milliseconds after which a vote that found no server is sent again: twice as long each time. */
const FIRST_WAIT = 4_000;
const LONGEST_WAIT = 15_000;

/** What somebody wants their vote for a film to be. */
export interface Wish {
  film: Film;
  /** Undefined takes the vote back. */
  vote: Vote | undefined;
  /** Whose it is, as `callerMark` tells: it is sent as theirs or not at all. */
  caller: string;
  /** So that it counts once, however often it is sent: an answer may get lost. */
  key: string;
  /** Milliseconds since 1970: not sent before. */
  from: number;
  /** It was sent, and nobody knows whether it was counted. */
  isOut?: boolean;
}

export interface Listener {
  /** It is about to be sent, and may be counted from then on; one that must not be is dropped. */
  leaves(wish: Wish): void;
  /** It was surely not counted, and waits to be sent again. */
  waits(wish: Wish): void;
  /** The server has counted it. */
  counted(wish: Wish, film: Film, answer: Answer): void;
  /** It is not going to be counted. */
  refused(wish: Wish, answer: Answer): void;
  /** It was not counted, and now somebody else is the caller. */
  orphaned(wish: Wish): void;
  /** Something waits, or waits no more. */
  changed(): void;
}

/** Sends votes one by one, as fast as their budget lets it, and again until each has an answer. */
export class Outbox {
  #wishes: Wish[] = stored();
  #sending: Wish | undefined;
  /** Milliseconds since 1970: none is sent before. */
  #restUntil = 0;
  #wait = FIRST_WAIT;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What held up those that wait; undefined when no answer came. */
  #held: { answer: Answer | undefined } | undefined;
  #listener: Listener;

  constructor(listener: Listener) {
    this.#listener = listener;
    // Whoever leaves wants the votes counted: all go out at once, and again at the next look if they did not get through.
    addEventListener("pagehide", () => {
      for (const wish of [...this.#wishes]) this.#leave(wish);
      this.#wishes = this.#wishes.map((wish) => ({ ...wish, from: 0 }));
      this.#changed();
      clearTimeout(this.#timer);
      for (const wish of this.#wishes) void post(wish);
    });
    addEventListener("pageshow", ({ persisted }) => persisted && this.#plan());
    this.#plan();
  }

  get wishes(): readonly Wish[] {
    return this.#wishes;
  }

  /** Why those that wait do; undefined where nothing holds them up. */
  get held(): { answer: Answer | undefined } | undefined {
    return this.#held;
  }

  /** Milliseconds until the next one goes out. */
  get left(): number {
    const [first] = this.#wishes;
    return first ? Math.max(0, Math.max(first.from, this.#restUntil) - Date.now()) : 0;
  }

  of(film: number): Wish | undefined {
    return this.#wishes.findLast((wish) => wish.film.id === film);
  }

  /** Takes a vote to be sent after so many milliseconds, in place of what waits for the same film. */
  put(film: Film, vote: Vote | undefined, after: number): void {
    this.drop(film.id);
    this.#wishes.push({ film, vote, caller: callerMark(), key: newKey(), from: Date.now() + after });
    this.#changed();
    this.#plan();
  }

  /** What was not sent yet is not sent. */
  drop(film: number): void {
    this.#wishes = this.#wishes.filter((wish) => wish.film.id !== film || wish.isOut);
    this.#changed();
  }

  /** Somebody else is the caller: what waits is not sent as theirs, and what held it up was not meant for them. */
  turn(): void {
    const orphans = this.#wishes.filter(({ caller }) => caller !== callerMark());
    this.#wishes = this.#wishes.filter((wish) => !orphans.includes(wish));
    this.#restUntil = 0;
    this.#wait = FIRST_WAIT;
    this.#held = undefined;
    this.#changed();
    // One that is out may have been counted.
    for (const wish of orphans) if (!wish.isOut) this.#listener.orphaned(wish);
    this.#plan();
  }

  /** Tries at once. */
  retry(): void {
    this.#restUntil = 0;
    this.#plan();
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#wishes.length && !this.#sending) this.#timer = setTimeout(() => void this.#send(), this.left);
  }

  async #send(): Promise<void> {
    const [wish] = this.#wishes;
    if (!wish || this.#sending) return;
    if (!this.#leave(wish)) return this.#plan();
    this.#sending = wish;
    keep("session", STORED, this.#wishes);
    const answer = await post(wish);
    this.#sending = undefined;
    if (this.#wishes.includes(wish)) this.#judge(wish, answer);
    // The caller is another meanwhile, as when the answer says that the session has ended.
    else if (wish.caller !== callerMark() && answer && !answer.ok && !mayHaveCounted(answer))
      this.#listener.orphaned(wish);
    this.#plan();
  }

  #leave(wish: Wish): boolean {
    this.#listener.leaves(wish);
    wish.isOut = this.#wishes.includes(wish);
    return wish.isOut;
  }

  #judge(wish: Wish, answer: Answer | undefined): void {
    const rest = answer && restAfter(answer).seconds * 1000;
    if (mayHaveCounted(answer) || answer?.status === 429) {
      // A refusal for the quota was not counted, whatever becomes of all else.
      // As long as it is out: what is remembered and not out is taken for the vote of another tab.
      if (answer?.status === 429) this.#listener.waits(wish);
      wish.isOut = answer?.status !== 429;
      this.#restUntil = Date.now() + (rest || this.#wait);
      if (!rest) this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
      this.#held = { answer };
    } else if (answer) {
      this.#wishes = this.#wishes.filter((one) => one !== wish);
      this.#restUntil = Date.now() + (rest ?? 0);
      this.#wait = FIRST_WAIT;
      // The last of an hour holds up the next one as a refusal does.
      this.#held = rest ? { answer } : undefined;
      const film = readFilm(answer.json);
      if (answer.ok && film) this.#listener.counted(wish, film, answer);
      else this.#listener.refused(wish, answer);
    }
    this.#changed();
  }

  #changed(): void {
    keep("session", STORED, this.#wishes);
    this.#listener.changed();
  }
}

function post({ film, vote, key }: Wish): Promise<Answer | undefined> {
  const url = `/v1/films/${film.id}/${vote ?? "vote"}`;
  const headers = { "Idempotency-Key": `"${key}"` };
  return sendIfThere({ method: vote ? "POST" : "DELETE", url, headers, signed: true, outlives: true });
}

/** Nobody knows what became of it: sent again, it gets an answer. */
function mayHaveCounted(answer: Answer | undefined): boolean {
  return !answer || answer.status >= 500 || isBeingWorkedOn(answer);
}

/** The same vote, sent before, has no answer yet. */
function isBeingWorkedOn({ status, problem }: Answer): boolean {
  return status === 409 && problem?.code.startsWith("IDEMPOTENCY") === true;
}

function stored(): Wish[] {
  const kept = recall("session", STORED);
  return (Array.isArray(kept) ? kept : []).flatMap((one) => {
    const { film, vote, caller, key, from } = Object(one) as Record<string, unknown>;
    const read = readFilm(film);
    const isWish = (vote === "like" || vote === "dislike" || vote === undefined) && typeof key === "string";
    // Whatever it was when the page was left: it may have got through since.
    return read && isWish && typeof from === "number" && caller === callerMark()
      ? [{ film: read, vote, caller, key, from, isOut: true }]
      : [];
  });
}
