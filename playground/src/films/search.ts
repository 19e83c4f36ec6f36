import { type Answer, explain } from "../shared/api";
import { Countdown, clock } from "../shared/countdown";
import { byId, create } from "../shared/dom";
import { type FilmPage, readPage } from "../shared/film";
import { restAfter } from "../shared/pace";
import { look } from "./look";
import { counted } from "./words";

/** Milliseconds without a key after which a text is looked for: who types fast asks once. */
const PAUSE = 250;
/** Films that are offered. */
const FIRST = 8;
/** Texts whose answers are kept: who goes back a letter asks nobody. */
const KEPT = 50;

/** Finds films as one types: a field with a list below it, which keys walk through while the field has the focus. */
export class Search {
  #input = byId<HTMLInputElement>("search");
  #panel = byId("results");
  #list = byId("found");
  #note = byId("found-note");
  #known = new Map<string, FilmPage>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #countdown = new Countdown();
  #asking: AbortController | undefined;
  #chosen = -1;
  /** What the list is of. */
  #offered: string | undefined;
  /** Enter was pressed before there was an answer: the first film of it is meant. */
  #isMeant = false;

  constructor() {
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("focus", () => this.#input.value.trim() && this.#typed());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("blur", () => this.close());
    // A press on the list must not take the focus from the field before it is a click.
    this.#panel.addEventListener("pointerdown", (event) => event.preventDefault());
    this.#list.addEventListener("click", ({ target }) =>
      this.#open((target as Element).closest("[data-film]")),
    );
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  close(): void {
    this.#stop();
    this.#show(false);
  }

  #text(): string {
    return this.#input.value.trim().replaceAll(/\s+/g, " ").toLowerCase();
  }

  #typed(pause = PAUSE): void {
    this.#stop();
    const text = this.#text();
    const page = this.#known.get(text);
    if (!text) this.close();
    else if (page) this.#offer(text, page);
    // The server would refuse it, and it would cost a call.
    else if (!/[\p{L}\p{N}]/u.test(text)) this.#say("A letter or a digit is needed.");
    else this.#timer = setTimeout(() => void this.#ask(text), pause);
  }

  /** Nobody waits for what was asked before. */
  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isMeant = false;
    this.#countdown.stop();
    this.#asking?.abort();
    this.#asking = undefined;
  }

  async #ask(text: string): Promise<void> {
    const asking = new AbortController();
    this.#timer = undefined;
    this.#asking = asking;
    const query = new URLSearchParams({ q: text });
    const answer = await look(`/v1/films?${query}`, asking.signal);
    if (asking.signal.aborted) return;
    this.#asking = undefined;
    const whole = answer?.ok ? readPage(answer.json) : undefined;
    if (!whole) return this.#refused(text, answer);
    const page = { ...whole, films: whole.films.slice(0, FIRST) };
    this.#known.set(text, page);
    for (const [oldest] of this.#known) if (this.#known.size > KEPT) this.#known.delete(oldest);
    this.#offer(text, page);
  }

  #refused(text: string, answer: Answer | undefined): void {
    if (answer?.status === 429) {
      const tick = (left: number) =>
        this.#say(`That was a lot of searches. This one is made in ${clock(left)}.`);
      this.#countdown.start(restAfter(answer).seconds, tick, () => void this.#ask(text));
    } else if (answer) this.#say(explain(answer));
    else this.#say("No answer: the server or your network is gone. Type on to try again.");
  }

  #offer(text: string, { films, total }: FilmPage): void {
    this.#say(
      films.length === 0
        ? "No film has these words in its name or studio."
        : total > films.length
          ? `The best ${films.length} of ${counted(total, "film")}`
          : counted(total, "film"),
    );
    this.#list.replaceChildren(
      ...films.map(({ id, name, studio, year }) =>
        create(
          "div",
          { id: `found-${id}`, role: "option", "aria-selected": "false", "data-film": String(id) },
          create("bdi", { class: "film-name" }, name),
          create("span", { class: "soft" }, create("bdi", {}, studio), year === undefined ? "" : `, ${year}`),
        ),
      ),
    );
    this.#choose(-1);
    this.#offered = text;
    if (this.#isMeant) this.#open(this.#list.firstElementChild);
  }

  #say(text: string): void {
    this.#offered = undefined;
    this.#list.replaceChildren();
    this.#choose(-1);
    this.#note.textContent = text;
    this.#show(true);
  }

  #show(isOpen: boolean): void {
    this.#panel.hidden = !isOpen;
    this.#input.setAttribute("aria-expanded", String(isOpen));
  }

  #key(event: KeyboardEvent): void {
    // It belongs to whoever writes letters with several keys.
    if (event.isComposing) return;
    const films = [...this.#list.children];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && films.length) {
      // From the field to the first or the last one, and round.
      const at = this.#chosen + step;
      this.#choose(at < -1 ? films.length - 1 : at >= films.length ? -1 : at);
    } else if (event.key === "Enter") this.#enter(films[Math.max(this.#chosen, 0)]);
    else if (event.key === "Escape" && !this.#panel.hidden) this.close();
    else return;
    event.preventDefault();
  }

  /** Leads to what is offered for this very text, as soon as it is; a list that was closed is opened first. */
  #enter(film: Element | undefined): void {
    if (!this.#panel.hidden && this.#offered === this.#text()) this.#open(film);
    else if (this.#timer === undefined && this.#asking === undefined) this.#typed();
    else {
      if (this.#timer !== undefined) this.#typed(0);
      this.#isMeant = true;
    }
  }

  /** Leads to the film; the field is left, so that keys are votes again. */
  #open(film: Element | null | undefined): void {
    const id = (film as HTMLElement | undefined)?.dataset.film;
    if (id === undefined) return;
    this.#input.blur();
    location.hash = id;
  }

  #choose(index: number): void {
    this.#chosen = index;
    [...this.#list.children].forEach((film, at) => {
      film.setAttribute("aria-selected", String(at === index));
      if (at === index) film.scrollIntoView({ block: "nearest" });
    });
    const id = this.#list.children[index]?.id;
    if (id) this.#input.setAttribute("aria-activedescendant", id);
    else this.#input.removeAttribute("aria-activedescendant");
  }
}
