import { type Answer, explain, NoAnswer, send } from "../shared/api";
import { Countdown, clock, inWords } from "../shared/countdown";
import { byId } from "../shared/dom";
import { type Film, readFilm } from "../shared/film";
import { Live } from "../shared/live";
import { restAfter } from "../shared/pace";
import { quotaInWords } from "../shared/quota-words";
import { current, subscribe } from "../shared/session";
import { CHOICES, type Choice, Controls, type Vote } from "./controls";
import { Note } from "./note";
import { OwnVotes } from "./own-votes";
import { Ticket } from "./ticket";
import { announce, filmInWords, quick, withVote } from "./words";

/** A rest that is over before a person has looked at the next film is not worth a word. */
const NOTICED = 1.5;

/** One film at a time: what is shown, what may be pressed and when. */
export class Show {
  readonly ticket = new Ticket(() => this.#showOwn());
  #controls = new Controls((choice) => this.choose(choice));
  #note = new Note();
  #own = new OwnVotes();
  #live: Live;
  #countdown = new Countdown();
  /** A call is on its way, or the old film is still leaving: what is pressed now is meant for a film that is gone. */
  #busy = false;
  /** As of `performance.now()`: no call of the film budget passes before. */
  #restUntil = 0;
  /** The film that was asked for by its link while another was on its way. */
  #asked: string | undefined;
  /** What was pressed during a rest goes out at its end. */
  #queued: Choice | undefined;

  constructor(added: (film: Film) => void) {
    this.#live = new Live({
      voted: (film) => {
        if (film.id === this.ticket.film?.id) this.ticket.count(film);
      },
      added,
    });
    subscribe(() => this.#showOwn());
  }

  /** Somebody pressed a button, a key, or swiped. */
  choose(choice: Choice): void {
    if (this.#busy) return;
    if (choice !== "next" && !this.ticket.film) return;
    if (performance.now() < this.#restUntil) {
      // Pressed again, it is taken back.
      this.#queued = this.#queued === choice ? undefined : choice;
      this.#controls.arm(this.#queued);
      return;
    }
    void this.#play(choice);
  }

  /** Shows the film with this id, as a link to it asks. */
  async open(id: string): Promise<void> {
    if (this.#busy) {
      this.#asked = id;
      return;
    }
    const answer = await this.#call(`/v1/films/${encodeURIComponent(id)}`, () => this.open(id));
    if (!answer) return;
    const film = readFilm(answer.json);
    if (film) await this.#enter(film, filmInWords(film));
    else if (answer.status === 404 || answer.status === 400) {
      this.#empty(
        "Not on the programme",
        `There is no film number ${id.slice(0, 20)}.`,
        "Show me another",
        () => {
          this.choose("next");
        },
      );
    } else if (answer.status === 429) {
      this.#trouble("One moment", explain(answer), () => this.open(id));
    } else this.#refused(answer, () => this.open(id));
    this.#free();
  }

  /** Shows a film that is at hand. */
  async present(film: Film, words: string): Promise<void> {
    if (this.#busy) {
      this.#asked = String(film.id);
      return;
    }
    this.#busy = true;
    await this.#enter(film, words);
    this.#free();
  }

