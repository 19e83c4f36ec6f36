import { inWords } from "./countdown";
import { create } from "./dom";
import { current, endedFor, type Session, subscribe } from "./session";
import { bring, signIn, signOut } from "./sign-in";
import { Field, SignInForm } from "./sign-in-form";

/** Where one signs in, sees who one is, and signs out. What was typed is gone when it is closed. */
export class SignInDialog {
  #dialog = create("dialog", { id: "sign-in", class: "dialog", "aria-labelledby": "sign-in-title" });
  #warn: (text: string) => void;

  /** `warn` is told what must be known when the dialog is closed. */
  constructor(warn: (text: string) => void) {
    this.#warn = warn;
    this.#dialog.addEventListener("close", () => this.#dialog.replaceChildren());
    document.body.append(this.#dialog);
    // What it shows is of the session before.
    subscribe(() => this.#dialog.close());
  }

  open(): void {
    const session = current();
    const title = create("h2", { id: "sign-in-title" }, session ? "Signed in" : "Sign in");
    this.#dialog.replaceChildren(title, ...(session ? this.#standing(session) : this.#ways()));
    this.#dialog.showModal();
  }

  #standing({ name, role, endsAt, isBrought }: Session): Node[] {
    const out = create("button", { class: "primary", type: "button" }, isBrought ? "Forget it" : "Sign out");
    out.addEventListener("click", async () => {
      if (await signOut()) return;
      this.#warn("Signed out here; the server did not confirm it, so the session may go on there.");
    });
    return [
      create("p", {}, "You are ", create("b", {}, create("bdi", {}, name)), `, ${role}.`),
      create("p", { class: "soft" }, endsAt === undefined ? KEPT : ends(endsAt)),
      create("div", { class: "actions" }, this.#closing(), out),
    ];
  }

  /** By name and password, or by what somebody brings along. */
  #ways(): Node[] {
    const ended = endedFor();
    const name = new Field("name", "Name", { autocomplete: "username", autocapitalize: "off" });
    const password = new Field("password", "Password", {
      type: "password",
      autocomplete: "current-password",
    });
    if (ended !== undefined) {
      name.input.value = ended;
      password.input.autofocus = true;
    }
    const token = new Field("token", "API key or token", {
      type: "password",
      autocomplete: "off",
      // What fits into a header.
      pattern: "\\s*[!-~]+\\s*",
    });
    const toToken = create("button", { class: "plain", type: "button" }, "Use a key");
    const toName = create("button", { class: "plain", type: "button" }, "Use a password");
    const byName = new SignInForm("Sign in", [name, password], [toToken, this.#closing()], () =>
      signIn(name.value, password.value),
    );
    const byToken = new SignInForm("Use it", [token], [toName, this.#closing()], () =>
      bring(token.value.trim()),
    );
    byToken.element.prepend(
      create("p", { class: "soft" }, `A key (fg_…) or another issuer's token. ${KEPT}`),
    );
    byToken.element.hidden = true;
    const show = (form: SignInForm, other: SignInForm) => {
      other.element.hidden = true;
      form.element.hidden = false;
      form.element.querySelector("input")?.focus();
    };
    toToken.addEventListener("click", () => show(byToken, byName));
    toName.addEventListener("click", () => show(byName, byToken));
    const forms = [byName, byToken];
    this.#dialog.addEventListener("close", () => forms.map((form) => form.stop()), { once: true });
    const why = create("p", {}, "Your session has ended. Sign in again to go on.");
    return [...(ended === undefined ? [] : [why]), ...forms.map(({ element }) => element)];
  }

  #closing(): HTMLElement {
    const close = create("button", { class: "plain", type: "button" }, "Close");
    close.addEventListener("click", () => this.#dialog.close());
    return close;
  }
}

const KEPT = "This page has it until the tab is closed.";

function ends(at: number): string {
  const when = new Date(at).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
  const minutes = Math.max(0, Math.round((at - Date.now()) / 60_000));
  const days = Math.round(minutes / 1440);
  const left = minutes ? inWords(minutes * 60) : "less than a minute";
  return `The session ends on ${when}, in ${days > 2 ? `${days} days` : left}.`;
}
