import "./dialog.css";
import "./who.css";
import { byId, create } from "./dom";
import { current, endedFor, subscribe } from "./session";
import { SignInDialog } from "./sign-in-dialog";

/** The button in the header that says who one is, and opens the dialog to sign in and out. */
export function showWho(): void {
  const button = byId("who");
  const note = byId("who-note");
  const dialog = new SignInDialog((text) => {
    note.textContent = text;
  });
  button.addEventListener("click", () => dialog.open());
  const show = () => {
    const session = current();
    const ended = endedFor();
    note.textContent = ended === undefined ? "" : "Your session has ended.";
    if (session) button.replaceChildren(create("bdi", {}, session.name), `, ${session.role}`);
    else button.textContent = ended === undefined ? "Sign in" : "Sign in again";
  };
  subscribe(show);
  show();
}