  async #enter(film: Film, words: string): Promise<void> {
    this.#note.clear();
    announce(words);
    this.#live.watch(film.id);
    await this.ticket.show(film, "up");
    this.#controls.offerVotes(true);
  }

  /** Who is signed in has one vote a film, and sees it. */
  #showOwn(): void {
    const film = this.ticket.film;
    const isMine = current() !== undefined && film !== undefined;
    this.#controls.press(isMine ? (this.#own.of(film.id) ?? "none") : undefined);
  }

  /** What is pressed from now on is meant for the film that is shown. */
  #free(): void {
    this.#busy = false;
    const asked = this.#asked;
    this.#asked = undefined;
    this.#rest();
    if (asked !== undefined) void this.open(asked);
  }

  async #play(choice: Choice): Promise<void> {
    const voted = this.ticket.film;
    const { query, stamp, way } = CHOICES[choice];
    if (query && voted && current()) return this.#opine(query, voted);
    const answer = await this.#call(
      query && voted ? `/?${query}=${voted.id}` : "/",
      () => this.#play(choice),
      choice,
    );
    if (!answer) return;
    const film = readFilm(answer.json);
    if (film) {
      this.#note.clear();
      if (stamp && query && voted) {
        this.#controls.arm(choice);
        this.ticket.count(withVote(this.ticket.film ?? voted, voted, query));
        await this.ticket.stamp(stamp);
      }
      announce(`${stamp ? `${stamp} ${voted?.name}. ` : ""}${filmInWords(film)}`);
      // A link to the film before is no link to this one.
      if (location.hash) history.replaceState(null, "", location.pathname);
      this.#live.watch(film.id);
      await this.ticket.show(film, way);
      this.#controls.offerVotes(true);
    } else this.#refused(answer, () => this.#play(choice));
    this.#free();
  }

  /** A vote that is one's own: the other way switches it, and the same again takes it back. The film stays. */
  async #opine(vote: Vote, film: Film): Promise<void> {
    const withdraws = this.#own.of(film.id) === vote;
    const [method, part] = withdraws ? (["DELETE", "vote"] as const) : (["POST", vote] as const);
    const answer = await this.#call(`/v1/films/${film.id}/${part}`, () => this.#play(vote), vote, method);
    if (!answer) return;
    const counted = readFilm(answer.json);
    if (answer.ok && counted) {
      this.#note.clear();
      this.#own.set(film.id, withdraws ? undefined : vote);
      this.ticket.count(counted);
      this.#showOwn();
      const done = withdraws ? "Vote taken back" : (CHOICES[vote].stamp ?? "");
      announce(`${done}. ${filmInWords(counted)}`);
    } else this.#refused(answer, () => this.#play(vote));
    this.#free();
  }

  /** Sends, and minds the quota; undefined when no answer came, which has then been told. */
  async #call(url: string, again: () => void, choice?: Choice, method = "GET"): Promise<Answer | undefined> {
    this.#busy = true;
    this.#queued = undefined;
    this.#controls.arm(choice);
    try {
      const call = { method, url, signed: true };
      let answer = await send(call);
      // What is only looked at is there for everybody, also for whose session has just ended.
      if (answer.status === 401 && method === "GET" && !current()) answer = await send(call);
      // All else is a film that is looked at, which draws from another budget.
      const isOfFilm = choice !== undefined;
      if (isOfFilm) {
        this.#restUntil = answer.at + restAfter(answer).seconds * 1000;
        byId("quota").textContent = quotaInWords(answer.quota);
        this.#why = quick(answer);
      }
      return answer;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      this.#busy = false;
      const doubt =
        choice === "like" || choice === "dislike" ? " Your vote may have got through all the same." : "";
      this.#trouble(
        "No answer",
        `The box office does not answer: the server or your network is gone.${doubt}`,
        again,
      );
      return undefined;
    } finally {
      this.#controls.arm(undefined);
    }
  }

  #why = "";

  /** A refusal in plain words. */
  #refused(answer: Answer, again: () => void): void {
    const detail = explain(answer);
    if (answer.status === 429) {
      // The rest that follows tells when; without a film, the next one comes by itself.
      if (!this.ticket.film) this.#queued = "next";
    } else if (answer.status === 404 && this.ticket.film) {
      this.#trouble("Gone", "This film was taken off the programme.", () => this.choose("next"), "Next film");
    } else if (answer.status === 404) {
      this.#empty("No films yet", "The catalogue is empty. Add the first one.", "Add a film", () =>
        byId("add").click(),
      );
    } else if (answer.status === 401 && !current()) {
      this.#trouble("Signed out", "Your session has ended, so this was not counted.", again);
    } else if (answer.status === 403) {
      this.#trouble(
        "Not from here",
        `The server did not take it. ${detail}`,
        () => this.choose("next"),
        "Next film",
      );
    } else if (answer.status === 503) {
      this.#trouble("A moment, please", `The house is very busy. ${detail}`, again);
    } else this.#trouble("Something broke", detail, again);
  }

  /** Beside the film, or in its place where there is none. */
  #trouble(title: string, text: string, run: () => void, label = "Try again"): void {
    if (this.ticket.film) this.#note.say(text, { label, run });
    else this.#empty(title, text, label, run);
    announce(text);
  }

  #empty(title: string, text: string, label: string, run: () => void): void {
    this.#live.watch(undefined);
    this.#note.clear();
    this.#controls.offerVotes(false);
    this.ticket.say({ title, text, action: { label, run } });
    announce(`${title}. ${text}`);
  }

  /** Lets the buttons rest until the next call passes. */
  #rest(): void {
    const seconds = (this.#restUntil - performance.now()) / 1000;
    if (seconds <= 0) {
      this.#wake();
      return;
    }
    if (seconds < NOTICED) {
      this.#countdown.start(
        seconds,
        () => {},
        () => this.#wake(),
      );
      return;
    }
    this.#controls.rest(true);
    const whole = Math.ceil(seconds);
    announce(`${this.#why} The next film comes in ${inWords(whole)}.`);
    if (!this.ticket.film && this.#queued) {
      this.#controls.offerVotes(false);
      this.ticket.say({ title: "Intermission", text: "" });
    }
    const tick = (left: number) => {
      const then = this.#queued && this.ticket.film ? CHOICES[this.#queued].later : "The next film comes in";
      const text = `${this.#why} ${then} ${clock(left)}.`;
      if (!this.ticket.film && this.#queued) this.ticket.amend(text);
      // A trouble that is told with a button stays.
      else if (this.ticket.film && !this.#note.isAsking) this.#note.say(text);
    };
    this.#countdown.start(seconds, tick, () => this.#wake());
  }

  #wake(): void {
    this.#controls.rest(false);
    this.#controls.arm(undefined);
    const choice = this.#queued;
    this.#queued = undefined;
    if (choice) void this.#play(choice);
    else if (this.#note.isWaiting) {
      this.#note.clear();
      announce("The next film is ready.");
    }
  }
}
