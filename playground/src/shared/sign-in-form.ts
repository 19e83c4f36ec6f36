import { type Answer, explain, NoAnswer } from "./api";
import { Countdown, clock } from "./countdown";
import { create } from "./dom";
import { pointerParts } from "./problem";
import { current } from "./session";

/** One way to sign in: its fields, and what is wrong with them beside each. */
export class SignInForm {
  readonly element: HTMLFormElement;
  #label: string;
  #fields: Field[];
  #fault = create("p", { class: "fault", role: "alert" });
  #send: HTMLButtonElement;
  #countdown = new Countdown();
  #isBusy = false;

  /** `act` asks the server; `others` stands beside the button that does. */
  constructor(label: string, fields: Field[], others: HTMLElement[], act: () => Promise<Answer>) {
    this.#label = label;
    this.#fields = fields;
    this.#send = create("button", { class: "primary", type: "submit" }, label);
    const actions = create("div", { class: "actions" }, ...others, this.#send);
    // Faults are told in words of ours, beside the field.
    this.element = create(
      "form",
      { novalidate: true },
      ...fields.map(({ row }) => row),
      this.#fault,
      actions,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit(act);
    });
  }

  /** Nothing goes on behind a dialog that is closed. */
  stop(): void {
    this.#countdown.stop();
  }

  async #submit(act: () => Promise<Answer>): Promise<void> {
    if (this.#isBusy) return;
    this.#clear();
    for (const field of this.#fields) field.check();
    if (this.#lead()) return;
    this.#isBusy = true;
    try {
      const answer = await act();
      if (!current()) this.#judge(answer);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      this.#fault.textContent = "No answer: the server or your network is gone. Please try again.";
    }
    this.#isBusy = false;
  }

  #judge(answer: Answer): void {
    const { status, problem, retryAfter } = answer;
    if (status === 401) this.#fields.at(-1)?.point(explain(answer));
    else this.#fault.textContent = explain(answer);
    for (const { pointer, detail } of problem?.fields ?? []) {
      const [name] = pointerParts(pointer);
      const field = this.#fields.find(({ input }) => input.name === name);
      field?.point(`${field.label} ${detail}.`);
    }
    this.#lead();
    if ((status === 429 || status === 503) && retryAfter !== undefined) this.#wait(retryAfter);
  }

  #wait(seconds: number): void {
    this.#countdown.start(
      seconds,
      (left) => {
        this.#send.textContent = `${this.#label} (in ${clock(left)})`;
      },
      () => this.#clear(),
    );
  }

  /** To the first field that has a fault; whether there is one. */
  #lead(): boolean {
    const faulty = this.element.querySelector<HTMLElement>("[aria-invalid]");
    faulty?.focus();
    return faulty !== null;
  }

  #clear(): void {
    this.#countdown.stop();
    this.#send.textContent = this.#label;
    this.#fault.textContent = "";
    for (const field of this.#fields) field.clear();
  }
}

/** A field with its label and its fault. */
export class Field {
  readonly input: HTMLInputElement;
  readonly row: HTMLElement;
  #fault: HTMLElement;

  constructor(
    name: string,
    readonly label: string,
    attributes: Record<string, string>,
  ) {
    const id = `sign-in-${name}`;
    this.input = create("input", { id, name, required: true, spellcheck: "false", ...attributes });
    this.input.setAttribute("aria-describedby", `${id}-fault`);
    this.#fault = create("p", { id: `${id}-fault`, class: "fault" });
    this.row = create(
      "div",
      { class: "field" },
      create("label", { for: id }, label),
      this.input,
      this.#fault,
    );
  }

  get value(): string {
    return this.input.value;
  }

  /** Points at what need not be asked of the server. */
  check(): void {
    const { valid, valueMissing } = this.input.validity;
    if (!valid) this.point(valueMissing ? `${this.label} is missing.` : "This is none.");
  }

  point(fault: string): void {
    this.#fault.textContent = [this.#fault.textContent, fault].filter(Boolean).join(" ");
    this.input.setAttribute("aria-invalid", "true");
  }

  clear(): void {
    this.#fault.textContent = "";
    this.input.removeAttribute("aria-invalid");
  }
}
