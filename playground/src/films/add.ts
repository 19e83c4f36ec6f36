import { type Answer, explain, NoAnswer, send } from "../shared/api";
import { Countdown, clock } from "../shared/countdown";
import { byId, create } from "../shared/dom";
import { type Film, readFilm } from "../shared/film";
import { restAfter } from "../shared/pace";
import { type FieldFault, pointerParts } from "../shared/problem";
import { readDraft } from "./draft";

/** Seconds for which a film waits by itself. */
const SHORT = 5;
const LABEL = "Add the film";
const FIELDS = ["name", "studio", "year", "genres"] as const;

/** The form for a new film. The server judges what is in it; this only says what it said. */
export class AddDialog {
  #dialog = byId<HTMLDialogElement>("dialog");
  #form = byId<HTMLFormElement>("form");
  #send = byId<HTMLButtonElement>("send");
  #fault = byId("fault");
  #countdown = new Countdown();
  #isBusy = false;
  /** Whether the dialog was open ever since the film was sent. */
  #isAwaited = false;
  #added: (film: Film) => void;

  constructor(added: (film: Film) => void) {
    this.#added = added;
    byId("add").addEventListener("click", () => this.#dialog.showModal());
    byId("cancel").addEventListener("click", () => this.#dialog.close());
    // Whoever closes it wants nothing sent.
    this.#dialog.addEventListener("close", () => {
      this.#isAwaited = false;
      this.#clear();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
  }

  async #submit(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = this.#isAwaited = true;
    this.#countdown.stop();
    this.#send.textContent = LABEL;
    const body = JSON.stringify(readDraft(new FormData(this.#form)));
    try {
      const headers = { "Content-Type": "application/json" };
      const answer = await send({ method: "POST", url: "/add_film", headers, body, signed: true });
      // What was said stays until there is something else to say.
      this.#clear();
      this.#judge(answer);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      this.#clear();
      if (this.#isAwaited)
        this.#fault.textContent = "No answer: the server or your network is gone. Please try again.";
    }
    this.#isBusy = false;
  }

  #judge(answer: Answer): void {
    const { status, problem } = answer;
    const film = readFilm(answer.json);
    if (film) {
      this.#dialog.close();
      this.#form.reset();
      this.#added(film);
    } else if (!this.#isAwaited) {
      // Nobody waits to be told why, and a film that is no longer wanted is not sent again.
      return;
    } else if (status === 409 && problem?.filmId) this.#exists(problem.filmId);
    else if (status === 403) {
      this.#fault.textContent = `Films cannot be added from here: whoever runs this server has not opened that to you. ${explain(answer)}`;
    } else if (status === 429) this.#wait(restAfter(answer).seconds);
    else if (problem?.fields.length) this.#point(problem.fields);
    else this.#fault.textContent = explain(answer);
  }

  #exists(id: string): void {
    const link = create("a", { href: `#${id}` }, "Show it");
    link.addEventListener("click", () => this.#dialog.close());
    this.#fault.replaceChildren("This film is already there. ", link);
  }

  /** A short wait ends with the film being sent, as a vote is; a long one is for the person to end. */
  #wait(seconds: number): void {
    const isShort = seconds <= SHORT;
    const told = (left: number) =>
      isShort
        ? `That was quick. The film is sent by itself in ${clock(left)}.`
        : `That was a lot of films at once. The next one is taken in ${clock(left)}.`;
    this.#countdown.start(
      seconds,
      (left) => {
        this.#send.textContent = isShort ? `Sent in ${clock(left)}` : `Add the film (in ${clock(left)})`;
        this.#fault.textContent ||= told(left);
      },
      () => {
        // The event that it was closed may be yet to come.
        if (!this.#dialog.open) return;
        this.#send.textContent = LABEL;
        if (isShort) void this.#submit();
        else this.#fault.textContent = "The film can be sent now.";
      },
    );
  }

  /** Says each fault beside its field, and leads to the first. */
  #point(faults: FieldFault[]): void {
    for (const { pointer, detail } of faults) {
      const [name = "", position] = pointerParts(pointer);
      const field = FIELDS.find((known) => known === name);
      if (!field) {
        this.#fault.textContent = `${pointer} ${detail}`;
        continue;
      }
      const label = position === undefined ? "" : `Genre ${Number(position) + 1} `;
      const fault = byId(`${field}-fault`);
      fault.textContent = [fault.textContent, `${label}${detail}`].filter(Boolean).join("; ");
      byId(`add-${field}`).setAttribute("aria-invalid", "true");
    }
    this.#form.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }

  #clear(): void {
    this.#countdown.stop();
    this.#send.textContent = LABEL;
    this.#fault.textContent = "";
    for (const field of FIELDS) {
      byId(`${field}-fault`).textContent = "";
      byId(`add-${field}`).removeAttribute("aria-invalid");
    }
  }
}
