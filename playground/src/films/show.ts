import { type Answer, explain } from "../shared/api";
import { Countdown, clock, inWords } from "../shared/countdown";
import { byId } from "../shared/dom";
import { type Film, readFilm } from "../shared/film";
import { Live } from "../shared/live";
import { restAfter } from "../shared/pace";
import { isAbout } from "../shared/problem";
import { type Choice, Controls, VOTES, type Vote } from "./controls";
import type { Deck } from "./deck";
import { look } from "./look";
import type { Way } from "./motion";
import type { Past } from "./past";
import { Ticket } from "./ticket";
import type { Votes } from "./votes";
import { announce, filmInWords, voteInWords, withVote } from "./words";

/** Characters of a genre that is none which are told. */
const LONGEST = 60;

interface Parts {
  deck: Deck;
  past: Past;
  votes: Votes;
  /** Another film is shown, or none. */
  changed(): void;
  /** Somebody added a film. */
  added(film: Film): void;
  /** A button was pressed. */
  choose(choice: Choice): void;
}

/** One film at a time: what is shown, and what comes next. */
export class Show {
  readonly ticket = new Ticket();
  #controls: Controls;
  #countdown = new Countdown();
  #deck: Deck;
  #past: Past;
  #votes: Votes;
  #live: Live;
  /** A film is on its way, or the old one is still leaving: what is pressed now is meant for a film that is gone. */
  #busy = false;
  /** The film that was asked for while another was on its way. */
  #asked: (() => void) | undefined;
  #changed: () => void;

  constructor(parts: Parts) {
    this.#controls = new Controls(parts.choose);
    this.#deck = parts.deck;
    this.#past = parts.past;
    this.#votes = parts.votes;
    this.#changed = parts.changed;
    this.#live = new Live({ voted: (film) => this.count(film), added: parts.added });
    this.mark();
  }

  /** Somebody pressed a button, a key, or swiped. */
  choose(choice: Exclude<Choice, "undo" | "search">): void {
    if (this.#busy) return;
    const { before, after } = this.#past;
    if (choice === "back") {
      if (before) void this.#turn(before, "down");
    } else if (choice !== "next") this.#vote(choice);
    else if (after && this.ticket.film) void this.#turn(after, "up");
    else void this.#deal("up");
  }

  /** Begins anew with films of another genre, or of all. */
  begin(): void {
    if (this.#busy) this.#asked = () => this.begin();
    else void this.#deal("up");
  }

  /** Shows the film with this id, as a link to it asks. */
  async open(id: string): Promise<void> {
    if (this.#busy) {
      this.#asked = () => void this.open(id);
      return;
    }
    this.#busy = true;
    // Anything else would be another address: `events` one whose answer never ends.
    const isId = /^\d+$/.test(id);
    const answer = isId ? await look(`/v1/films/${id}`) : undefined;
    const film = readFilm(answer?.json);
    if (film) {
      void this.#votes.learn([film.id]);
      this.#deck.prepare();
      await this.#enter(film, "up", filmInWords(film));
    } else if (!isId || answer?.status === 404 || answer?.status === 400) {
      const text = `There is no film number ${id.slice(0, 20)}.`;
      this.#say("Not on the programme", text, "Show me another", () => this.choose("next"));
    } else this.#refused(answer, () => void this.open(id));
    this.#free();
  }

  /** Shows a film that is at hand. */
  async present(film: Film, words: string): Promise<void> {
    if (this.#busy) this.#asked = () => void this.present(film, words);
    else await this.#turn(film, "up", words);
  }

  /** The counts of a film, as somebody changed them. */
  count(film: Film): void {
    this.#past.refresh(film);
    if (film.id === this.ticket.film?.id) this.ticket.count(film);
  }

  /** The film is there no more. */
  drop(id: number): void {
    this.#past.drop(id);
    if (this.ticket.film?.id !== id) return;
    this.#say("Gone", "This film was taken off the programme.", "Next film", () => this.choose("next"));
  }

  /** Shows which vote is one's own, and what can be pressed. */
  mark(): void {
    const { film } = this.ticket;
    this.#controls.press(film && this.#votes.of(film.id));
    this.#controls.offer(film !== undefined, this.#past.before !== undefined);
  }

  /** A first vote leads on to the next film; whoever changes theirs stays. */
  #vote(vote: Vote): void {
    const { film } = this.ticket;
    if (!film) return;
    const before = this.#votes.of(film.id);
    this.#votes.cast(film, before === vote ? undefined : vote);
    if (before === undefined) void this.#lead(film, vote);
    else announce(voteInWords(before === vote ? undefined : vote, film));
  }

  async #lead(film: Film, vote: Vote): Promise<void> {
    const { stamp, way } = VOTES[vote];
    this.#busy = true;
    this.ticket.count(withVote(this.ticket.film ?? film, film, vote));
    await this.ticket.stamp(stamp);
    this.#busy = false;
    const { after } = this.#past;
    const words = voteInWords(vote, film);
    if (after) await this.#turn(after, way, `${words} ${filmInWords(after)}`);
    else await this.#deal(way, words);
  }

  async #turn(film: Film, way: Way, words = filmInWords(film)): Promise<void> {
    this.#busy = true;
    await this.#enter(film, way, words);
    this.#free();
  }

  async #deal(way: Way, words = ""): Promise<void> {
    this.#busy = true;
    const dealt = await this.#deck.deal();
    if ("id" in dealt) await this.#enter(dealt, way, `${words} ${filmInWords(dealt)}`.trim());
    // What can be no genre, as it is too long, is one that no film has.
    else if (dealt.answer?.ok || isAbout(dealt.answer?.problem, "/genre")) this.#none();
    else this.#refused(dealt.answer, () => this.choose("next"));
    this.#free();
  }

  async #enter(film: Film, way: Way, words: string): Promise<void> {
    this.#countdown.stop();
    announce(words);
    // The address is that of the film: it leads back after a reload, and can be sent to others.
    history.replaceState(null, "", `#${film.id}`);
    const isOld = this.#past.has(film.id) || this.#deck.isOld;
    this.#past.show(film);
    this.#live.watch([film.id], isOld);
    await this.ticket.show(film, way);
    this.#turned();
  }

  #none(): void {
    if (this.#deck.genre === undefined) {
      this.#say("No films yet", "The catalogue is empty. Add the first one.", "Add a film", () =>
        byId("add").click(),
      );
    } else {
      const text = `There is no film of the genre ${this.#deck.genre.slice(0, LONGEST)}.`;
      this.#say("None here", text, "All films", () => byId("all").click());
    }
  }

  /** A refusal in plain words; what comes back is asked for again by itself. */
  #refused(answer: Answer | undefined, again: () => void): void {
    if (!answer) {
      const text = "The box office does not answer: the server or your network is gone.";
      this.#say("No answer", text, "Try again", again);
    } else if (answer.status === 429 || answer.status === 503) this.#wait(answer, again);
    else if (answer.status === 403) {
      this.#say("Not from here", `The server did not take it. ${explain(answer)}`, "Try again", again);
    } else this.#say("Something broke", explain(answer), "Try again", again);
  }

  #wait(answer: Answer, again: () => void): void {
    const { seconds } = restAfter(answer);
    const why = answer.status === 429 ? "That was a lot at once." : "The house is very busy.";
    this.#say("Intermission", why, "Try now", again);
    announce(`${why} The next film comes in ${inWords(seconds)}.`);
    const tick = (left: number) =>
      this.ticket.amend(`${why} The next film comes by itself in ${clock(left)}.`);
    this.#countdown.start(seconds, tick, again);
  }

  /** A message in the place of a film. */
  #say(title: string, text: string, label: string, run: () => void): void {
    this.#countdown.stop();
    this.#live.watch([]);
    this.ticket.say({ title, text, action: { label, run } });
    announce(`${title}. ${text}`);
    this.#turned();
  }

  #turned(): void {
    this.mark();
    this.#changed();
  }

  /** What is pressed from now on is meant for the film that is shown. */
  #free(): void {
    this.#busy = false;
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.();
  }
}
